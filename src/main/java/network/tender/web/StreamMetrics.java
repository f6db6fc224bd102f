package network.tender.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** Bounds and measures the live streams of all surfaces together. */
public final class StreamMetrics {
  private final StreamLimits limits;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger catchingUp = new AtomicInteger();
  private final Counter refused;
  private final Counter cut;

  /** Registers the meters. */
  public StreamMetrics(MeterRegistry registry, StreamLimits limits) {
    this.limits = limits;
    Gauge.builder("tender.http.streams", open, AtomicInteger::get)
        .description("Open live streams")
        .register(registry);
    Gauge.builder("tender.http.streams.catching.up", catchingUp, AtomicInteger::get)
        .description("Live streams that wait for blocks of the past")
        .register(registry);
    this.refused =
        Counter.builder("tender.http.streams.refused")
            .description("Live streams refused because too many were open or catching up")
            .register(registry);
    this.cut =
        Counter.builder("tender.http.streams.cut")
            .description("Live streams cut because their reader was too slow")
            .register(registry);
  }

  /** The bounds. */
  public StreamLimits limits() {
    return limits;
  }

  /** Takes a place; false if there is none. */
  public boolean tryOpen() {
    if (open.incrementAndGet() > limits.open()) {
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

  /** Takes a place among the streams that wait for blocks of the past; false if there is none. */
  public boolean tryCatchUp() {
    if (catchingUp.incrementAndGet() > limits.catchingUp()) {
      catchingUp.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Gives such a place back. */
  public void caughtUp() {
    catchingUp.decrementAndGet();
  }

  /** True if {@link #tryCatchUp} would fail now. */
  public boolean isFullOfThoseWhoCatchUp() {
    return catchingUp.get() >= limits.catchingUp();
  }

  /** Counts a stream that was not opened because it would have to catch up. */
  public void refused() {
    refused.increment();
  }
}
