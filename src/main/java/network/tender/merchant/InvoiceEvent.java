package network.tender.merchant;

/** What is told of an invoice, by the names of the Greenfield API's webhooks. */
public sealed interface InvoiceEvent {
  /** The name in the API. */
  String type();

  /** It was made. */
  record Created() implements InvoiceEvent {
    @Override
    public String type() {
      return "InvoiceCreated";
    }
  }

  /**
   * A payment has come.
   *
   * @param payment what came
   * @param afterExpiration true if its block was sealed after the invoice's time
   */
  record ReceivedPayment(Payment payment, boolean afterExpiration) implements InvoiceEvent {
    @Override
    public String type() {
      return "InvoiceReceivedPayment";
    }
  }

  /**
   * It is paid in full, final or not.
   *
   * @param overPaid true if more came than was due
   */
  record Processing(boolean overPaid) implements InvoiceEvent {
    @Override
    public String type() {
      return "InvoiceProcessing";
    }
  }

  /**
   * A payment is final.
   *
   * @param payment which
   * @param afterExpiration true if its block was sealed after the invoice's time
   */
  record PaymentSettled(Payment payment, boolean afterExpiration) implements InvoiceEvent {
    @Override
    public String type() {
      return "InvoicePaymentSettled";
    }
  }

  /**
   * It is settled.
   *
   * @param manuallyMarked true if the merchant says so
   * @param overPaid true if more came than was due
   */
  record Settled(boolean manuallyMarked, boolean overPaid) implements InvoiceEvent {
    @Override
    public String type() {
      return "InvoiceSettled";
    }
  }

  /**
   * Its time is over.
   *
   * @param partiallyPaid true if something came, but too little
   */
  record Expired(boolean partiallyPaid) implements InvoiceEvent {
    @Override
    public String type() {
      return "InvoiceExpired";
    }
  }

  /** Its time is over and too little has come. */
  record ExpiredPaidPartial() implements InvoiceEvent {
    @Override
    public String type() {
      return "InvoiceExpiredPaidPartial";
    }
  }

  /** It was completed after its time. */
  record PaidAfterExpiration() implements InvoiceEvent {
    @Override
    public String type() {
      return "InvoicePaidAfterExpiration";
    }
  }

  /**
   * It was given up.
   *
   * @param manuallyMarked true if the merchant did so
   */
  record Invalid(boolean manuallyMarked) implements InvoiceEvent {
    @Override
    public String type() {
      return "InvoiceInvalid";
    }
  }
}
