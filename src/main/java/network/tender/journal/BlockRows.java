package network.tender.journal;

import java.util.Arrays;
import network.tender.chain.Hash;

/**
 * What one block adds to the chain index under one {@link IndexKind}, as plain arrays. Under load a
 * block waits for a second to be written, which is how long objects must live to be the dearest for
 * a garbage collector; and no object is needed to write it.
 *
 * <p>A row is a key, the hash that the key was made from, a position, and for scripts the sums.
 * Rows are added in any order and found once they are {@link #sorted}.
 */
final class BlockRows {
  /** Longs of a hash: those behind the first, and then the first, which may not be the key. */
  private static final int WORDS = 4;

  /** Rows that are sorted by insertion. */
  private static final int FEW = 8;

  private final boolean summed;
  private final long[] keys;
  private final long[] hashes;
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
    this.hashes = new long[WORDS * capacity];
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
   * @param hash that the key is from
   */
  void add(long key, Hash hash, int position) {
    hashes[WORDS * size] = hash.b();
    hashes[WORDS * size + 1] = hash.c();
    hashes[WORDS * size + 2] = hash.d();
    hashes[WORDS * size + 3] = hash.a();
    add(key, position);
  }

  private void add(long key, int position) {
    keys[size] = key;
    positions[size] = position;
    size++;
  }

  /** Adds a row with sums; those of one hash and position become one. */
  void add(
      long key,
      Hash hash,
      int position,
      int fundedCount,
      long fundedSat,
      int spentCount,
      long spentSat) {
    fundedCounts[size] = fundedCount;
    fundedSats[size] = fundedSat;
    spentCounts[size] = spentCount;
    spentSats[size] = spentSat;
    add(key, hash, position);
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
        System.arraycopy(hashes, WORDS * row, sorted.hashes, WORDS * sorted.size, WORDS);
        sorted.add(keys[row], positions[row]);
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
    for (int i = 0; i < WORDS && result == 0; i++) {
      result = Long.compare(hashes[WORDS * row + i], hashes[WORDS * other + i]);
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
  int next(int from, long key, Hash hash) {
    for (int row = from; row >= 0 && row < size && keys[row] == key; row++) {
      if (hashes[WORDS * row] == hash.b()
          && hashes[WORDS * row + 1] == hash.c()
          && hashes[WORDS * row + 2] == hash.d()
          && hashes[WORDS * row + 3] == hash.a()) {
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
    return summed ? (int) (hashes[WORDS * row] >>> Integer.SIZE) : 0;
  }
}
