package network.tender.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** The first entries of a run's pages: enough to know which pages can hold what is looked for. */
final class Fences {
  private static final int BYTES = Long.BYTES + 2 * Integer.BYTES;

  /** How far a guess is off, usually: pages are not equally full. */
  private static final int GUESS_PAGES = 32;

  private final long[] keys;
  private final int[] heights;
  private final int[] positions;

  private Fences(long[] keys, int[] heights, int[] positions) {
    this.keys = keys;
    this.heights = heights;
    this.positions = positions;
  }

  /**
   * Those that {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if the length is not that of whole entries
   */
  static Fences parse(byte[] bytes) {
    if (bytes.length % BYTES != 0) {
      throw new IllegalArgumentException("the fences of a run are cut off");
    }
    Builder builder = new Builder();
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      builder.add(buffer.getLong(), buffer.getInt(), buffer.getInt());
    }
    return builder.build();
  }

  /** In the database's form. */
  byte[] toBytes() {
    return toBytes(0, keys.length * BYTES);
  }

  /**
   * Some of them.
   *
   * @param from the first byte, the first one of an entry
   * @param to behind the last byte, the last one of an entry
   */
  byte[] toBytes(int from, int to) {
    ByteBuffer buffer = ByteBuffer.allocate(to - from);
    for (int i = from / BYTES; i < to / BYTES; i++) {
      buffer.putLong(keys[i]).putInt(heights[i]).putInt(positions[i]);
    }
    return buffer.array();
  }

  /** How many pages there are. */
  int pages() {
    return keys.length;
  }

  /**
   * The first page that can hold entries of a key from a height on; it may hold none.
   *
   * @return 0 to {@link #pages} - 1
   */
  int firstPage(long key, int fromHeight) {
    return Math.max(0, firstNotBelow(key, fromHeight, 0) - 1);
  }

  /**
   * The last page that can hold entries of a key below a place.
   *
   * @return -1 if no page can
   */
  int lastPage(long key, int belowHeight, int belowPosition) {
    return firstNotBelow(key, belowHeight, belowPosition) - 1;
  }

  /**
   * The pages that can hold entries of some keys below a height, each once and in order. Most of
   * many keys cost one comparison, as they fall on a page that a smaller one has named.
   *
   * @param sortedKeys the smallest first
   */
  void eachPage(long[] sortedKeys, int belowHeight, IntConsumer use) {
    int seen = -1;
    for (long key : sortedKeys) {
      if (seen + 1 == keys.length) {
        return;
      }
      if (key < keys[seen + 1]) {
        continue;
      }
      int last = lastPage(key, belowHeight, 0);
      for (int page = Math.max(seen + 1, firstPage(key, 0)); page <= last; page++) {
        use.accept(page);
      }
      seen = Math.max(seen, last);
    }
  }

  /** True if a page begins with a key and a height. */
  boolean isFirst(int page, long key, int height) {
    return keys[page] == key && heights[page] == height;
  }

  /** How much memory they take, to the nearest few bytes. */
  long bytes() {
    return (long) keys.length * BYTES;
  }

  /**
   * Keys are as good as random, so the place of one is nearly known from its size. From there the
   * search goes on in steps that double: each look at another place of a long array takes as long
   * as everything else, and halving a hundred thousand pages would be seventeen.
   */
  private int firstNotBelow(long key, int height, int position) {
    int low = -1; // below what is looked for
    int high = keys.length; // not below it
    int guess = guess(key);
    for (int step = GUESS_PAGES; low + 1 < high; step *= 2) {
      if (isBelow(guess, key, height, position)) {
        low = guess;
        guess = (int) Math.min((long) low + step, high);
      } else {
        high = guess;
        guess = Math.max(high - step, low);
      }
      if (guess == low || guess == high) {
        break;
      }
      if (low >= 0 && high < keys.length && high - low <= step) {
        break;
      }
    }
    while (low + 1 < high) {
      int middle = (low + high) >>> 1;
      if (isBelow(middle, key, height, position)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /** Where a key is if all are spread evenly; some page. */
  private int guess(long key) {
    if (keys.length == 0) {
      return 0;
    }
    double first = keys[0];
    double range = keys[keys.length - 1] - first;
    double share = range > 0 ? (key - first) / range : 0;
    return (int) Math.max(0, Math.min(keys.length - 1.0, share * keys.length));
  }

  private boolean isBelow(int page, long key, int height, int position) {
    // The other arrays are looked at only if the key leaves it open.
    return keys[page] != key
        ? keys[page] < key
        : IndexEntry.compare(key, heights[page], positions[page], key, height, position) < 0;
  }

  /** Collects fences in order. */
  static final class Builder {
    private long[] keys = new long[4];
    private int[] heights = new int[4];
    private int[] positions = new int[4];
    private int count;

    void add(long key, int height, int position) {
      if (count == keys.length) {
        keys = Arrays.copyOf(keys, 2 * count);
        heights = Arrays.copyOf(heights, 2 * count);
        positions = Arrays.copyOf(positions, 2 * count);
      }
      keys[count] = key;
      heights[count] = height;
      positions[count] = position;
      count++;
    }

    Fences build() {
      return new Fences(
          Arrays.copyOf(keys, count),
          Arrays.copyOf(heights, count),
          Arrays.copyOf(positions, count));
    }
  }
}
