package network.tender.merchant;

import network.tender.chain.Amount;

/**
 * The part of an invoice that changes.
 *
 * @param status where it stands
 * @param additional what else is to say
 * @param paidInTime sum of payments in blocks sealed before it expired
 * @param paid sum of all payments, late ones included
 */
public record InvoiceState(
    InvoiceStatus status, AdditionalStatus additional, Amount paidInTime, Amount paid) {
  InvoiceState with(InvoiceStatus newStatus, AdditionalStatus newAdditional) {
    return new InvoiceState(newStatus, newAdditional, paidInTime, paid);
  }

  /** True if goods may be handed out: settled, or completed after its time. */
  public boolean isComplete() {
    return status == InvoiceStatus.SETTLED || additional == AdditionalStatus.PAID_LATE;
  }
}
