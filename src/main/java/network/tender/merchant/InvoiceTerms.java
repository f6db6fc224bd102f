package network.tender.merchant;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import network.tender.chain.Amount;

/**
 * What an invoice asks for, frozen when it is made.
 *
 * @param due coins due; empty for a top-up, which any payment completes
 * @param tolerancePercent how much less still completes it, 0 to 100
 * @param expirationMillis when its time runs out, Unix milliseconds; a payment in a block sealed at
 *     or after it is late
 */
public record InvoiceTerms(
    Optional<Amount> due, BigDecimal tolerancePercent, long expirationMillis) {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  /** Checks the tolerance's range. */
  public InvoiceTerms {
    if (tolerancePercent.signum() < 0 || tolerancePercent.compareTo(HUNDRED) > 0) {
      throw new IllegalArgumentException("tolerance out of 0..100: " + tolerancePercent);
    }
  }

  /**
   * The least sum that completes the invoice: the amount due less the tolerance, rounded up to a
   * whole base unit. Something has to be paid whatever the tolerance, except when nothing is due.
   */
  public Amount minimumDue() {
    if (due.isEmpty()) {
      return Amount.ofSat(1);
    }
    Amount full = due.get();
    if (full.isZero()) {
      return full;
    }
    BigDecimal least =
        BigDecimal.valueOf(full.sat())
            .multiply(HUNDRED.subtract(tolerancePercent))
            .divide(HUNDRED, 0, RoundingMode.CEILING);
    return Amount.ofSat(Math.max(1, least.longValueExact()));
  }

  /** True if a sum completes the invoice. */
  boolean isCompletedBy(Amount sum) {
    return sum.compareTo(minimumDue()) >= 0;
  }

  /**
   * True if a sum is more than was asked for. The amount due is already rounded up to a whole base
   * unit, so what rounding adds (dust) never counts as overpaid.
   */
  boolean isOverpaidBy(Amount sum) {
    return due.isPresent() && sum.compareTo(due.get()) > 0;
  }
}
