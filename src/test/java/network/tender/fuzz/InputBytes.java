package network.tender.fuzz;

import java.util.Arrays;

/**
 * An input read piece by piece; behind its end there are zeros, so that every input means
 * something.
 */
final class InputBytes {
  private final byte[] bytes;
  private int position;

  InputBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean hasNext() {
    return position < bytes.length;
  }

  /** The next byte, 0..255. */
  int next() {
    return position < bytes.length ? bytes[position++] & 0xff : 0;
  }

  /** Four bytes, little-endian. */
  int nextInt() {
    return next() | next() << 8 | next() << 16 | next() << 24;
  }

  /** As many of the next bytes as there are, at most this many. */
  byte[] next(int most) {
    int end = Math.min(bytes.length, position + most);
    byte[] next = Arrays.copyOfRange(bytes, position, end);
    position = end;
    return next;
  }

  /** Bytes behind their number. */
  byte[] nextSized() {
    return next(next());
  }
}
