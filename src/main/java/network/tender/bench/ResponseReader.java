package network.tender.bench;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads HTTP/1.1 responses that say how long they are, one after the other on one connection. It
 * keeps the bytes of the response that is being read and nothing else: a measuring client shares
 * the machine with what it measures.
 */
final class ResponseReader {
  private static final int MAX_HEAD_BYTES = 16 * 1024;
  private static final int MAX_BODY_BYTES = 64 * 1024 * 1024;
  private static final byte[] CONTENT_LENGTH = lower("content-length:");
  private static final byte[] RETRY_AFTER = lower("retry-after:");
  private static final byte[] TRANSFER_ENCODING = lower("transfer-encoding:");

  private byte[] bytes = new byte[4 * 1024];
  private int length;
  private int bodyFrom;
  private int end;
  private int status;
  private int retryAfterSeconds;

  /** The other side does not speak the HTTP that is expected here. */
  static final class ProtocolException extends Exception {
    ProtocolException(String message) {
      super(message);
    }
  }

  private static byte[] lower(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  /** Forgets the last response. */
  void reset() {
    length = 0;
    bodyFrom = 0;
    end = 0;
  }

  /**
   * Takes what has come in.
   *
   * @return true once the response is complete; it stays until {@link #reset}
   * @throws ProtocolException if it is no such response, or more came than one
   */
  boolean take(ByteBuf in) throws ProtocolException {
    int more = in.readableBytes();
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
    int scanFrom = Math.max(0, length - 3);
    in.readBytes(bytes, length, more);
    length += more;
    if (bodyFrom == 0) {
      int headEnd = headEnd(scanFrom);
      if (headEnd < 0) {
        if (length > MAX_HEAD_BYTES) {
          throw new ProtocolException("a head without an end");
        }
        return false;
      }
      readHead(headEnd);
    }
    if (length > end) {
      throw new ProtocolException("more than one answer to one request");
    }
    return length == end;
  }

  private int headEnd(int from) {
    for (int i = from; i + 3 < length; i++) {
      if (bytes[i] == '\r'
          && bytes[i + 1] == '\n'
          && bytes[i + 2] == '\r'
          && bytes[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  private void readHead(int headEnd) throws ProtocolException {
    if (headEnd < 17 || bytes[0] != 'H' || bytes[8] != ' ') {
      throw new ProtocolException("no status line");
    }
    status = number(9, 12);
    retryAfterSeconds = 0;
    int bodyLength = status == 204 || status == 304 ? 0 : -1;
    int line = lineEnd(0) + 2;
    while (line < headEnd - 2) {
      int lineEnd = lineEnd(line);
      if (startsWith(line, CONTENT_LENGTH)) {
        bodyLength = number(line + CONTENT_LENGTH.length, lineEnd);
      } else if (startsWith(line, RETRY_AFTER)) {
        retryAfterSeconds = number(line + RETRY_AFTER.length, lineEnd);
      } else if (startsWith(line, TRANSFER_ENCODING)) {
        throw new ProtocolException("an answer that does not say how long it is");
      }
      line = lineEnd + 2;
    }
    if (bodyLength < 0 || bodyLength > MAX_BODY_BYTES) {
      throw new ProtocolException("an answer that does not say how long it is, or a huge one");
    }
    bodyFrom = headEnd;
    end = headEnd + bodyLength;
  }

  private int lineEnd(int from) {
    int at = from;
    while (bytes[at] != '\r' || bytes[at + 1] != '\n') {
      at++;
    }
    return at;
  }

  private boolean startsWith(int from, byte[] name) {
    if (from + name.length > length) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      int c = bytes[from + i];
      if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name[i]) {
        return false;
      }
    }
    return true;
  }

  private int number(int from, int to) throws ProtocolException {
    int value = 0;
    int digits = 0;
    for (int i = from; i < to; i++) {
      int c = bytes[i];
      if (c == ' ' && (digits == 0 || i == to - 1)) {
        continue;
      }
      if (c < '0' || c > '9' || ++digits > 9) {
        throw new ProtocolException("no number where one belongs");
      }
      value = value * 10 + c - '0';
    }
    if (digits == 0) {
      throw new ProtocolException("no number where one belongs");
    }
    return value;
  }

  int status() {
    return status;
  }

  /** What the answer asks for, in seconds; 0 if it asks for nothing. */
  int retryAfterSeconds() {
    return retryAfterSeconds;
  }

  int bodyLength() {
    return end - bodyFrom;
  }

  /** The whole body as text. */
  String body() {
    return new String(bytes, bodyFrom, end - bodyFrom, StandardCharsets.UTF_8);
  }

  /** True if the body has these bytes at this place. */
  boolean bodyHas(int offset, byte[] expected) {
    int from = bodyFrom + offset;
    return from + expected.length <= end
        && Arrays.equals(bytes, from, from + expected.length, expected, 0, expected.length);
  }

  /** Where these bytes begin in the body, at this place or behind it; -1 if nowhere. */
  int bodyIndexOf(byte[] sought, int offset) {
    for (int i = offset; bodyFrom + i + sought.length <= end; i++) {
      if (bytes[bodyFrom + i] == sought[0] && bodyHas(i, sought)) {
        return i;
      }
    }
    return -1;
  }

  /** The value of the first JSON member of this name that is a plain string; empty without one. */
  String textMember(String name) {
    byte[] key = ("\"" + name + "\":\"").getBytes(StandardCharsets.US_ASCII);
    int at = bodyIndexOf(key, 0);
    if (at < 0) {
      return "";
    }
    int from = bodyFrom + at + key.length;
    int to = from;
    while (to < end && bytes[to] != '"') {
      to++;
    }
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }
}
