package network.tender.web.pages;

import java.util.Locale;
import network.tender.merchant.AdditionalStatus;
import network.tender.merchant.InvoiceView;

/** Where a payment stands, as people need to know it: one screen each. */
public enum Phase {
  /** Nothing has arrived and there is time left. */
  WAITING("New", "Waiting for the payment."),
  /** Less than the amount has arrived and there is time left. */
  PARTIAL("New", "Part of the payment has arrived. The rest is still due."),
  /** Enough has arrived but is not settled yet. */
  PROCESSING("Processing", "The payment has arrived and is being settled."),
  /** Paid; also when the merchant marked it so. */
  PAID("Settled", "Paid."),
  /** Paid, and more than was asked for. */
  OVER("Settled", "Paid. More has arrived than was asked for."),
  /** Paid in full, but only after the time was up. */
  LATE("Expired", "Paid in full, but after the time was up."),
  /** The time is up and nothing has arrived. */
  EXPIRED("Expired", "The time is up. Nothing was paid."),
  /** The time is up and less than the amount has arrived. */
  SHORT("Expired", "The time is up. Only a part was paid."),
  /** Cancelled by the merchant. */
  INVALID("Invalid", "Cancelled.");

  private final String status;
  private final String announcement;

  Phase(String status, String announcement) {
    this.status = status;
    this.announcement = announcement;
  }

  /** The phase that an invoice is in. */
  static Phase of(InvoiceView invoice) {
    return switch (invoice.status()) {
      case NEW -> invoice.additional() == AdditionalStatus.PAID_PARTIAL ? PARTIAL : WAITING;
      case PROCESSING -> PROCESSING;
      case SETTLED -> invoice.additional() == AdditionalStatus.PAID_OVER ? OVER : PAID;
      case EXPIRED ->
          switch (invoice.additional()) {
            case PAID_LATE -> LATE;
            case PAID_PARTIAL -> SHORT;
            case NONE, PAID_OVER, MARKED -> EXPIRED;
          };
      case INVALID -> INVALID;
    };
  }

  /** The invoice status in the merchant API's words. */
  public String status() {
    return status;
  }

  /** What a screen reader says when the phase begins. */
  public String announcement() {
    return announcement;
  }

  /** The name that templates, style sheet and scripts use. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** True while a payment may arrive in time. */
  public boolean isOpen() {
    return this == WAITING || this == PARTIAL || this == PROCESSING;
  }

  /** True when the goods may be handed over without asking. */
  public boolean isPaidInFull() {
    return this == PAID || this == OVER;
  }

  /** True when there is something to write a receipt for. */
  public boolean hasReceipt() {
    return isPaidInFull() || this == LATE;
  }
}
