package network.tender.merchant;

import java.util.ArrayList;
import java.util.List;

/**
 * What one thing that happened made of an invoice.
 *
 * @param state how it stands now
 * @param events what is to be told, in order; empty if nothing is
 */
public record InvoiceStep(InvoiceState state, List<InvoiceEvent> events) {
  /** Makes the list unmodifiable. */
  public InvoiceStep {
    events = List.copyOf(events);
  }

  static InvoiceStep none(InvoiceState state) {
    return new InvoiceStep(state, List.of());
  }

  /** This step and the one that follows from its state. */
  InvoiceStep then(InvoiceStep next) {
    if (events.isEmpty()) {
      return next;
    }
    List<InvoiceEvent> both = new ArrayList<>(events);
    both.addAll(next.events);
    return new InvoiceStep(next.state, both);
  }
}
