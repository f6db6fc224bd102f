package network.tender.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    Optional<CoinFilter> filter) {
  /** Runs of so few entries count as equally small. */
  private static final long SMALL_ENTRIES = 4_096;

  /** So many runs of about one size become one. */
  static final int FACTOR = 8;

  /** Most runs that become one at a time: some pages of each are in memory. */
  static final int MAX_PARTS = 64;

  /** Fewer runs than this are never worth rewriting the oldest one. */
  private static final int FEW = 4;

  /** One page of a run. */
  record Page(long run, int number) {}

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

  /** Its size on a scale on which each step is {@value #FACTOR} times larger. */
  private int sizeClass() {
    int sizeClass = 0;
    for (long limit = SMALL_ENTRIES; entries > limit; limit *= FACTOR) {
      sizeClass++;
    }
    return sizeClass;
  }

  /**
   * Which runs should become one. The newest ones of about one size, if there are {@value #FACTOR}
   * of them. And all of them, once those behind the oldest say as much as that itself: it would
   * else hold spent coins for ever, beside the entries that say so.
   *
   * @param oldestFirst the runs of one kind
   * @return empty if none should
   */
  static List<CoinRun> toMerge(List<CoinRun> oldestFirst) {
    int count = oldestFirst.size();
    if (count >= FEW && count <= MAX_PARTS) {
      long newer = oldestFirst.stream().skip(1).mapToLong(CoinRun::entries).sum();
      long oldest = oldestFirst.get(0).entries();
      if (oldest > SMALL_ENTRIES && newer >= oldest) {
        return oldestFirst;
      }
    }
    List<CoinRun> due = new ArrayList<>();
    int from = count;
    int sizeClass = 0;
    while (from > 0) {
      // All at the end that are not larger: smaller ones in between would stay small for ever.
      sizeClass = Math.max(sizeClass, oldestFirst.get(from - 1).sizeClass());
      while (from > 0 && oldestFirst.get(from - 1).sizeClass() <= sizeClass) {
        from--;
      }
      int limit = sizeClass;
      List<CoinRun> tail = oldestFirst.subList(from, count);
      if (tail.stream().filter(run -> run.sizeClass() == limit).count() >= FACTOR) {
        due = tail;
      }
    }
    return List.copyOf(due.subList(0, Math.min(due.size(), MAX_PARTS)));
  }
}
