package network.tender.journal;

import java.time.Duration;

/**
 * How patiently a write is tried again.
 *
 * @param firstDelay wait before the second attempt; doubles up to {@code maxDelay}
 * @param maxDelay longest wait between two attempts, and so the longest that a recovered database
 *     stays unnoticed
 * @param answerLimit how long the database may give no answer during an attempt, which then counts
 *     as failed and whose connection is given up; longer than any one statement may take. An
 *     attempt of many statements may take as long as it likes while they are answered one by one:
 *     on slow storage a limit on the whole would fail every repetition in the same way.
 */
public record RetryPolicy(Duration firstDelay, Duration maxDelay, Duration answerLimit) {
  /** For the answer's way back after the server has used up a statement's time. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** What suits a node with the default limits. */
  public static final RetryPolicy DEFAULT =
      beyond(DatabaseOptions.Limits.DEFAULT.statementTimeout());

  /** What suits a node whose server gives statements up after a time. */
  public static RetryPolicy beyond(Duration statementTimeout) {
    return new RetryPolicy(
        Duration.ofMillis(50), Duration.ofSeconds(2), statementTimeout.plus(GRACE));
  }

  /** The wait after one of {@code delay}. */
  Duration after(Duration delay) {
    Duration longer = delay.multipliedBy(2);
    return longer.compareTo(maxDelay) < 0 ? longer : maxDelay;
  }
}
