package network.tender.bench;

import java.util.concurrent.TimeUnit;

/**
 * When new work is due, and when there is none any more. In a closed loop it is due as soon as a
 * connection is free; at a fixed rate, at moments that do not depend on any answer.
 */
final class Pace {
  private final double ratePerSecond;
  private final long limitNanos;
  private boolean begun;
  private long beginNanos;

  /**
   * A pace.
   *
   * @param ratePerSecond 0 for a closed loop
   * @param limitMillis after which nothing is due any more; {@link Long#MAX_VALUE} for never
   */
  Pace(double ratePerSecond, long limitMillis) {
    this.ratePerSecond = ratePerSecond;
    this.limitNanos =
        limitMillis == Long.MAX_VALUE ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(limitMillis);
  }

  /** The clock runs from the first call on. */
  void begin(long nowNanos) {
    if (!begun) {
      begun = true;
      beginNanos = nowNanos;
    }
  }

  boolean hasBegun() {
    return begun;
  }

  /** Requests due in a second; 0 for a closed loop. */
  double ratePerSecond() {
    return ratePerSecond;
  }

  boolean isOpenLoop() {
    return ratePerSecond > 0;
  }

  boolean hasLimit() {
    return limitNanos != Long.MAX_VALUE;
  }

  boolean isOver(long nowNanos) {
    return begun && nowNanos - beginNanos >= limitNanos;
  }

  boolean isFirstHalf(long nowNanos) {
    return nowNanos - beginNanos < limitNanos / 2;
  }

  /** When the piece of work of this number is due: now, in a closed loop. */
  long dueNanos(long nowNanos, long number) {
    return isOpenLoop() ? beginNanos + (long) (number * 1e9 / ratePerSecond) : nowNanos;
  }

  /** From the beginning until some moment, but no longer than the limit. */
  double secondsUntil(long nanos) {
    return Math.min(limitNanos, nanos - beginNanos) / 1e9;
  }

  double limitSeconds() {
    return limitNanos / 1e9;
  }
}
