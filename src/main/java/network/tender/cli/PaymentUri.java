package network.tender.cli;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import network.tender.chain.Amount;

/**
 * A payment request as a URI (BIP21, with BIP321's rule that keys are not case-sensitive).
 *
 * @param address the address as written, not checked yet
 * @param amount what is asked for, if the URI says
 * @param label the payee's name, if the URI says
 */
record PaymentUri(String address, Optional<Amount> amount, Optional<String> label) {
  /** Longer ones are no payment request. */
  private static final int MAX_LENGTH = 4_096;

  /** True if the text is a URI rather than a bare address. */
  static boolean isUri(String text) {
    return text.indexOf(':') >= 0;
  }

  /**
   * Reads a URI strictly: what is not understood but required, doubled or malformed is refused,
   * because guessing would send money.
   *
   * @param scheme the network's own scheme
   * @throws CommandFailure if it can't be paid
   */
  static PaymentUri parse(String text, String scheme) {
    int colon = text.indexOf(':');
    if (text.length() > MAX_LENGTH || colon < 0) {
      throw refused("The payment URI is malformed; ask the payee for a new one.");
    }
    if (!text.substring(0, colon).equalsIgnoreCase(scheme)) {
      throw refused(
          "The payment URI begins with '"
              + text.substring(0, Math.min(colon, 32))
              + ":', but payments on this network begin with '"
              + scheme
              + ":'.");
    }
    String rest = text.substring(colon + 1);
    if (rest.indexOf('#') >= 0) {
      throw refused("The payment URI has a '#' part, which no payment request has.");
    }
    int question = rest.indexOf('?');
    String address = question < 0 ? rest : rest.substring(0, question);
    if (address.isEmpty()) {
      throw refused("The payment URI names no address.");
    }
    Optional<Amount> amount = Optional.empty();
    Optional<String> label = Optional.empty();
    List<String> seen = new ArrayList<>();
    for (String parameter :
        question < 0 ? new String[0] : rest.substring(question + 1).split("&", -1)) {
      if (parameter.isEmpty()) {
        continue;
      }
      int equals = parameter.indexOf('=');
      String key =
          decode(equals < 0 ? parameter : parameter.substring(0, equals)).toLowerCase(Locale.ROOT);
      String value = equals < 0 ? "" : parameter.substring(equals + 1);
      switch (key) {
        case "amount" -> {
          refuseDoubled(seen, key);
          amount = Optional.of(parseAmount(decode(value)));
        }
        case "label" -> {
          refuseDoubled(seen, key);
          label = Optional.of(decode(value));
        }
        default -> {
          if (key.startsWith("req-")) {
            throw refused(
                "The payment URI demands '"
                    + key
                    + "', which this wallet does not know: not paid.");
          }
        }
      }
      seen.add(key);
    }
    return new PaymentUri(address, amount, label);
  }

  private static void refuseDoubled(List<String> seen, String key) {
    if (seen.contains(key)) {
      throw refused("The payment URI has '" + key + "' twice; ask the payee for a new one.");
    }
  }

  /**
   * Reads a positive amount in coins: digits with at most one point, nothing else.
   *
   * @throws CommandFailure if it is not that
   */
  static Amount parseAmount(String text) {
    if (text.matches("[0-9]{1,8}(\\.[0-9]{1,8})?")) {
      try {
        Amount amount = Amount.parseCoins(text);
        if (!amount.isZero()) {
          return amount;
        }
      } catch (ArithmeticException e) {
        // Above the money range: the same sentence.
      }
    }
    throw new CommandFailure(
        "bad-amount",
        "The amount '"
            + text.substring(0, Math.min(text.length(), 40))
            + "' is not a positive number of coins with at most 8 decimals, such as 0.25.");
  }

  private static String decode(String text) {
    byte[] bytes = new byte[text.length() * 3];
    int size = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        if (i + 2 >= text.length()
            || !HexFormat.isHexDigit(text.charAt(i + 1))
            || !HexFormat.isHexDigit(text.charAt(i + 2))) {
          throw refused("The payment URI has a malformed % escape.");
        }
        bytes[size++] = (byte) HexFormat.fromHexDigits(text, i + 1, i + 3);
        i += 2;
      } else if (c > ' ' && c < 0x7f) {
        bytes[size++] = (byte) c;
      } else {
        throw refused("The payment URI has characters that no URI may have.");
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, size)).toString();
    } catch (CharacterCodingException e) {
      throw refused("The payment URI has a malformed % escape.");
    }
  }

  private static CommandFailure refused(String sentence) {
    return new CommandFailure("bad-payment-uri", sentence);
  }
}
