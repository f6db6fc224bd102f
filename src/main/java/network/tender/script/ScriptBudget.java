package network.tender.script;

/**
 * The work that checking one transfer may cause, counted and not timed, so that every node and
 * every replay comes to the same verdict. One signature check is the measure; everything else is
 * counted as a share of it, rather too high than too low. Not safe for a second thread.
 */
public final class ScriptBudget {
  /**
   * Most signature checks' worth of work for one transfer. A check takes 40 to 60 microseconds on
   * common machines, so that no transfer holds a core longer than some 40 milliseconds.
   */
  public static final int MAX_CHECKS = 600;

  /** Units of work that a signature check is counted as: one is about a tenth of a microsecond. */
  static final int CHECK_UNITS = 500;

  /** An operation takes far less once the loop is compiled, and about that before. */
  private static final int OPERATION_UNITS = 4;

  private static final int HASH_UNITS = 5;
  private static final int HASH_BLOCK_UNITS = 1;
  private static final int HASH_BLOCK_BYTES = 64;

  private final long limit;
  private long used;

  private ScriptBudget(long limit) {
    this.limit = limit;
  }

  /** What one transfer may cause. */
  public static ScriptBudget ofTransfer() {
    return new ScriptBudget((long) MAX_CHECKS * CHECK_UNITS);
  }

  /** No limit: for blocks, whose own limits are consensus. */
  public static ScriptBudget unlimited() {
    return new ScriptBudget(Long.MAX_VALUE);
  }

  /** What has been used, in signature checks. */
  public double usedChecks() {
    return (double) used / CHECK_UNITS;
  }

  void chargeCheck() {
    charge(CHECK_UNITS);
  }

  void chargeOperation() {
    charge(OPERATION_UNITS);
  }

  void chargeHash(long bytes) {
    charge(HASH_UNITS + HASH_BLOCK_UNITS * (bytes / HASH_BLOCK_BYTES + 1));
  }

  void charge(long units) {
    used += units;
    if (used > limit) {
      throw new ScriptFailedException(ScriptError.TOO_COSTLY);
    }
  }
}
