package network.tender.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * How late event loops are: on each of them a timer asks to be called every {@value #PROBE_MILLIS}
 * milliseconds, and the most that it came late over the last {@value #WINDOW_MILLIS} to twice that
 * is the lag.
 */
public final class EventLoopMetrics {
  private static final long PROBE_MILLIS = 100;
  private static final long WINDOW_MILLIS = 10_000;

  private final LongSupplier nanoClock;

  /** Worst delays in this window and in the one before, in nanoseconds. */
  private final AtomicLongArray worst = new AtomicLongArray(2);

  /** Registers the series. */
  public EventLoopMetrics(MeterRegistry registry, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    Gauge.builder("tender.event.loop.lag", this, EventLoopMetrics::lagSeconds)
        .description("Most that any event loop was late in the last 10 to 20 seconds.")
        .baseUnit("seconds")
        .register(registry);
  }

  private double lagSeconds() {
    return Math.max(worst.get(0), worst.get(1)) / 1e9;
  }

  /**
   * Starts to measure.
   *
   * @param loops number of event loops; each gets a probe
   */
  public Future<Void> start(Vertx vertx, int loops) {
    vertx.setPeriodic(WINDOW_MILLIS, id -> worst.set(1, worst.getAndSet(0, 0)));
    return vertx
        .deployVerticle(
            () ->
                context -> {
                  new Probe(vertx);
                  return Future.succeededFuture();
                },
            new DeploymentOptions().setInstances(loops))
        .mapEmpty();
  }

  private final class Probe {
    private long expected = nanoClock.getAsLong() + PROBE_MILLIS * 1_000_000;

    private Probe(Vertx vertx) {
      vertx.setPeriodic(
          PROBE_MILLIS,
          id -> {
            long now = nanoClock.getAsLong();
            long late = Math.max(0, now - expected);
            worst.accumulateAndGet(0, late, Math::max);
            expected = now + PROBE_MILLIS * 1_000_000;
          });
    }
  }
}
