package network.tender.webhook;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.util.List;

/** Finds the addresses of a host. */
@FunctionalInterface
public interface HostLookup {
  /** The addresses, at least one; fails if there is no such host. */
  Future<List<InetAddress>> lookup(String host);

  /**
   * The lookup of the operating system, on threads of its own: a name server that hangs must hold
   * up nothing else.
   */
  static HostLookup ofSystem(Vertx vertx, int threads) {
    WorkerExecutor executor = vertx.createSharedWorkerExecutor("tender-host-lookup", threads);
    return host -> executor.executeBlocking(() -> List.of(InetAddress.getAllByName(host)), false);
  }
}
