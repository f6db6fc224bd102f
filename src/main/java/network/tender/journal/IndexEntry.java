package network.tender.journal;

/**
 * One thing that the chain index knows: where a transaction is, under a short key.
 *
 * @param key the first 8 bytes of a hash, or a number near them
 * @param height height of the block
 * @param position of the transaction in it
 * @param check the 4 bytes of a script's hash behind the key; 0 where no sums are kept
 * @param fundedCount outputs that pay to the script
 * @param fundedSat their sum
 * @param spentCount coins of the script that are spent
 * @param spentSat their sum
 */
record IndexEntry(
    long key,
    int height,
    int position,
    int check,
    int fundedCount,
    long fundedSat,
    int spentCount,
    long spentSat)
    implements Comparable<IndexEntry> {

  /** An entry without sums. */
  static IndexEntry at(long key, int height, int position) {
    return new IndexEntry(key, height, position, 0, 0, 0, 0, 0);
  }

  /** By key, then from old to new. */
  @Override
  public int compareTo(IndexEntry other) {
    int order = compare(key, height, position, other.key, other.height, other.position);
    return order != 0 ? order : Integer.compare(check, other.check);
  }

  /** The order of entries' keys and places. */
  static int compare(long key, int height, int position, long key2, int height2, int position2) {
    int order = Long.compare(key, key2);
    if (order == 0) {
      order = Integer.compare(height, height2);
    }
    return order != 0 ? order : Integer.compare(position, position2);
  }

  /** What it adds to the sums over its script's history. */
  ScriptTotals totals() {
    return new ScriptTotals(1, fundedCount, fundedSat, spentCount, spentSat);
  }
}
