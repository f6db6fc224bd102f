package network.tender.chain;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A 32-byte hash: a txid, wtxid, block hash, merkle node or signature hash.
 *
 * <p>Kept as four longs of its bytes in natural (serialised) order, so that it costs one small
 * object and compares without touching an array. {@link #toString()} and {@link #fromDisplayHex}
 * use Bitcoin's display order, which is the reverse.
 *
 * @param a bytes 0..7, big-endian
 * @param b bytes 8..15, big-endian
 * @param c bytes 16..23, big-endian
 * @param d bytes 24..31, big-endian
 */
public record Hash(long a, long b, long c, long d) implements Comparable<Hash> {
  /** Number of bytes in a hash. */
  public static final int SIZE_BYTES = 32;

  /** All zero bits: the previous block of a genesis block, the txid of a coinbase's null input. */
  public static final Hash ZERO = new Hash(0, 0, 0, 0);

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Reads 32 bytes in natural order from {@code bytes}, starting at {@code offset}. */
  public static Hash of(byte[] bytes, int offset) {
    return new Hash(
        (long) LONG.get(bytes, offset),
        (long) LONG.get(bytes, offset + 8),
        (long) LONG.get(bytes, offset + 16),
        (long) LONG.get(bytes, offset + 24));
  }

  /**
   * Reads a whole array in natural order.
   *
   * @throws IllegalArgumentException if the array is not 32 bytes long
   */
  public static Hash of(byte[] bytes) {
    if (bytes.length != SIZE_BYTES) {
      throw new IllegalArgumentException("a hash has 32 bytes, not " + bytes.length);
    }
    return of(bytes, 0);
  }

  /**
   * Reads 64 hex digits in display (reversed) order.
   *
   * @throws IllegalArgumentException if the text is not 64 hex digits
   */
  public static Hash fromDisplayHex(String hex) {
    if (hex.length() != SIZE_BYTES * 2) {
      throw new IllegalArgumentException("a hash has 64 hex digits, not " + hex.length());
    }
    byte[] bytes = HexFormat.of().parseHex(hex);
    return new Hash(
        Long.reverseBytes((long) LONG.get(bytes, 24)),
        Long.reverseBytes((long) LONG.get(bytes, 16)),
        Long.reverseBytes((long) LONG.get(bytes, 8)),
        Long.reverseBytes((long) LONG.get(bytes, 0)));
  }

  /** The 32 bytes in natural order, in a new array. */
  public byte[] toBytes() {
    byte[] bytes = new byte[SIZE_BYTES];
    writeTo(bytes, 0);
    return bytes;
  }

  /** Writes the 32 bytes in natural order. */
  public void writeTo(byte[] target, int offset) {
    LONG.set(target, offset, a);
    LONG.set(target, offset + 8, b);
    LONG.set(target, offset + 16, c);
    LONG.set(target, offset + 24, d);
  }

  /** The 64 hex digits in natural (serialised) order, as Esplora's script hashes are written. */
  public String toNaturalHex() {
    return HexFormat.of().formatHex(toBytes());
  }

  /** The 64 hex digits in display (reversed) order. */
  @Override
  public String toString() {
    byte[] digits = new byte[2 * SIZE_BYTES];
    putDigits(digits, 0);
    return new String(digits, StandardCharsets.ISO_8859_1);
  }

  /** Writes the 64 hex digits in display order. */
  void putDigits(byte[] target, int at) {
    putDigits(target, at, d);
    putDigits(target, at + 16, c);
    putDigits(target, at + 32, b);
    putDigits(target, at + 48, a);
  }

  /** The bytes of a word, last one first. */
  private static void putDigits(byte[] digits, int at, long word) {
    for (int i = 0; i < Long.BYTES; i++) {
      int bits = (int) (word >>> (Byte.SIZE * i));
      digits[at + 2 * i] = DIGITS[(bits >> 4) & 0xf];
      digits[at + 2 * i + 1] = DIGITS[bits & 0xf];
    }
  }

  /** By hand: what the compiler makes of a record goes through method handles, which shows. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Hash that && a == that.a && b == that.b && c == that.c && d == that.d;
  }

  /** Hashes are uniform already, so any of their bits do. */
  @Override
  public int hashCode() {
    return (int) (a ^ (a >>> 32));
  }

  /** Orders by the natural byte order, unsigned. */
  @Override
  public int compareTo(Hash other) {
    int order = Long.compareUnsigned(a, other.a);
    if (order == 0) {
      order = Long.compareUnsigned(b, other.b);
    }
    if (order == 0) {
      order = Long.compareUnsigned(c, other.c);
    }
    return order != 0 ? order : Long.compareUnsigned(d, other.d);
  }
}
