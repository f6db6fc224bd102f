package network.tender.journal;

import java.time.Duration;

/**
 * How patiently a write is tried again.
 *
 * @param firstDelay wait before the second attempt; doubles up to {@code maxDelay}
 * @param maxDelay longest wait between two attempts, and so the longest that a recovered database
 *     stays unnoticed
 * @param attemptLimit after which an attempt without an answer counts as failed and its connection
 *     is given up; longer than any statement may take
 */
public record RetryPolicy(Duration firstDelay, Duration maxDelay, Duration attemptLimit) {
  /** What suits a node. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(Duration.ofMillis(50), Duration.ofSeconds(2), Duration.ofSeconds(20));

  /** The wait after one of {@code delay}. */
  Duration after(Duration delay) {
    Duration longer = delay.multipliedBy(2);
    return longer.compareTo(maxDelay) < 0 ? longer : maxDelay;
  }
}
