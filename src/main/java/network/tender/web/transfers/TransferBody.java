package network.tender.web.transfers;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import network.tender.chain.MalformedException;
import network.tender.chain.Transaction;
import network.tender.web.JsonBodies;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;
import org.jspecify.annotations.Nullable;

/** Finds the transfer in a request's body: hex digits, raw bytes or JSON. */
public final class TransferBody {
  private static final byte[] DIGITS = digits();

  private TransferBody() {}

  private static byte[] digits() {
    byte[] table = new byte[256];
    Arrays.fill(table, (byte) -1);
    for (int i = 0; i < 16; i++) {
      String digit = Integer.toHexString(i);
      table[digit.charAt(0)] = (byte) i;
      table[digit.toUpperCase(Locale.ROOT).charAt(0)] = (byte) i;
    }
    return table;
  }

  /**
   * Decodes a body by its media type; parameters such as a charset do not matter. Without a type,
   * or with the one that curl gives to {@code -d}, it is hex digits.
   *
   * @throws MalformedException if it holds no transfer in canonical form
   * @throws network.tender.web.ProblemException if its JSON is broken or its type is another one
   */
  public static Transaction decode(@Nullable String contentType, Buffer body)
      throws MalformedException {
    if (contentType == null || contentType.isEmpty() || is(contentType, "text/plain")) {
      return fromHex(body.getBytes());
    }
    if (is(contentType, "application/octet-stream")) {
      return Transaction.parse(body.getBytes());
    }
    if (is(contentType, "application/json")) {
      return fromJson(body);
    }
    if (is(contentType, "application/x-www-form-urlencoded")) {
      return fromHex(body.getBytes());
    }
    throw Problem.of(
            ProblemCode.UNSUPPORTED_MEDIA_TYPE,
            "Send the transfer as text/plain (hex digits), application/octet-stream (raw bytes)"
                + " or application/json ({\"hex\": \"…\"}).")
        .toException();
  }

  static boolean is(String contentType, String mediaType) {
    int length = mediaType.length();
    return contentType.regionMatches(true, 0, mediaType, 0, length)
        && (contentType.length() == length
            || contentType.charAt(length) == ';'
            || contentType.charAt(length) == ' ');
  }

  private static Transaction fromJson(Buffer body) throws MalformedException {
    JsonNode hex = JsonBodies.object(body).path("hex");
    if (!hex.isTextual()) {
      throw Problem.of(
              ProblemCode.INVALID_REQUEST,
              "The JSON body needs the member 'hex': the transfer's hex digits as a string.")
          .toException();
    }
    return fromHex(hex.textValue().getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * Decodes hex digits of either case with white space around them.
   *
   * @param text the digits in ASCII; only read
   * @throws MalformedException if they are not the hex digits of one transfer
   */
  public static Transaction fromHex(byte[] text) throws MalformedException {
    int from = 0;
    int to = text.length;
    while (from < to && text[from] <= ' ' && text[from] >= 0) {
      from++;
    }
    while (to > from && text[to - 1] <= ' ' && text[to - 1] >= 0) {
      to--;
    }
    if (((to - from) & 1) != 0) {
      throw new MalformedException("an odd number of hex digits");
    }
    byte[] raw = new byte[(to - from) / 2];
    for (int i = 0, at = from; i < raw.length; i++, at += 2) {
      int high = DIGITS[text[at] & 0xff];
      int low = DIGITS[text[at + 1] & 0xff];
      if ((high | low) < 0) {
        throw new MalformedException("not hex digits");
      }
      raw[i] = (byte) (high << 4 | low);
    }
    return Transaction.parse(raw);
  }
}
