package network.tender.merchant;

/**
 * Everywhere that an invoice can stand: the pairs of status and additional status that there are.
 * There is none with {@link InvoiceStatus#PROCESSING}: one block is final, so that an invoice
 * passes through it and never rests there.
 */
public enum InvoiceStanding {
  /** Waits for money. */
  NEW(InvoiceStatus.NEW, AdditionalStatus.NONE),
  /** Waits for the rest of it. */
  NEW_PARTIAL(InvoiceStatus.NEW, AdditionalStatus.PAID_PARTIAL),
  /** Paid. */
  SETTLED(InvoiceStatus.SETTLED, AdditionalStatus.NONE),
  /** Paid, and more. */
  SETTLED_OVER(InvoiceStatus.SETTLED, AdditionalStatus.PAID_OVER),
  /** The merchant says that it is paid. */
  SETTLED_BY_HAND(InvoiceStatus.SETTLED, AdditionalStatus.MARKED),
  /** Its time is over and nothing came. */
  EXPIRED(InvoiceStatus.EXPIRED, AdditionalStatus.NONE),
  /** Its time is over and too little has come. */
  EXPIRED_PARTIAL(InvoiceStatus.EXPIRED, AdditionalStatus.PAID_PARTIAL),
  /** Paid after its time. */
  EXPIRED_LATE(InvoiceStatus.EXPIRED, AdditionalStatus.PAID_LATE),
  /** The merchant has given it up. */
  INVALID_BY_HAND(InvoiceStatus.INVALID, AdditionalStatus.MARKED);

  private final InvoiceStatus status;
  private final AdditionalStatus additional;

  InvoiceStanding(InvoiceStatus status, AdditionalStatus additional) {
    this.status = status;
    this.additional = additional;
  }

  /** The status in the API. */
  public InvoiceStatus status() {
    return status;
  }

  /** What else the API says. */
  public AdditionalStatus additional() {
    return additional;
  }

  /**
   * The standing of a pair.
   *
   * @throws IllegalArgumentException if no invoice can stand so
   */
  static InvoiceStanding of(InvoiceStatus status, AdditionalStatus additional) {
    for (InvoiceStanding standing : values()) {
      if (standing.status == status && standing.additional == additional) {
        return standing;
      }
    }
    throw new IllegalArgumentException(
        "no invoice is " + status.text() + " (" + additional.text() + ")");
  }
}
