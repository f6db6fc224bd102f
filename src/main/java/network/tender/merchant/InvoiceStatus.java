package network.tender.merchant;

import java.util.Locale;
import java.util.Optional;

/** Where an invoice stands, by the names of the Greenfield API. */
public enum InvoiceStatus {
  /** Waits for money, or for the rest of it. */
  NEW("New"),
  /**
   * Paid by transfers that are not final yet. Here a transfer counts only once it is in a durable
   * block, and one block is final, so no invoice ever rests in this state.
   */
  PROCESSING("Processing"),
  /** Paid in time, or marked so by the merchant. */
  SETTLED("Settled"),
  /** Its time ran out before it was paid; {@link AdditionalStatus} tells what came later. */
  EXPIRED("Expired"),
  /** Given up by the merchant. */
  INVALID("Invalid");

  private final String text;

  InvoiceStatus(String text) {
    this.text = text;
  }

  /** The name in the API and the database. */
  public String text() {
    return text;
  }

  /**
   * Reads a name in any case, also the older ones that clients still filter by ({@code paid},
   * {@code confirmed}, {@code complete}).
   */
  public static Optional<InvoiceStatus> parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "new" -> Optional.of(NEW);
      case "processing", "paid" -> Optional.of(PROCESSING);
      case "settled", "confirmed", "complete" -> Optional.of(SETTLED);
      case "expired" -> Optional.of(EXPIRED);
      case "invalid" -> Optional.of(INVALID);
      default -> Optional.empty();
    };
  }
}
