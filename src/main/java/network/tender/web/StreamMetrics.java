package network.tender.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** Bounds and measures open live streams of all surfaces together. */
public final class StreamMetrics {
  /** Streams that are open at a time by default. */
  public static final int DEFAULT_MAX_STREAMS = 2_000;

  private final int limit;
  private final AtomicInteger open = new AtomicInteger();
  private final Counter refused;
  private final Counter cut;

  /**
   * Registers the meters.
   *
   * @param limit most streams that may be open
   */
  public StreamMetrics(MeterRegistry registry, int limit) {
    this.limit = limit;
    Gauge.builder("tender.http.streams", open, AtomicInteger::get)
        .description("Open live streams")
        .register(registry);
    this.refused =
        Counter.builder("tender.http.streams.refused")
            .description("Live streams refused because too many were open")
            .register(registry);
    this.cut =
        Counter.builder("tender.http.streams.cut")
            .description("Live streams cut because their reader was too slow")
            .register(registry);
  }

  /** Takes a place; false if there is none. */
  public boolean tryOpen() {
    if (open.incrementAndGet() > limit) {
      open.decrementAndGet();
      refused.increment();
      return false;
    }
    return true;
  }

  /** Gives a place back. */
  public void closed() {
    open.decrementAndGet();
  }

  /** Counts a slow reader. */
  public void cut() {
    cut.increment();
  }
}
