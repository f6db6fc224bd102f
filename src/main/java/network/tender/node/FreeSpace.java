package network.tender.node;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Whether the disk of the embedded database has room. Asking a disk may block for as long as the
 * disk likes, so it is asked now and then on a thread of its own, and an old answer counts as none.
 */
final class FreeSpace {
  static final String TOO_LITTLE =
      "less than 256 MB are free for the database, or its disk does not answer";

  /** Some minutes of full load, and what PostgreSQL needs to recover. */
  static final long LEAST_BYTES = 256_000_000;

  private static final long MEASURE_MILLIS = 10_000;
  private static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final LongSupplier usableBytes;
  private final LongSupplier nanoClock;
  private final AtomicBoolean measuring = new AtomicBoolean();
  private volatile long bytes;
  private volatile long measuredNanos;

  /**
   * Not measured yet.
   *
   * @param usableBytes asks the disk; may block
   * @param nanoClock for the age of the answer, as {@link System#nanoTime}
   */
  FreeSpace(LongSupplier usableBytes, LongSupplier nanoClock) {
    this.usableBytes = usableBytes;
    this.nanoClock = nanoClock;
  }

  /** Measures from now on. */
  Future<Void> start(Vertx vertx, Closers closers) {
    WorkerExecutor worker = vertx.createSharedWorkerExecutor("tender-disk", 1, 1, TimeUnit.MINUTES);
    long timer = vertx.setPeriodic(MEASURE_MILLIS, id -> measure(worker));
    closers.add(
        "disk",
        () -> {
          vertx.cancelTimer(timer);
          return worker.close();
        });
    return measure(worker);
  }

  private Future<Void> measure(WorkerExecutor worker) {
    if (!measuring.compareAndSet(false, true)) {
      return Future.succeededFuture();
    }
    return worker
        .executeBlocking(
            () -> {
              measure();
              return null;
            })
        .onComplete(done -> measuring.set(false))
        .mapEmpty();
  }

  /** Asks the disk; may block. */
  void measure() {
    bytes = usableBytes.getAsLong();
    measuredNanos = nanoClock.getAsLong();
  }

  /** True if there was enough room a short while ago. */
  boolean isEnough() {
    return bytes >= LEAST_BYTES && nanoClock.getAsLong() - measuredNanos <= MAX_AGE_NANOS;
  }
}
