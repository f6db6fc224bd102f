package network.tender.web.transfers;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * When those that are turned away are told so. Whoever is refused at once comes back at once, or
 * the next one does, and a flood of refusals takes the processors from what is being settled. So
 * the first ones are answered at once, and a flood waits for its refusals, a thousand of which are
 * given a second, but nobody waits for longer than a second. One for all event loops.
 */
public final class RefusalPace {
  private static final long GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** So many may wait; whoever comes on top of them is refused at once. */
  static final int MOST_WAITING = 16_384;

  private final LongSupplier nanoClock;
  private final AtomicLong next;
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * Registers how many wait.
   *
   * @param nanoClock as {@link System#nanoTime}
   */
  public RefusalPace(LongSupplier nanoClock, MeterRegistry registry) {
    this.nanoClock = nanoClock;
    this.next = new AtomicLong(nanoClock.getAsLong());
    Gauge.builder("tender.refusals.waiting", waiting, AtomicInteger::get)
        .description("Transfers turned away that wait for their answer, so that a flood is slowed")
        .register(registry);
  }

  /**
   * Takes a place.
   *
   * @return milliseconds until the refusal is to be given: 0, for which there is nothing else to
   *     do, or up to 1,000, at the end of which {@link #leave} is to be called
   */
  long enter() {
    long now = nanoClock.getAsLong();
    long slot = next.updateAndGet(before -> following(before, now)) - GAP_NANOS;
    long millis = TimeUnit.NANOSECONDS.toMillis(slot - now);
    if (millis <= 0) {
      return 0;
    }
    if (waiting.incrementAndGet() > MOST_WAITING) {
      waiting.decrementAndGet();
      return 0;
    }
    return millis;
  }

  private static long following(long before, long now) {
    long slot = before - now < 0 ? now : before;
    return Math.min(slot - now, LONGEST_NANOS) + now + GAP_NANOS;
  }

  /** Gives a place back. */
  void leave() {
    waiting.decrementAndGet();
  }
}
