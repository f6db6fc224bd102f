package network.tender.journal;

import java.util.Arrays;
import java.util.Optional;

/**
 * A sorted run of packed coins: what some consecutive blocks made and spent, but for what cancels
 * out among them. Runs never change; neighbours are merged into longer ones.
 *
 * @param number its number, which is never used again
 * @param kind of key
 * @param fromHeight height of the first block
 * @param toHeight height of the last block
 * @param entries how many there are
 * @param fences of each page the beginning of its first key and the output's number in it
 * @param filter tells of most outpoints that they are not here
 */
record CoinRun(
    long number,
    CoinKind kind,
    int fromHeight,
    int toHeight,
    long entries,
    Fences fences,
    Optional<CoinFilter> filter)
    implements SortedRun<CoinKind> {
  /** A key's beginning in the order that {@link Fences} know, which is signed. */
  static long fence(long beginning) {
    return beginning ^ Long.MIN_VALUE;
  }

  /**
   * Leaves out those targets of which it certainly does not say anything.
   *
   * @param some gets the others' numbers, in order
   * @return how many others there are
   */
  int select(CoinTargets targets, int[] some) {
    if (filter.isPresent()) {
      return filter.get().select(targets.filterHashes(), some);
    }
    Arrays.setAll(some, i -> i);
    return targets.count();
  }

  /**
   * The first page that can hold keys with a beginning; it may hold none.
   *
   * @param index the output's number; 0 under scripts
   */
  int firstPage(long beginning, int index) {
    return fences.firstPage(fence(beginning), index);
  }

  /**
   * The same.
   *
   * @param last what {@link #lastPage} says
   */
  int firstPage(long beginning, int index, int last) {
    int first = last;
    while (first > 0 && fences.isFirst(first, fence(beginning), index)) {
      first--;
    }
    return Math.max(0, first);
  }

  /** The last page that can hold keys with a beginning; -1 if no page can. */
  int lastPage(long beginning, int index) {
    return fences.lastPage(fence(beginning), index, 1);
  }

  /** How much memory it takes. */
  long bytes() {
    return fences.bytes() + filter.map(CoinFilter::bytes).orElse(0L);
  }
}
