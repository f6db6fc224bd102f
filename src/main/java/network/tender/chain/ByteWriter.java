package network.tender.chain;

import java.util.Arrays;

/** Writes Bitcoin's little-endian formats into a growing array. */
public final class ByteWriter {
  private byte[] array;
  private int length;

  /** Starts with room for {@code capacity} bytes. */
  public ByteWriter(int capacity) {
    array = new byte[Math.max(16, capacity)];
  }

  /** Number of bytes that a CompactSize of this value takes. */
  public static int compactSizeLength(long value) {
    return value < 0xfd ? 1 : value <= 0xffff ? 3 : value <= 0xffff_ffffL ? 5 : 9;
  }

  /** Appends one byte. */
  public ByteWriter writeByte(int value) {
    ensure(1);
    array[length++] = (byte) value;
    return this;
  }

  /** Appends four bytes, little-endian. */
  public ByteWriter writeInt(int value) {
    ensure(4);
    for (int shift = 0; shift < 32; shift += 8) {
      array[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** Appends eight bytes, little-endian. */
  public ByteWriter writeLong(long value) {
    ensure(8);
    for (int shift = 0; shift < 64; shift += 8) {
      array[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** Appends 32 bytes in natural order. */
  public ByteWriter writeHash(Hash hash) {
    ensure(Hash.SIZE_BYTES);
    hash.writeTo(array, length);
    length += Hash.SIZE_BYTES;
    return this;
  }

  /** Appends a CompactSize in its shortest form. */
  public ByteWriter writeCompactSize(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("a size is never negative");
    }
    if (value < 0xfd) {
      return writeByte((int) value);
    }
    if (value <= 0xffff) {
      return writeByte(0xfd).writeByte((int) value).writeByte((int) (value >>> 8));
    }
    if (value <= 0xffff_ffffL) {
      return writeByte(0xfe).writeInt((int) value);
    }
    return writeByte(0xff).writeLong(value);
  }

  /** Appends bytes without a length. */
  public ByteWriter write(byte[] bytes) {
    return write(bytes, 0, bytes.length);
  }

  /** Appends a part of an array without a length. */
  public ByteWriter write(byte[] bytes, int offset, int count) {
    ensure(count);
    System.arraycopy(bytes, offset, array, length, count);
    length += count;
    return this;
  }

  /** Appends bytes behind their CompactSize length. */
  public ByteWriter writeSized(byte[] bytes) {
    return writeCompactSize(bytes.length).write(bytes);
  }

  /** Appends a script behind its CompactSize length. */
  public ByteWriter writeSized(Script script) {
    return writeCompactSize(script.length())
        .write(script.array(), script.offset(), script.length());
  }

  /** Number of bytes written. */
  public int length() {
    return length;
  }

  /** What was written, in a new array. */
  public byte[] toBytes() {
    return Arrays.copyOf(array, length);
  }

  /** The same without a copy, if the room asked for was just enough; nothing may follow. */
  byte[] takeBytes() {
    return length == array.length ? array : toBytes();
  }

  /** SHA-256 of what was written. */
  public byte[] sha256() {
    return Hashing.sha256(array, 0, length);
  }

  /** SHA-256 applied twice to what was written. */
  public byte[] sha256d() {
    return Hashing.sha256(sha256());
  }

  private void ensure(int more) {
    int needed = Math.addExact(length, more);
    if (needed > array.length) {
      array = Arrays.copyOf(array, Math.max(needed, array.length * 2));
    }
  }
}
