package network.tender.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells of most outpoints that a run does not have them, without reading a page: a Bloom filter in
 * blocks of 64 bytes, so that a question touches one line of the processor's cache. With {@value
 * #BITS_PER_ENTRY} bits for each entry it is wrong about one time in eighty, and then a page is
 * read in vain.
 */
final class CoinFilter {
  /** Bytes of one piece in the database. */
  static final int PIECE_BYTES = 1 << 18;

  /** Larger ones are not made: memory is not to grow with the number of coins for ever. */
  private static final long MAX_BYTES = 64L << 20;

  private static final int BITS_PER_ENTRY = 10;
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

  /** An empty filter for so many entries; none, if that would take too much memory. */
  static Optional<CoinFilter> sized(long entries) {
    long size = Math.max(1, (entries * BITS_PER_ENTRY / Byte.SIZE + BLOCK_BYTES - 1) / BLOCK_BYTES);
    return size * BLOCK_BYTES > MAX_BYTES
        ? Optional.empty()
        : Optional.of(new CoinFilter(new long[(int) size * BLOCK_WORDS]));
  }

  /**
   * That of which these are the pieces; none, if they are not whole.
   *
   * @param bytes how long they are together
   */
  static Optional<CoinFilter> parse(long bytes, List<byte[]> pieces) {
    if (bytes == 0
        || bytes % BLOCK_BYTES != 0
        || bytes > MAX_BYTES
        || pieces.stream().mapToLong(piece -> piece.length).sum() != bytes) {
      return Optional.empty();
    }
    long[] words = new long[(int) bytes / Long.BYTES];
    int at = 0;
    for (byte[] piece : pieces) {
      ByteBuffer.wrap(piece).asLongBuffer().get(words, at, piece.length / Long.BYTES);
      at += piece.length / Long.BYTES;
    }
    return Optional.of(new CoinFilter(words));
  }

  /** In the database's form. */
  List<byte[]> toPieces() {
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < words.length; at += PIECE_BYTES / Long.BYTES) {
      int count = Math.min(PIECE_BYTES / Long.BYTES, words.length - at);
      ByteBuffer piece = ByteBuffer.allocate(count * Long.BYTES);
      piece.asLongBuffer().put(words, at, count);
      pieces.add(piece.array());
    }
    return pieces;
  }

  /** How much memory it takes. */
  long bytes() {
    return (long) words.length * Long.BYTES;
  }

  /**
   * Notes an outpoint.
   *
   * @param beginning the first 8 bytes of its txid
   */
  void add(long beginning, int index) {
    long hash = mixed(beginning + index * STEP);
    int block = block(hash);
    long probes = mixed(hash);
    for (int i = 0; i < PROBES; i++) {
      int bit = (int) (probes >>> (i * PROBE_BITS)) & PROBE_MASK;
      words[block + (bit >>> 6)] |= 1L << bit;
    }
  }

  /** False if the outpoint was not noted. */
  boolean mayHold(long beginning, int index) {
    long hash = mixed(beginning + index * STEP);
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
