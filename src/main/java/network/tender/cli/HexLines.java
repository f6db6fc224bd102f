package network.tender.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import network.tender.chain.Block;

/** Blocks from a file of hex digits, one block a line, as {@code chain export} writes it. */
final class HexLines implements BlockSource {
  /** A block of the largest weight has at most so many bytes, hex doubles it. */
  private static final int MAX_LINE = 2 * Block.MAX_WEIGHT;

  private static final byte[] DIGITS = digits();

  private final InputStream in;

  /** What was read from the stream and is not yet part of a line. */
  private final byte[] buffer = new byte[1 << 16];

  private int position;
  private int limit;

  /** The line at hand, without its end. */
  private byte[] line = new byte[1 << 16];

  private int length;
  private int lineNumber;

  HexLines(InputStream in) {
    this.in = in;
  }

  private static byte[] digits() {
    byte[] digits = new byte[256];
    for (int i = 0; i < digits.length; i++) {
      digits[i] = (byte) Character.digit(i < 0x80 ? i : 0, 16);
    }
    return digits;
  }

  @Override
  public Optional<SourceBlock> next() throws IOException {
    while (readLine()) {
      lineNumber++;
      int from = 0;
      while (from < length && isBlank(line[from])) {
        from++;
      }
      int to = length;
      while (to > from && isBlank(line[to - 1])) {
        to--;
      }
      if (to > from) {
        return Optional.of(new SourceBlock(parse(from, to), Optional.empty()));
      }
    }
    return Optional.empty();
  }

  private static boolean isBlank(byte character) {
    return character >= 0 && character <= ' ';
  }

  private byte[] parse(int from, int to) {
    byte[] raw = new byte[(to - from) / 2];
    int wrong = -((to - from) & 1);
    for (int i = 0; i < raw.length; i++) {
      int high = DIGITS[line[from + 2 * i] & 0xff];
      int low = DIGITS[line[from + 2 * i + 1] & 0xff];
      wrong |= high | low;
      raw[i] = (byte) (high << 4 | low);
    }
    // What is no digit is -1, and so is an odd one: either makes the whole negative.
    if (wrong < 0) {
      throw new CommandFailure("block-decode-failed", "Line " + lineNumber + " is not hex digits.");
    }
    return raw;
  }

  /** Reads the next line, the last of which may lack its end; false if there is none. */
  private boolean readLine() throws IOException {
    length = 0;
    while (true) {
      int end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      append(end);
      if (end < limit) {
        position = end + 1;
        return true;
      }
      position = 0;
      limit = Math.max(0, in.read(buffer, 0, buffer.length));
      if (limit == 0) {
        return length > 0;
      }
    }
  }

  private void append(int end) {
    int count = end - position;
    if (length + count > MAX_LINE) {
      throw new CommandFailure(
          "block-decode-failed", "Line " + (lineNumber + 1) + " is longer than any block.");
    }
    if (length + count > line.length) {
      line = Arrays.copyOf(line, Math.min(MAX_LINE, Math.max(length + count, 2 * line.length)));
    }
    System.arraycopy(buffer, position, line, length, count);
    length += count;
  }

  @Override
  public boolean hasCertificates() {
    return false;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
