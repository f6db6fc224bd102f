package network.tender.merchant;

/** More listeners to invoices than {@link InvoiceEvents#MAX_SUBSCRIPTIONS}. */
public final class TooManyFollowersException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooManyFollowersException() {
    super("too many listeners to invoices", null, false, false);
  }
}
