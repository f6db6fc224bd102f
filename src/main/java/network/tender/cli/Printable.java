package network.tender.cli;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Text that is safe on a terminal, whoever wrote parts of it: files, payment links and nodes may
 * hold sequences that steer a terminal or turn its text round.
 */
final class Printable {
  private static final Pattern STEERING = Pattern.compile("[\\p{Cc}\\p{Cf}&&[^\n\t]]");

  private Printable() {}

  /** The text, over as many lines as it has, with a question mark for what steers. */
  static String lines(String text) {
    // Line ends of the platform are no attack.
    return STEERING.matcher(text.replace("\r\n", "\n")).replaceAll("?");
  }

  /** The same JSON value with such characters escaped, which only texts inside of it can have. */
  static String json(String json) {
    return STEERING
        .matcher(json)
        .replaceAll(
            found ->
                found
                    .group()
                    .chars()
                    .mapToObj(unit -> String.format(Locale.ROOT, "\\\\u%04x", unit))
                    .reduce("", String::concat));
  }
}
