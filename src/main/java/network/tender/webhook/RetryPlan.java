package network.tender.webhook;

import java.util.OptionalLong;

/**
 * When a delivery is tried again: soon at first, then ever later, and not for ever.
 *
 * @param firstMillis pause after the first try; each is twice the one before
 * @param longestMillis longest pause
 * @param giveUpMillis how long after the event the last try may be
 */
public record RetryPlan(long firstMillis, long longestMillis, long giveUpMillis) {
  /** From ten seconds to an hour, for three days. */
  public static final RetryPlan DEFAULT = new RetryPlan(10_000, 3_600_000, 72L * 60 * 60 * 1_000);

  private static final int MAX_DOUBLINGS = 30;

  /**
   * When the next try is due; empty if there is none.
   *
   * @param attempts how many there were, at least 1
   * @param createdMillis when the delivery was made
   */
  OptionalLong next(int attempts, long createdMillis, long nowMillis) {
    long pause = Math.min(longestMillis, firstMillis << Math.min(attempts - 1, MAX_DOUBLINGS));
    long due = nowMillis + pause;
    return due > createdMillis + giveUpMillis ? OptionalLong.empty() : OptionalLong.of(due);
  }
}
