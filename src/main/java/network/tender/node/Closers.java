package network.tender.node;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been started, to be stopped in the opposite order; a part that does not stop well never
 * keeps the others from stopping.
 */
final class Closers {
  private record Closer(String name, Supplier<Future<Void>> close) {}

  private static final Logger LOG = LoggerFactory.getLogger(Closers.class);

  private final Deque<Closer> started = new ConcurrentLinkedDeque<>();

  /** Notes a part that has been started. */
  void add(String name, Supplier<Future<Void>> close) {
    started.push(new Closer(name, close));
  }

  /**
   * Stops everything, the last started first. The Future belongs to no context: the contexts are
   * among what is stopped.
   */
  Future<Void> close() {
    Promise<Void> done = Promise.promise();
    closeNext(done);
    return done.future();
  }

  private void closeNext(Promise<Void> done) {
    Closer next = started.poll();
    if (next == null) {
      done.complete();
      return;
    }
    LOG.debug("Stopping {}", next.name());
    Future<Void> closed;
    try {
      closed = next.close().get();
    } catch (RuntimeException e) {
      closed = Future.failedFuture(e);
    }
    closed.onComplete(
        result -> {
          if (result.failed()) {
            LOG.warn("{} did not stop well: {}", next.name(), result.cause().toString());
          }
          closeNext(done);
        });
  }
}
