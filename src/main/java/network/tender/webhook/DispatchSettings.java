package network.tender.webhook;

/**
 * Limits of the dispatcher.
 *
 * @param underWay most deliveries that are being sent at a time
 * @param underWayToOne most of them to one receiver
 * @param answerMillis how long a receiver may take
 * @param pollMillis how often the outbox is looked into if nobody says that there is something
 * @param retry when to try again
 * @param firstPauseMillis how long a receiver that does not answer is left alone at first
 * @param longestPauseMillis and at most
 */
public record DispatchSettings(
    int underWay,
    int underWayToOne,
    long answerMillis,
    long pollMillis,
    RetryPlan retry,
    long firstPauseMillis,
    long longestPauseMillis) {
  /** What a node uses. */
  public static final DispatchSettings DEFAULT =
      new DispatchSettings(256, 8, 10_000, 1_000, RetryPlan.DEFAULT, 1_000, 60_000);
}
