package network.tender.webhook;

/**
 * Limits of the dispatcher.
 *
 * @param places how many deliveries may be under way at a time
 * @param answerMillis how long a receiver may take
 * @param pollMillis how often the outbox is looked into if nobody says that there is something
 * @param retry when to try again
 * @param firstPauseMillis how long a receiver that does not answer is left alone at first
 * @param longestPauseMillis and at most: so long waits an event if others that came before it were
 *     not answered
 */
public record DispatchSettings(
    PlaceLimits places,
    long answerMillis,
    long pollMillis,
    RetryPlan retry,
    long firstPauseMillis,
    long longestPauseMillis) {
  /** What a node uses. */
  public static final DispatchSettings DEFAULT =
      new DispatchSettings(PlaceLimits.DEFAULT, 10_000, 1_000, RetryPlan.DEFAULT, 1_000, 10_000);
}
