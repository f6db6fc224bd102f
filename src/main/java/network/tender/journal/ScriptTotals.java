package network.tender.journal;

/**
 * Sums over a script's history.
 *
 * @param transactions number of transactions that pay to the script or spend from it
 * @param fundedCount number of outputs that pay to it
 * @param fundedSat their sum
 * @param spentCount how many of these are spent
 * @param spentSat their sum
 */
public record ScriptTotals(
    long transactions, long fundedCount, long fundedSat, long spentCount, long spentSat) {
  /** Of a script that nobody has used. */
  public static final ScriptTotals NONE = new ScriptTotals(0, 0, 0, 0, 0);

  /** Both together. */
  public ScriptTotals plus(ScriptTotals other) {
    return new ScriptTotals(
        transactions + other.transactions,
        fundedCount + other.fundedCount,
        fundedSat + other.fundedSat,
        spentCount + other.spentCount,
        spentSat + other.spentSat);
  }

  /** These without others that are part of them. */
  public ScriptTotals minus(ScriptTotals part) {
    return new ScriptTotals(
        transactions - part.transactions,
        fundedCount - part.fundedCount,
        fundedSat - part.fundedSat,
        spentCount - part.spentCount,
        spentSat - part.spentSat);
  }

  /** With one more output that pays to the script. */
  public ScriptTotals funded(long sat) {
    return new ScriptTotals(transactions, fundedCount + 1, fundedSat + sat, spentCount, spentSat);
  }

  /** With one more coin spent. */
  public ScriptTotals spent(long sat) {
    return new ScriptTotals(transactions, fundedCount, fundedSat, spentCount + 1, spentSat + sat);
  }
}
