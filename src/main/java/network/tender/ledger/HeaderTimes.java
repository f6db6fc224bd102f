package network.tender.ledger;

import java.util.Arrays;
import java.util.List;

/** The header times of a chain's newest blocks, and the medians over them (BIP113). */
final class HeaderTimes {
  private static final int MEDIAN_BLOCKS = ChainState.MEDIAN_BLOCKS;

  private final int capacity;

  /** Unsigned seconds; the newest is at {@code height % length}. */
  private int[] ring;

  private int height;
  private int known;
  private long medianTimePast;

  /**
   * Starts with the times of a chain's newest blocks.
   *
   * @param capacity most times to keep, at least 2 × 11
   */
  HeaderTimes(int height, List<Long> newest, int capacity) {
    this.capacity = capacity;
    int use = Math.min(newest.size(), capacity);
    this.ring = new int[Math.min(capacity, Math.max(64, use))];
    this.height = height - use;
    for (Long seconds : newest.subList(newest.size() - use, newest.size())) {
      add(seconds);
    }
  }

  /** Adds the time of the next block. */
  void add(long seconds) {
    if (known == ring.length && ring.length < capacity) {
      grow();
    }
    height++;
    ring[Math.floorMod(height, ring.length)] = (int) seconds;
    known = Math.min(known + 1, ring.length);
    medianTimePast = medianAt(height);
  }

  private void grow() {
    int[] larger = new int[(int) Math.min(capacity, ring.length * 2L)];
    for (int h = height - known + 1; h <= height; h++) {
      larger[Math.floorMod(h, larger.length)] = ring[Math.floorMod(h, ring.length)];
    }
    ring = larger;
  }

  /** Height of the newest block. */
  int height() {
    return height;
  }

  /** The median over the newest blocks: the next one must be later. */
  long medianTimePast() {
    return medianTimePast;
  }

  /** True if the times are at hand that {@link #medianTimePastAt} needs. */
  boolean knowsMedianAt(int atHeight) {
    int oldest = height - known + 1;
    // With the genesis block at hand the first medians are over fewer blocks.
    return oldest <= 0 || Math.min(height, atHeight) >= oldest + MEDIAN_BLOCKS - 1;
  }

  /**
   * The median at a block that is known. A block to come counts as the newest.
   *
   * @throws IllegalArgumentException if it is not known
   */
  long medianTimePastAt(int atHeight) {
    if (!knowsMedianAt(atHeight)) {
      throw new IllegalArgumentException("the median at block " + atHeight + " is not known");
    }
    return medianAt(Math.min(height, atHeight));
  }

  private long medianAt(int atHeight) {
    int first = Math.max(atHeight - MEDIAN_BLOCKS + 1, height - known + 1);
    int count = atHeight - first + 1;
    long[] times = new long[count];
    for (int i = 0; i < count; i++) {
      times[i] = Integer.toUnsignedLong(ring[Math.floorMod(first + i, ring.length)]);
    }
    Arrays.sort(times);
    return times[count / 2];
  }

  /** The times that the next block's median is over, oldest first. */
  List<Long> newest() {
    int count = Math.min(known, MEDIAN_BLOCKS);
    Long[] times = new Long[count];
    for (int i = 0; i < count; i++) {
      int at = Math.floorMod(height - count + 1 + i, ring.length);
      times[i] = Integer.toUnsignedLong(ring[at]);
    }
    return List.of(times);
  }
}
