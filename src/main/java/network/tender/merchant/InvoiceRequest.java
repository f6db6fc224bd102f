package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * What a merchant asks for. Everything left out comes from the store's settings.
 *
 * @param amount not negative; empty for a top-up
 * @param currency code; empty for the store's own currency
 * @param metadata free
 * @param speedPolicy as in {@link CheckoutOptions}, like the following
 * @param defaultPaymentMethod canonical id
 * @param expirationMinutes at least half a minute
 * @param monitoringMinutes not negative
 * @param tolerancePercent 0 to 100
 * @param redirectUrl where the customer goes when paid
 * @param redirectAutomatically go there without a click
 * @param defaultLanguage language of the checkout page
 * @param lazyPaymentMethods echoed
 * @param receipt keys that differ from the store's
 * @param searchTerms more texts to find it by
 * @param requestKey the same for every try to make this one invoice, so that it is made once
 * @param hook where its events are sent, beside the store's webhooks
 */
public record InvoiceRequest(
    Optional<BigDecimal> amount,
    Optional<String> currency,
    ObjectNode metadata,
    Optional<SpeedPolicy> speedPolicy,
    Optional<String> defaultPaymentMethod,
    Optional<BigDecimal> expirationMinutes,
    Optional<BigDecimal> monitoringMinutes,
    Optional<BigDecimal> tolerancePercent,
    Optional<String> redirectUrl,
    Optional<Boolean> redirectAutomatically,
    Optional<String> defaultLanguage,
    Optional<Boolean> lazyPaymentMethods,
    Optional<ObjectNode> receipt,
    List<String> searchTerms,
    Optional<String> requestKey,
    Optional<InvoiceHook> hook) {
  /** Makes the list unmodifiable. */
  public InvoiceRequest {
    searchTerms = List.copyOf(searchTerms);
  }

  /** A plain request for an amount, all else by the store's settings. */
  public static InvoiceRequest of(BigDecimal amount, Optional<String> currency) {
    return new InvoiceRequest(
        Optional.of(amount),
        currency,
        ExactJson.object(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same request with other metadata and a key. */
  public InvoiceRequest with(ObjectNode newMetadata, Optional<String> newRequestKey) {
    return new InvoiceRequest(
        amount,
        currency,
        newMetadata,
        speedPolicy,
        defaultPaymentMethod,
        expirationMinutes,
        monitoringMinutes,
        tolerancePercent,
        redirectUrl,
        redirectAutomatically,
        defaultLanguage,
        lazyPaymentMethods,
        receipt,
        searchTerms,
        newRequestKey,
        hook);
  }

  /**
   * The same request with what a point of sale adds.
   *
   * @param newRedirectUrl where the customer goes when paid
   * @param automatically go there without a click
   * @param newSearchTerms more texts to find it by
   */
  InvoiceRequest with(
      Optional<String> newRedirectUrl, boolean automatically, List<String> newSearchTerms) {
    return new InvoiceRequest(
        amount,
        currency,
        metadata,
        speedPolicy,
        defaultPaymentMethod,
        expirationMinutes,
        monitoringMinutes,
        tolerancePercent,
        newRedirectUrl,
        Optional.of(automatically),
        defaultLanguage,
        lazyPaymentMethods,
        receipt,
        newSearchTerms,
        requestKey,
        hook);
  }

  /** The same request with an amount, or with none: then any sum pays it. */
  InvoiceRequest withAmount(Optional<BigDecimal> newAmount) {
    return new InvoiceRequest(
        newAmount,
        currency,
        metadata,
        speedPolicy,
        defaultPaymentMethod,
        expirationMinutes,
        monitoringMinutes,
        tolerancePercent,
        redirectUrl,
        redirectAutomatically,
        defaultLanguage,
        lazyPaymentMethods,
        receipt,
        searchTerms,
        requestKey,
        hook);
  }
}
