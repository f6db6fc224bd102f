package network.tender.journal;

import java.util.Arrays;

/**
 * What one block adds to the chain index under one {@link IndexKind}, as plain arrays. Under load a
 * block waits for a second to be written, which is how long objects must live to be the dearest for
 * a garbage collector; and no object is needed to write it.
 *
 * <p>A row is a key, the rest of the hash that the key was made from, a position, and for scripts
 * the sums. Rows are added in any order and found once they are {@link #sorted}.
 */
final class BlockRows {
  /** Longs of a hash behind the first. */
  private static final int REST = 3;

  /** Rows that are sorted by insertion. */
  private static final int FEW = 8;

  private final boolean summed;
  private final long[] keys;
  private final long[] rests;
  private final int[] positions;
  private final int[] fundedCounts;
  private final long[] fundedSats;
  private final int[] spentCounts;
  private final long[] spentSats;
  private int size;

  /**
   * No rows yet.
   *
   * @param capacity most rows that are added
   * @param summed true for rows with sums
   */
  BlockRows(int capacity, boolean summed) {
    this.summed = summed;
    this.keys = new long[capacity];
    this.rests = new long[REST * capacity];
    this.positions = new int[capacity];
    int sums = summed ? capacity : 0;
    this.fundedCounts = new int[sums];
    this.fundedSats = new long[sums];
    this.spentCounts = new int[sums];
    this.spentSats = new long[sums];
  }

  /**
   * Adds a row without sums.
   *
   * @param b the second long of the hash that the key is from
   * @param c the third
   * @param d the fourth
   */
  void add(long key, long b, long c, long d, int position) {
    keys[size] = key;
    rests[REST * size] = b;
    rests[REST * size + 1] = c;
    rests[REST * size + 2] = d;
    positions[size] = position;
    size++;
  }

  /** Adds a row with sums; those of one hash and position become one. */
  void add(
      long key,
      long b,
      long c,
      long d,
      int position,
      int fundedCount,
      long fundedSat,
      int spentCount,
      long spentSat) {
    fundedCounts[size] = fundedCount;
    fundedSats[size] = fundedSat;
    spentCounts[size] = spentCount;
    spentSats[size] = spentSat;
    add(key, b, c, d, position);
  }

  /**
   * The same rows in the index's order: by key, then position, then check. Rows of one hash and
   * position are one, with the sum of their sums.
   */
  BlockRows sorted() {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    sort(order, new int[size], 0, size);
    int distinct = 0;
    for (int i = 0; i < size; i++) {
      if (i == 0 || compare(order[i - 1], order[i]) != 0) {
        distinct++;
      }
    }
    BlockRows sorted = new BlockRows(distinct, summed);
    for (int i = 0; i < size; i++) {
      int row = order[i];
      boolean isFirst = i == 0 || compare(order[i - 1], row) != 0;
      if (isFirst) {
        sorted.add(
            keys[row],
            rests[REST * row],
            rests[REST * row + 1],
            rests[REST * row + 2],
            positions[row]);
      }
      if (summed) {
        int to = sorted.size - 1;
        sorted.fundedCounts[to] += fundedCounts[row];
        sorted.fundedSats[to] += fundedSats[row];
        sorted.spentCounts[to] += spentCounts[row];
        sorted.spentSats[to] += spentSats[row];
      }
    }
    return sorted;
  }

  /** Merge sort: nobody who chooses what is sorted makes it slow. */
  private void sort(int[] order, int[] spare, int from, int to) {
    if (to - from <= FEW) {
      for (int i = from + 1; i < to; i++) {
        int row = order[i];
        int j = i;
        while (j > from && compare(order[j - 1], row) > 0) {
          order[j] = order[j - 1];
          j--;
        }
        order[j] = row;
      }
      return;
    }
    int middle = (from + to) >>> 1;
    sort(order, spare, from, middle);
    sort(order, spare, middle, to);
    if (compare(order[middle - 1], order[middle]) <= 0) {
      return;
    }
    System.arraycopy(order, from, spare, from, middle - from);
    int left = from;
    int right = middle;
    for (int i = from; left < middle; i++) {
      order[i] =
          right < to && compare(order[right], spare[left]) < 0 ? order[right++] : spare[left++];
    }
  }

  /** Zero only for rows of one hash and position. The second long begins with the check. */
  private int compare(int row, int other) {
    int result = Long.compare(keys[row], keys[other]);
    if (result == 0) {
      result = Integer.compare(positions[row], positions[other]);
    }
    for (int i = 0; i < REST && result == 0; i++) {
      result = Long.compare(rests[REST * row + i], rests[REST * other + i]);
    }
    return result;
  }

  /** How many rows there are. */
  int size() {
    return size;
  }

  /** The key of a row. */
  long key(int row) {
    return keys[row];
  }

  /** The position of a row. */
  int position(int row) {
    return positions[row];
  }

  /** The first of a sorted block's rows under a key, or -1. */
  int first(long key) {
    int found = Arrays.binarySearch(keys, 0, size, key);
    if (found < 0) {
      return -1;
    }
    int low = 0;
    while (low < found) {
      int middle = (low + found) >>> 1;
      if (keys[middle] < key) {
        low = middle + 1;
      } else {
        found = middle;
      }
    }
    return low;
  }

  /**
   * The next of a sorted block's rows that is of a hash, or -1.
   *
   * @param from where to begin, no further than the first such row; -1 for none
   */
  int next(int from, long key, long b, long c, long d) {
    for (int row = from; row >= 0 && row < size && keys[row] == key; row++) {
      if (rests[REST * row] == b && rests[REST * row + 1] == c && rests[REST * row + 2] == d) {
        return row;
      }
    }
    return -1;
  }

  /** What a row adds to the sums over its script's history. */
  ScriptTotals totals(int row) {
    return new ScriptTotals(
        1, fundedCounts[row], fundedSats[row], spentCounts[row], spentSats[row]);
  }

  /** Adds a row to the pages of a run. */
  void addTo(IndexPages pages, int row, int height) {
    if (summed) {
      pages.add(
          keys[row],
          height,
          positions[row],
          check(row),
          fundedCounts[row],
          fundedSats[row],
          spentCounts[row],
          spentSats[row]);
    } else {
      pages.add(keys[row], height, positions[row], 0, 0, 0, 0, 0);
    }
  }

  /** True for two rows of a sorted block that the index cannot tell apart. */
  boolean isSameEntry(int row, int other) {
    return keys[row] == keys[other]
        && positions[row] == positions[other]
        && check(row) == check(other);
  }

  private int check(int row) {
    return summed ? (int) (rests[REST * row] >>> Integer.SIZE) : 0;
  }
}
