package network.tender.journal;

import java.nio.ByteBuffer;

/**
 * Tells of most outpoints that a run does not have them, without reading a page: a Bloom filter in
 * blocks of 64 bytes, so that a question touches one line of the processor's cache. With {@value
 * #BITS_PER_ENTRY} bits for each entry it is wrong about one time in eighty, and then a page is
 * read in vain.
 */
final class CoinFilter {
  /**
   * None is larger: memory is not to grow with the number of coins for ever. With more than fifty
   * million entries it is wrong more often.
   */
  private static final long MAX_BYTES = 64L << 20;

  private static final int BITS_PER_ENTRY = 10;

  /**
   * More bits for shorter runs, wrong one time in five hundred: most coins are in the longest one,
   * and each of the others may have a page read in vain.
   */
  private static final int BITS_PER_ENTRY_OF_FEW = 16;

  private static final long FEW_ENTRIES = 1_000_000;
  private static final int BLOCK_WORDS = 8;
  private static final int BLOCK_BYTES = BLOCK_WORDS * Long.BYTES;
  private static final int PROBES = 6;
  private static final int PROBE_BITS = 9;
  private static final int PROBE_MASK = (1 << PROBE_BITS) - 1;

  /** Two to the 64th by the golden ratio. */
  private static final long STEP = 0x9e3779b97f4a7c15L;

  private final long[] words;
  private final int blocks;

  private CoinFilter(long[] words) {
    this.words = words;
    this.blocks = words.length / BLOCK_WORDS;
  }

  /** An empty filter for so many entries. */
  static CoinFilter sized(long entries) {
    int bits = entries <= FEW_ENTRIES ? BITS_PER_ENTRY_OF_FEW : BITS_PER_ENTRY;
    long bytes = Math.min(MAX_BYTES, Math.max(1, entries) * bits / Byte.SIZE);
    int size = (int) ((bytes + BLOCK_BYTES) / BLOCK_BYTES);
    return new CoinFilter(new long[size * BLOCK_WORDS]);
  }

  /**
   * That of which {@link #toBytes} were the bytes.
   *
   * @throws IllegalArgumentException if their number can't be
   */
  static CoinFilter parse(byte[] bytes) {
    if (bytes.length == 0 || bytes.length % BLOCK_BYTES != 0) {
      throw new IllegalArgumentException("the filter of a run is cut off");
    }
    long[] words = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().get(words);
    return new CoinFilter(words);
  }

  /** In the database's form. */
  byte[] toBytes() {
    return toBytes(0, words.length * Long.BYTES);
  }

  /**
   * Some of them.
   *
   * @param from the first byte, a multiple of 8
   * @param to behind the last byte, a multiple of 8
   */
  byte[] toBytes(int from, int to) {
    ByteBuffer bytes = ByteBuffer.allocate(to - from);
    bytes.asLongBuffer().put(words, from / Long.BYTES, (to - from) / Long.BYTES);
    return bytes.array();
  }

  /** How much memory it takes. */
  long bytes() {
    return (long) words.length * Long.BYTES;
  }

  /**
   * What an outpoint is known by to any filter.
   *
   * @param beginning the first 8 bytes of its txid
   */
  static long hash(long beginning, int index) {
    return mixed(beginning + index * STEP);
  }

  /**
   * Notes outpoints. Best many at a time, for the reason that {@link #select} gives.
   *
   * @param hashes of the outpoints
   * @param count how many of them
   */
  void add(long[] hashes, int count) {
    for (int i = 0; i < count; i++) {
      int block = block(hashes[i]);
      long probes = mixed(hashes[i]);
      for (int j = 0; j < PROBES; j++) {
        int bit = (int) (probes >>> (j * PROBE_BITS)) & PROBE_MASK;
        words[block + (bit >>> 6)] |= 1L << bit;
      }
    }
  }

  /**
   * Leaves out outpoints that were certainly not noted.
   *
   * <p>The filter of a long run is not in the processor's cache, and one outpoint after the other
   * would wait for memory as long as all else takes. So first one bit of each is looked at, by
   * steps that don't depend on each other: the processor fetches several at a time.
   *
   * @param hashes of the outpoints
   * @param some gets the places of the others among them, in order; as long as they are
   * @return how many others there are
   */
  int select(long[] hashes, int[] some) {
    int likely = 0;
    for (int i = 0; i < hashes.length; i++) {
      long hash = hashes[i];
      int bit = (int) mixed(hash) & PROBE_MASK;
      some[likely] = i;
      likely += (int) (words[block(hash) + (bit >>> 6)] >>> bit) & 1;
    }
    int count = 0;
    for (int i = 0; i < likely; i++) {
      if (mayHold(hashes[some[i]])) {
        some[count++] = some[i];
      }
    }
    return count;
  }

  private boolean mayHold(long hash) {
    int block = block(hash);
    long probes = mixed(hash);
    for (int i = 0; i < PROBES; i++) {
      int bit = (int) (probes >>> (i * PROBE_BITS)) & PROBE_MASK;
      if ((words[block + (bit >>> 6)] & 1L << bit) == 0) {
        return false;
      }
    }
    return true;
  }

  private int block(long hash) {
    return (int) (((hash >>> 32) * blocks) >>> 32) * BLOCK_WORDS;
  }

  /** SplitMix64's last step: whoever chooses txids shall not choose where they lie. */
  private static long mixed(long number) {
    long once = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    long twice = (once ^ (once >>> 27)) * 0x94d049bb133111ebL;
    return twice ^ (twice >>> 31);
  }
}
