package network.tender.journal;

/**
 * A sorted run: what some consecutive blocks say under one kind of key, packed into pages. Runs
 * never change; neighbours are merged into longer ones.
 *
 * @param <K> the kinds of keys
 */
interface SortedRun<K> {
  /** One page of a run. */
  record Page(long run, int number) {}

  /** Its number, which is never used again. */
  long number();

  /** What it is sorted by. */
  K kind();

  /** Height of the first block. */
  int fromHeight();

  /** Height of the last block. */
  int toHeight();

  /** How many entries there are. */
  long entries();

  /** The beginning of each page. */
  Fences fences();
}
