package network.tender.merchant;

import java.util.List;

/**
 * A step of one invoice that is to be written down.
 *
 * @param change how it stood and stands
 * @param events what is told of it, in order
 * @param atMillis when it happened, Unix milliseconds
 * @param address where it is paid, as text; empty if nowhere
 */
record InvoiceTransition(
    InvoiceChange change, List<InvoiceEvent> events, long atMillis, String address) {
  /** Makes the list unmodifiable. */
  InvoiceTransition {
    events = List.copyOf(events);
  }

  /** This step and the next of the same invoice, as one. */
  InvoiceTransition then(InvoiceStep next) {
    InvoiceChange both =
        new InvoiceChange(change.invoiceId(), change.storeId(), change.before(), next.state());
    return new InvoiceTransition(
        both, new InvoiceStep(change.after(), events).then(next).events(), atMillis, address);
  }
}
