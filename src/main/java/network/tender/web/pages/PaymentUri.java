package network.tender.web.pages;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import network.tender.chain.Amount;
import network.tender.chain.Network;

/** Payment URIs (BIP21): {@code bitcoin:ADDRESS?amount=0.5&label=SHOP}. */
final class PaymentUri {
  /** Longer labels would only make the code finer and harder to scan. */
  private static final int MAX_LABEL_CHARACTERS = 40;

  private PaymentUri() {}

  /**
   * A URI for links and for copying.
   *
   * @param amount what to pay; zero leaves it to the payer
   */
  static String of(Network network, String address, Amount amount, String label) {
    StringBuilder uri =
        new StringBuilder(network.uriScheme().length() + address.length() + 64)
            .append(network.uriScheme())
            .append(':')
            .append(address);
    char separator = '?';
    if (!amount.isZero()) {
      uri.append(separator).append("amount=").append(amount.toCoinText());
      separator = '&';
    }
    String shortLabel = shorten(label.strip());
    if (!shortLabel.isEmpty()) {
      uri.append(separator).append("label=").append(encode(shortLabel));
    }
    return uri.toString();
  }

  /** The same for a QR code: upper-case segwit addresses take fewer modules (BIP173). */
  static String forCode(Network network, String address, Amount amount, String label) {
    String prefix = network.hrp() + "1";
    boolean segwit = address.toLowerCase(Locale.ROOT).startsWith(prefix);
    return of(network, segwit ? address.toUpperCase(Locale.ROOT) : address, amount, label);
  }

  private static String shorten(String label) {
    return label.codePointCount(0, label.length()) <= MAX_LABEL_CHARACTERS
        ? label
        : label.substring(0, label.offsetByCodePoints(0, MAX_LABEL_CHARACTERS));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
