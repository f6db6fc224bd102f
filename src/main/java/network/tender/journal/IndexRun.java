package network.tender.journal;

/**
 * A sorted run of the chain index: what some consecutive blocks add under one kind of key.
 *
 * @param number its number, which is never used again
 * @param kind of key
 * @param fromHeight height of the first block
 * @param toHeight height of the last block
 * @param entries how many there are
 * @param fences the first entry of each page
 */
record IndexRun(
    long number, IndexKind kind, int fromHeight, int toHeight, long entries, Fences fences) {
  /** Runs of so few entries count as equally small. */
  private static final long SMALL_ENTRIES = 4_096;

  /** One page of a run. */
  record Page(long run, int number) {}

  /** Its size on a scale on which each step is {@link IndexMerge#FACTOR} times larger. */
  int sizeClass() {
    int sizeClass = 0;
    for (long limit = SMALL_ENTRIES; entries > limit; limit *= IndexMerge.FACTOR) {
      sizeClass++;
    }
    return sizeClass;
  }
}
