package network.tender.journal;

import java.util.List;
import java.util.Set;

/** Which neighbouring runs should become one, so that there are never many. */
final class MergePolicy {
  /** So many runs of about one size become one. */
  static final int FACTOR = 8;

  /**
   * The same for coins: filters tell at once of most runs that an outpoint is not there, and
   * scripts are asked for seldom. More runs cost little, and each entry is written again less
   * often.
   */
  static final int COIN_FACTOR = 16;

  /** Most runs that become one at a time: some pages of each are in memory. */
  static final int MAX_PARTS = 64;

  /** Runs of so few entries count as equally small. */
  private static final long SMALL_ENTRIES = 4_096;

  /** Fewer runs than this are never worth rewriting the oldest one. */
  private static final int FEW = 4;

  private MergePolicy() {}

  /**
   * The newest runs of about one size, if there are {@value #FACTOR} of them: none is larger than
   * all together divided by half of that number. After a long merge there may be very many; then
   * the oldest of them.
   *
   * @param all the runs of one kind, the oldest first
   * @param merging numbers of those that are being merged; others can't wait until that ends
   * @param maxEntries of all that become one together
   * @return empty if none should become one
   */
  static <R extends SortedRun<?>> List<R> ofOneSize(
      List<R> all, Set<Long> merging, long maxEntries) {
    return ofOneSize(behind(all, merging), maxEntries, FACTOR);
  }

  private static <R extends SortedRun<?>> List<R> ofOneSize(
      List<R> oldestFirst, long maxEntries, int factor) {
    List<R> due = List.of();
    int count = oldestFirst.size();
    long total = 0;
    long largest = 0;
    for (int from = count - 1; from >= 0; from--) {
      long entries = Math.max(SMALL_ENTRIES, oldestFirst.get(from).entries());
      total += entries;
      largest = Math.max(largest, entries);
      // Not by classes of sizes: runs that are all about as large as where two classes meet would
      // be counted apart.
      if (count - from >= factor && largest <= total / (factor / 2)) {
        List<R> parts = oldestFirst.subList(from, Math.min(count, from + MAX_PARTS));
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
   * @param all the runs of one kind, the oldest first
   * @param merging numbers of those that are being merged
   * @param maxEntries of all that become one together
   * @return empty if none should become one
   */
  static <R extends SortedRun<?>> List<R> cancelling(
      List<R> all, Set<Long> merging, long maxEntries) {
    List<R> oldestFirst = behind(all, merging);
    int count = oldestFirst.size();
    if (count == all.size() && count >= FEW && count <= MAX_PARTS) {
      long oldest = oldestFirst.get(0).entries();
      long entries = entries(oldestFirst);
      if (oldest > SMALL_ENTRIES && entries >= 2 * oldest && entries <= maxEntries) {
        return oldestFirst;
      }
    }
    return ofOneSize(oldestFirst, maxEntries, COIN_FACTOR);
  }

  /** How many entries some runs have together. */
  static long entries(List<? extends SortedRun<?>> runs) {
    return runs.stream().mapToLong(SortedRun::entries).sum();
  }

  /** The runs behind all that are being merged. */
  private static <R extends SortedRun<?>> List<R> behind(List<R> oldestFirst, Set<Long> merging) {
    int from = oldestFirst.size();
    while (from > 0 && !merging.contains(oldestFirst.get(from - 1).number())) {
      from--;
    }
    return oldestFirst.subList(from, oldestFirst.size());
  }
}
