package network.tender.merchant;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;

/**
 * The life of an invoice as a pure function of its terms, its state and one event. Nothing here
 * reads a clock: times come with the events.
 *
 * <table>
 * <caption>From, event, to (additional status)</caption>
 * <tr><td>–</td><td>opened</td><td>New (None); Settled (None) if nothing is due</td></tr>
 * <tr><td>New</td><td>payment in time, too little</td><td>New (PaidPartial)</td></tr>
 * <tr><td>New</td><td>payment in time that completes it</td><td>Settled (None or PaidOver)</td></tr>
 * <tr><td>Settled</td><td>another payment</td><td>Settled (None or PaidOver)</td></tr>
 * <tr><td>New</td><td>its time runs out</td><td>Expired (None or PaidPartial)</td></tr>
 * <tr><td>Expired</td><td>late payment, too little</td><td>Expired (PaidPartial)</td></tr>
 * <tr><td>Expired</td><td>late payment that completes it</td><td>Expired (PaidLate)</td></tr>
 * <tr><td>Expired</td><td>payment in time that completes it</td><td>Settled</td></tr>
 * <tr><td>any but settled by payment</td><td>marked Settled</td><td>Settled (Marked)</td></tr>
 * <tr><td>any but settled by payment</td><td>marked Invalid</td><td>Invalid (Marked)</td></tr>
 * <tr><td>marked</td><td>payment, time</td><td>unchanged but for the sums</td></tr>
 * </table>
 *
 * <p>One block is final, so the first block that completes an invoice settles it under every speed
 * policy and Processing is passed over. The line "Expired, payment in time" exists because a block
 * is sealed a moment before it is durable: when the clock runs out in between, the block's own time
 * decides, and the customer who paid in time has paid in time.
 */
public final class InvoiceRules {
  private InvoiceRules() {}

  /** The state of a new invoice. */
  public static InvoiceState opened(InvoiceTerms terms) {
    boolean nothingDue = terms.due().isPresent() && terms.due().get().isZero();
    return new InvoiceState(
        nothingDue ? InvoiceStatus.SETTLED : InvoiceStatus.NEW,
        AdditionalStatus.NONE,
        Amount.ZERO,
        Amount.ZERO);
  }

  /**
   * Takes in a payment. The order of payments does not matter, and one of a sum is the same as two
   * of its parts.
   *
   * @param sealedMillis when the block that holds it was sealed, Unix milliseconds
   * @param amount what it pays
   */
  public static InvoiceState paid(
      InvoiceTerms terms, InvoiceState state, long sealedMillis, Amount amount) {
    boolean inTime = sealedMillis < terms.expirationMillis();
    InvoiceState sums =
        new InvoiceState(
            state.status(),
            state.additional(),
            inTime ? sum(state.paidInTime(), amount) : state.paidInTime(),
            sum(state.paid(), amount));
    if (state.additional() == AdditionalStatus.MARKED) {
      return sums;
    }
    if (state.status() == InvoiceStatus.SETTLED || terms.isCompletedBy(sums.paidInTime())) {
      return sums.with(
          InvoiceStatus.SETTLED,
          terms.isOverpaidBy(sums.paid()) ? AdditionalStatus.PAID_OVER : AdditionalStatus.NONE);
    }
    InvoiceStatus status = inTime ? state.status() : InvoiceStatus.EXPIRED;
    if (terms.isCompletedBy(sums.paid())) {
      return sums.with(status, AdditionalStatus.PAID_LATE);
    }
    return sums.with(
        status, sums.paid().isZero() ? state.additional() : AdditionalStatus.PAID_PARTIAL);
  }

  /**
   * Coins may come round and pay the same address again and again, so the sum of what it ever got
   * has no bound; it stops at the largest amount, because a block must never fail to commit.
   */
  private static Amount sum(Amount before, Amount amount) {
    return Amount.ofSat(Math.min(Amount.MAX_SAT, before.sat() + amount.sat()));
  }

  /**
   * Takes in the time: what is still open expires.
   *
   * @param nowMillis the time, Unix milliseconds
   */
  public static InvoiceState clock(InvoiceTerms terms, InvoiceState state, long nowMillis) {
    boolean runsOut = state.status() == InvoiceStatus.NEW && nowMillis >= terms.expirationMillis();
    return runsOut ? state.with(InvoiceStatus.EXPIRED, state.additional()) : state;
  }

  /**
   * The statuses a merchant may set by hand now: Settled, Invalid, both or none. What money has
   * settled can't be unsettled.
   */
  public static Set<InvoiceStatus> markable(InvoiceState state) {
    boolean byHand = state.additional() == AdditionalStatus.MARKED;
    return switch (state.status()) {
      case NEW, PROCESSING, EXPIRED -> EnumSet.of(InvoiceStatus.SETTLED, InvoiceStatus.INVALID);
      case INVALID -> EnumSet.of(InvoiceStatus.SETTLED);
      case SETTLED ->
          byHand ? EnumSet.of(InvoiceStatus.INVALID) : EnumSet.noneOf(InvoiceStatus.class);
    };
  }

  /** Sets a status by hand; empty if that is not allowed now. */
  public static Optional<InvoiceState> marked(InvoiceState state, InvoiceStatus status) {
    return markable(state).contains(status)
        ? Optional.of(state.with(status, AdditionalStatus.MARKED))
        : Optional.empty();
  }
}
