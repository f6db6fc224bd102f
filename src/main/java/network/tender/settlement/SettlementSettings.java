package network.tender.settlement;

/**
 * Limits of the pipeline.
 *
 * @param maxInFlight most transfers between arrival and verdict; more are answered "busy"
 * @param maxWaitMillis how long a caller waits before "not settled yet"
 * @param verifyThreads threads that check signatures
 * @param flushMillis how often changed coins are written behind the journal
 * @param drainMillis how long a stop waits for transfers under way and for the database
 * @param readMillis how long a question to the database may take; longer than the database itself
 *     allows a statement
 */
public record SettlementSettings(
    int maxInFlight,
    int maxWaitMillis,
    int verifyThreads,
    int flushMillis,
    int drainMillis,
    int readMillis) {
  /** What a node uses unless told otherwise. */
  public static final SettlementSettings DEFAULT =
      new SettlementSettings(
          10_000, 20_000, Runtime.getRuntime().availableProcessors(), 5_000, 10_000, 20_000);

  /** Refuses figures that would let nothing through. */
  public SettlementSettings {
    if (maxInFlight < 1
        || maxWaitMillis < 1
        || verifyThreads < 1
        || flushMillis < 1
        || drainMillis < 1
        || readMillis < 1) {
      throw new IllegalArgumentException("a limit is below 1");
    }
  }
}
