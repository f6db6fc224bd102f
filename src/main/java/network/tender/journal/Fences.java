package network.tender.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** The first entries of a run's pages: enough to know which pages can hold what is looked for. */
final class Fences {
  private static final int BYTES = Long.BYTES + 2 * Integer.BYTES;

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
    ByteBuffer buffer = ByteBuffer.allocate(keys.length * BYTES);
    for (int i = 0; i < keys.length; i++) {
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

  /** How much memory they take, to the nearest few bytes. */
  long bytes() {
    return (long) keys.length * BYTES;
  }

  private int firstNotBelow(long key, int height, int position) {
    int low = 0;
    int high = keys.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (IndexEntry.compare(
              keys[middle], heights[middle], positions[middle], key, height, position)
          < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
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
