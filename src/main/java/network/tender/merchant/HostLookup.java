package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.resolver.NameResolver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Finds the addresses of a host. */
@FunctionalInterface
public interface HostLookup {
  /** The addresses, at least one; fails if there is no such host. */
  Future<List<InetAddress>> lookup(String host);

  /**
   * The lookup of Vert.x, which holds no thread while a name server is silent: names that are slow,
   * which every store may choose, hold up no others. Few are under way at a time, and none for more
   * than five seconds.
   */
  static HostLookup ofVertx(Vertx vertx, MeterRegistry registry) {
    return ofResolver(vertx, () -> ((VertxInternal) vertx).nameResolver(), registry);
  }

  /** The same by a resolver, which is asked for when a name is. */
  static HostLookup ofResolver(
      Vertx vertx, Supplier<NameResolver> resolver, MeterRegistry registry) {
    int most = 256;
    int seconds = 5;
    Counter refused =
        Counter.builder("tender_host_lookups_refused")
            .description("Lookups of host names that were not begun: too many were under way")
            .register(registry);
    AtomicInteger underWay = new AtomicInteger();
    return host -> {
      if (underWay.incrementAndGet() > most) {
        underWay.decrementAndGet();
        refused.increment();
        return Future.failedFuture("Too many host names are looked up; try again.");
      }
      Context here = vertx.getOrCreateContext();
      Promise<List<InetAddress>> found = Promise.promise();
      resolver
          .get()
          .resolveAll(
              host,
              done ->
                  here.runOnContext(
                      back -> {
                        if (done.succeeded()) {
                          found.tryComplete(
                              done.result().stream().map(InetSocketAddress::getAddress).toList());
                        } else {
                          found.tryFail(done.cause());
                        }
                      }));
      return found
          .future()
          .timeout(seconds, TimeUnit.SECONDS)
          .onComplete(done -> underWay.decrementAndGet());
    };
  }
}
