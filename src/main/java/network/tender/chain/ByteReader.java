package network.tender.chain;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads Bitcoin's little-endian formats from an array, strictly: every CompactSize must have its
 * shortest form, and nothing is read or allocated beyond the end.
 */
public final class ByteReader {
  /** The largest length that any CompactSize may announce (Core: MAX_SIZE). */
  public static final int MAX_COMPACT_SIZE = 0x0200_0000;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] array;
  private final int end;
  private int position;

  /** Reads {@code length} bytes of {@code array} from {@code offset} on. */
  public ByteReader(byte[] array, int offset, int length) {
    java.util.Objects.checkFromIndexSize(offset, length, array.length);
    this.array = array;
    this.position = offset;
    this.end = offset + length;
  }

  /** Reads a whole array. */
  public ByteReader(byte[] array) {
    this(array, 0, array.length);
  }

  /** The array read from. */
  public byte[] array() {
    return array;
  }

  /** Index in the array of the next byte to be read. */
  public int position() {
    return position;
  }

  /** Goes to an earlier or later place in the array. */
  void seek(int newPosition) {
    position = newPosition;
  }

  /** Bytes not yet read. */
  public int remaining() {
    return end - position;
  }

  /** The next byte without reading it, 0..255. */
  public int peek(int ahead) throws MalformedException {
    require(ahead + 1);
    return array[position + ahead] & 0xff;
  }

  /** One byte, 0..255. */
  public int readByte() throws MalformedException {
    require(1);
    return array[position++] & 0xff;
  }

  /** Four bytes, little-endian. */
  public int readInt() throws MalformedException {
    require(4);
    int value = (int) INT.get(array, position);
    position += 4;
    return value;
  }

  /** Eight bytes, little-endian. */
  public long readLong() throws MalformedException {
    require(8);
    long value = (long) LONG.get(array, position);
    position += 8;
    return value;
  }

  /** Thirty-two bytes in natural order. */
  public Hash readHash() throws MalformedException {
    require(Hash.SIZE_BYTES);
    Hash hash = Hash.of(array, position);
    position += Hash.SIZE_BYTES;
    return hash;
  }

  /** Copies the next bytes into a new array. */
  public byte[] readBytes(int count) throws MalformedException {
    int from = position;
    skip(count);
    return java.util.Arrays.copyOfRange(array, from, position);
  }

  /** Passes over bytes. */
  public void skip(int count) throws MalformedException {
    require(count);
    position += count;
  }

  /**
   * A CompactSize in its shortest form, at most {@link #MAX_COMPACT_SIZE}.
   *
   * @throws MalformedException if it is cut off, longer than needed or too large
   */
  public int readCompactSize() throws MalformedException {
    int first = readByte();
    long value;
    switch (first) {
      case 0xfd -> {
        require(2);
        value = (array[position] & 0xffL) | (array[position + 1] & 0xffL) << 8;
        position += 2;
        if (value < 0xfd) {
          throw new MalformedException("a length is not in its shortest form");
        }
      }
      case 0xfe -> {
        value = readInt() & 0xffff_ffffL;
        if (value < 0x1_0000) {
          throw new MalformedException("a length is not in its shortest form");
        }
      }
      case 0xff -> throw new MalformedException("a length is too large");
      default -> value = first;
    }
    if (value > MAX_COMPACT_SIZE) {
      throw new MalformedException("a length is too large");
    }
    return (int) value;
  }

  /**
   * A count of items of at least {@code minimumItemBytes} each; refused before anything is
   * allocated if that many can't follow.
   */
  public int readCount(int minimumItemBytes) throws MalformedException {
    int count = readCompactSize();
    if ((long) count * minimumItemBytes > remaining()) {
      throw new MalformedException("a count is larger than what follows");
    }
    return count;
  }

  /** Fails unless everything was read. */
  public void expectEnd() throws MalformedException {
    if (position != end) {
      throw new MalformedException((end - position) + " bytes too many");
    }
  }

  private void require(int count) throws MalformedException {
    if (count < 0 || count > end - position) {
      throw new MalformedException("cut off");
    }
  }
}
