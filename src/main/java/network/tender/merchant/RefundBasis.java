package network.tender.merchant;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import network.tender.chain.Amount;

/**
 * What of an invoice can be paid back, before anything is taken off. Coins are whole base units and
 * amounts in the invoice's currency have its digits.
 *
 * @param currency the invoice's
 * @param coins what was paid; for an invoice that the merchant has marked as settled without any
 *     payment, what was due
 * @param worth the same in the invoice's currency, at the invoice's rate
 * @param overpaid what was paid beyond what was due; empty unless the invoice is overpaid
 */
public record RefundBasis(
    String currency, Amount coins, BigDecimal worth, Optional<Amount> overpaid) {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  /** What of a number a percent is, as a shift of its point. */
  private static final int PERCENT_SHIFT = 2;

  /** True if an invoice is through, for good or not, and may have got money. */
  public static boolean isRefundable(InvoiceState state) {
    return switch (state.standing()) {
      case SETTLED, SETTLED_OVER, SETTLED_BY_HAND, INVALID_BY_HAND, EXPIRED_PARTIAL, EXPIRED_LATE ->
          true;
      case NEW, NEW_PARTIAL, EXPIRED -> false;
    };
  }

  /** That of an invoice; empty if the invoice could never be paid, as nothing was due. */
  public static Optional<RefundBasis> of(Invoice invoice, Rates rates) {
    return invoice
        .target()
        .map(
            target -> {
              InvoiceState state = invoice.state();
              Amount due = invoice.terms().due().orElse(Amount.ZERO);
              boolean paidElsewhere =
                  state.standing() == InvoiceStanding.SETTLED_BY_HAND && state.paid().isZero();
              Amount coins = paidElsewhere ? due : state.paid();
              return new RefundBasis(
                  invoice.currency(),
                  coins,
                  rates.toCurrency(coins, target.rate(), invoice.currency()),
                  state.additional() == AdditionalStatus.PAID_OVER
                      ? Optional.of(coins.minus(due))
                      : Optional.empty());
            });
  }

  /**
   * The coins that have the {@link #worth} at another rate, to the nearest base unit, half to even.
   *
   * @param rate price of one coin in the invoice's currency, above 0
   */
  public BigDecimal coinsAt(BigDecimal rate) {
    return worth.divide(rate, Amount.COIN_DIGITS, RoundingMode.HALF_EVEN);
  }

  /**
   * An amount less a part of it, to the nearest that has so many digits, half to even.
   *
   * @param percent what is taken off, 0 to 100
   * @param digits after the point
   */
  public static BigDecimal less(BigDecimal amount, BigDecimal percent, int digits) {
    return amount
        .multiply(HUNDRED.subtract(percent))
        .movePointLeft(PERCENT_SHIFT)
        .setScale(digits, RoundingMode.HALF_EVEN);
  }
}
