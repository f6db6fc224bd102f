package network.tender.journal;

import java.util.List;
import java.util.Set;

/** Which neighbouring runs should become one, so that there are never many. */
final class MergePolicy {
  /** So many runs of about one size become one. */
  static final int FACTOR = 8;

  /** Most runs that become one at a time: some pages of each are in memory. */
  static final int MAX_PARTS = 64;

  /** Runs of so few entries count as equally small. */
  private static final long SMALL_ENTRIES = 4_096;

  /** Fewer runs than this are never worth rewriting the oldest one. */
  private static final int FEW = 4;

  private MergePolicy() {}

  /**
   * The newest runs of about one size, if there are {@value #FACTOR} of them. After a long merge
   * there may be very many; then the oldest of them.
   *
   * @param oldestFirst the runs of one kind
   * @param maxEntries of all that become one together
   * @return empty if none should become one
   */
  static <R extends SortedRun<?>> List<R> ofOneSize(List<R> oldestFirst, long maxEntries) {
    int from = oldestFirst.size();
    int sizeClass = 0;
    List<R> due = List.of();
    while (from > 0) {
      // All at the end that are not larger: smaller ones in between would stay small for ever.
      sizeClass = Math.max(sizeClass, sizeClass(oldestFirst.get(from - 1)));
      while (from > 0 && sizeClass(oldestFirst.get(from - 1)) <= sizeClass) {
        from--;
      }
      int limit = sizeClass;
      List<R> tail = oldestFirst.subList(from, oldestFirst.size());
      if (tail.stream().filter(run -> sizeClass(run) == limit).count() >= FACTOR) {
        List<R> parts = tail.subList(0, Math.min(tail.size(), MAX_PARTS));
        if (entries(parts) <= maxEntries) {
          due = parts;
        }
      }
    }
    return List.copyOf(due);
  }

  /**
   * The same where entries cancel out; and all runs, once those behind the oldest say as much as
   * that itself: it would else hold spent coins for ever, beside the entries that say so.
   *
   * @param oldestFirst the runs of one kind
   * @param maxEntries of all that become one together
   * @return empty if none should become one
   */
  static <R extends SortedRun<?>> List<R> cancelling(List<R> oldestFirst, long maxEntries) {
    int count = oldestFirst.size();
    if (count >= FEW && count <= MAX_PARTS) {
      long oldest = oldestFirst.get(0).entries();
      long all = entries(oldestFirst);
      if (oldest > SMALL_ENTRIES && all >= 2 * oldest && all <= maxEntries) {
        return oldestFirst;
      }
    }
    return ofOneSize(oldestFirst, maxEntries);
  }

  /** How many entries some runs have together. */
  static long entries(List<? extends SortedRun<?>> runs) {
    return runs.stream().mapToLong(SortedRun::entries).sum();
  }

  /** The runs behind all that are being merged: others can't wait until a long merge ends. */
  static <R extends SortedRun<?>> List<R> behind(List<R> oldestFirst, Set<Long> merging) {
    int from = oldestFirst.size();
    while (from > 0 && !merging.contains(oldestFirst.get(from - 1).number())) {
      from--;
    }
    return oldestFirst.subList(from, oldestFirst.size());
  }

  /** A run's size on a scale on which each step is {@value #FACTOR} times larger. */
  private static int sizeClass(SortedRun<?> run) {
    int sizeClass = 0;
    for (long limit = SMALL_ENTRIES; run.entries() > limit; limit *= FACTOR) {
      sizeClass++;
    }
    return sizeClass;
  }
}
