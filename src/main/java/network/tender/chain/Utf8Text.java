package network.tender.chain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text written in UTF-8 into the very bytes that are sent. For answers of which there is one for
 * each transfer; what a {@link StringBuilder} holds would be copied twice on the way.
 */
public final class Utf8Text {
  private static final int FIRST_NOT_ASCII = 0x80;

  private byte[] bytes;
  private int length;

  /**
   * Empty text.
   *
   * @param capacity bytes that it is expected to have; more make it grow
   */
  public Utf8Text(int capacity) {
    this.bytes = new byte[capacity];
  }

  /** Appends text. */
  public Utf8Text append(String text) {
    ensureRoom(text.length());
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (next >= FIRST_NOT_ASCII) {
        return append(text.getBytes(StandardCharsets.UTF_8));
      }
      bytes[length + i] = (byte) next;
    }
    length += text.length();
    return this;
  }

  /** Appends the bytes of other such text. */
  public Utf8Text append(byte[] utf8) {
    ensureRoom(utf8.length);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
    return this;
  }

  /** Appends a hash's 64 hex digits in display order. */
  public Utf8Text append(Hash hash) {
    ensureRoom(2 * Hash.SIZE_BYTES);
    hash.putDigits(bytes, length);
    length += 2 * Hash.SIZE_BYTES;
    return this;
  }

  /** Appends a character, which else would be taken for a number. */
  public Utf8Text append(char character) {
    return append(String.valueOf(character));
  }

  /** Appends a number in decimal digits. */
  public Utf8Text append(long number) {
    return append(Long.toString(number));
  }

  private void ensureRoom(int more) {
    if (more > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }

  /** How many bytes it has. */
  public int length() {
    return length;
  }

  /** Its bytes, in a new array. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** The bytes themselves, and behind {@link #length} others; for who only reads them. */
  public byte[] array() {
    return bytes;
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
