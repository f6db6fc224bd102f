package network.tender.merchant;

import network.tender.chain.Amount;

/**
 * The part of an invoice that changes; {@link InvoiceRules} alone makes one of another.
 *
 * @param standing where it stands
 * @param paidInTime sum of payments in blocks sealed before it expired
 * @param paid sum of all payments, late ones included
 */
public record InvoiceState(InvoiceStanding standing, Amount paidInTime, Amount paid) {
  /**
   * A state as it is stored.
   *
   * @throws IllegalArgumentException if no invoice can stand so
   */
  InvoiceState(InvoiceStatus status, AdditionalStatus additional, Amount paidInTime, Amount paid) {
    this(InvoiceStanding.of(status, additional), paidInTime, paid);
  }

  InvoiceState with(InvoiceStanding newStanding) {
    return new InvoiceState(newStanding, paidInTime, paid);
  }

  /** The status in the API. */
  public InvoiceStatus status() {
    return standing.status();
  }

  /** What else the API says. */
  public AdditionalStatus additional() {
    return standing.additional();
  }

  /** True if goods may be handed out: settled, or completed after its time. */
  public boolean isComplete() {
    return status() == InvoiceStatus.SETTLED || standing == InvoiceStanding.EXPIRED_LATE;
  }
}
