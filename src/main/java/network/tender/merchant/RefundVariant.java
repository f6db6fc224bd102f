package network.tender.merchant;

import java.util.Arrays;
import java.util.Optional;

/** How much of an invoice is paid back, by the names of the Greenfield API. */
public enum RefundVariant {
  /** As many coins as were paid. */
  RATE_THEN("RateThen"),
  /** As many coins as what was paid was worth then, at the rate of now. */
  CURRENT_RATE("CurrentRate"),
  /** The coins that were paid beyond what was due. */
  OVERPAID_AMOUNT("OverpaidAmount"),
  /** What was paid in the invoice's currency; the coins are reckoned when they are sent. */
  FIAT("Fiat"),
  /** An amount that the merchant names. */
  CUSTOM("Custom");

  private final String text;

  RefundVariant(String text) {
    this.text = text;
  }

  /** The name in the API. */
  public String text() {
    return text;
  }

  /** Reads a name in any case. */
  public static Optional<RefundVariant> parse(String given) {
    return Arrays.stream(values())
        .filter(variant -> variant.text.equalsIgnoreCase(given.strip()))
        .findFirst();
  }
}
