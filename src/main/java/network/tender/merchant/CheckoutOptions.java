package network.tender.merchant;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * How one invoice is to be checked out, frozen when it is made.
 *
 * @param speedPolicy how sure the merchant wants to be
 * @param paymentMethods ids of the payment methods offered
 * @param defaultPaymentMethod the one to show first
 * @param expirationMinutes from creation until the invoice expires
 * @param monitoringMinutes from then until it is no longer watched by clients
 * @param tolerancePercent how much less still completes it, 0 to 100
 * @param redirectUrl where the customer goes when paid; may hold {@code {InvoiceId}} and {@code
 *     {OrderId}}
 * @param redirectAutomatically go there without a click
 * @param defaultLanguage language of the checkout page
 * @param lazyPaymentMethods make the address only when the customer chooses the method
 */
public record CheckoutOptions(
    SpeedPolicy speedPolicy,
    List<String> paymentMethods,
    Optional<String> defaultPaymentMethod,
    BigDecimal expirationMinutes,
    BigDecimal monitoringMinutes,
    BigDecimal tolerancePercent,
    Optional<String> redirectUrl,
    boolean redirectAutomatically,
    Optional<String> defaultLanguage,
    Optional<Boolean> lazyPaymentMethods) {
  /** Makes the list unmodifiable. */
  public CheckoutOptions {
    paymentMethods = List.copyOf(paymentMethods);
  }
}
