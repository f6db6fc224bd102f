package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import network.tender.chain.Amount;
import network.tender.chain.Script;

/**
 * A request for money.
 *
 * @param id opaque
 * @param storeId whose it is
 * @param amount what is asked for in {@code currency}; empty for a top-up, which takes any sum
 * @param currency a code that {@link Rates} knows
 * @param metadata the merchant's own data, echoed with the same values
 * @param checkout how it is checked out
 * @param receipt what its receipt shows
 * @param terms coins due, tolerance and expiry
 * @param state where it stands
 * @param target where to pay; empty if nothing is due
 * @param payments what was paid, oldest first; at most {@link #MAX_PAYMENTS}, the sums in {@code
 *     state} hold in any case
 * @param createdMillis when it was made, Unix milliseconds
 * @param monitoringMillis until when clients watch it, Unix milliseconds
 * @param archived true if it is put away
 */
public record Invoice(
    String id,
    String storeId,
    Optional<BigDecimal> amount,
    String currency,
    ObjectNode metadata,
    CheckoutOptions checkout,
    ObjectNode receipt,
    InvoiceTerms terms,
    InvoiceState state,
    Optional<Target> target,
    List<Payment> payments,
    long createdMillis,
    long monitoringMillis,
    boolean archived) {
  /** Most payments that are listed with one invoice. */
  public static final int MAX_PAYMENTS = 1_000;

  /**
   * Where and at what price an invoice is paid.
   *
   * @param rate price of one coin in the invoice's currency
   * @param script the invoice's own output script
   * @param walletId the wallet it is of
   * @param addressIndex its number in that wallet
   */
  public record Target(BigDecimal rate, Script script, long walletId, int addressIndex) {}

  /** Makes the list unmodifiable. */
  public Invoice {
    payments = List.copyOf(payments);
  }

  /** True if any sum pays it. */
  public boolean isTopUp() {
    return amount.isEmpty();
  }

  /**
   * The invoice as it stands at a time: one whose time has run out is expired, whether or not the
   * sweep has written so yet.
   */
  public Invoice at(long nowMillis) {
    return with(InvoiceRules.clock(terms, state, nowMillis).state());
  }

  Invoice with(InvoiceState newState) {
    return copy(metadata, newState, target);
  }

  Invoice with(Target newTarget) {
    return copy(metadata, state, Optional.of(newTarget));
  }

  Invoice with(ObjectNode newMetadata) {
    return copy(newMetadata, state, target);
  }

  private Invoice copy(ObjectNode newMetadata, InvoiceState newState, Optional<Target> newTarget) {
    return new Invoice(
        id,
        storeId,
        amount,
        currency,
        newMetadata,
        checkout,
        receipt,
        terms,
        newState,
        newTarget,
        payments,
        createdMillis,
        monitoringMillis,
        archived);
  }

  /** Coins still missing; zero when enough or more was paid, and for a top-up. */
  public Amount missing() {
    return terms
        .due()
        .filter(due -> due.compareTo(state.paid()) > 0 && !state.isComplete())
        .map(due -> due.minus(state.paid()))
        .orElse(Amount.ZERO);
  }

  /** The merchant's order number, if the metadata has one. */
  public Optional<String> orderId() {
    return LenientJson.text(LenientJson.get(metadata, "orderId"));
  }

  /** The number of its address, if it has one. */
  public OptionalInt addressIndex() {
    return target.isPresent() ? OptionalInt.of(target.get().addressIndex()) : OptionalInt.empty();
  }
}
