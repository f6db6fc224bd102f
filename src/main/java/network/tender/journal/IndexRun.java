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
    long number, IndexKind kind, int fromHeight, int toHeight, long entries, Fences fences)
    implements SortedRun<IndexKind> {}
