package network.tender.node;

import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.threadchecker.BlockedThreadEvent;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said of threads that are held up. A start is mostly loading of classes, on event loops
 * too, and nobody waits behind it yet: only what is long even then is worth a line.
 */
final class BlockedThreads {
  /** How long something of a start may hold a thread without a word. */
  static final long STARTING_LIMIT_MILLIS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(BlockedThreads.class);

  private BlockedThreads() {}

  /** From now on the node starts. */
  static void starting(Vertx vertx) {
    ((VertxInternal) vertx)
        .blockedThreadChecker()
        .setThreadBlockedHandler(BlockedThreads::tellWhileStarting);
  }

  /** From now on it serves, and Vert.x says what it always does. */
  static void serving(Vertx vertx) {
    ((VertxInternal) vertx).blockedThreadChecker().setThreadBlockedHandler(null);
  }

  static void tellWhileStarting(BlockedThreadEvent event) {
    long millis = TimeUnit.NANOSECONDS.toMillis(event.duration());
    if (millis >= STARTING_LIMIT_MILLIS) {
      LOG.warn(
          "Thread {} has been blocked for {} ms while the node starts",
          event.thread().getName(),
          millis);
    }
  }
}
