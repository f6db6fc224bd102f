package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.merchant.Invoice;
import network.tender.merchant.LenientJson;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.Rates;
import network.tender.merchant.RefundBasis;
import network.tender.merchant.RefundVariant;
import network.tender.merchant.Store;
import network.tender.merchant.StoreRates;

/**
 * Money back for invoices. What a refund would come to is answered in full; the refund itself takes
 * a pull payment, which this server does not make, and so it is refused when all else about it is
 * right, with the amount that the merchant may send from a wallet instead.
 */
final class RefundOperations {
  private static final int MAX_TEXT_CHARS = 2_000;
  private static final int MAX_METHODS = 50;
  private static final int MAX_METHOD_CHARS = 200;
  private static final String MAX_AMOUNT = "999999999999999999";
  private static final String MAX_PERCENT = "100";

  private static final String VARIANTS =
      "Must be RateThen, CurrentRate, OverpaidAmount, Fiat or Custom.";

  private final Merchant merchant;
  private final Rates rates;
  private final InvoiceAccess access;
  private final PaymentMethodIds methodIds;

  RefundOperations(Merchant merchant) {
    this.merchant = merchant;
    this.rates = merchant.rates();
    this.access = new InvoiceAccess(merchant);
    this.methodIds = new PaymentMethodIds(merchant.network());
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .bind("refundStoreInvoice", this::refund)
        .bind("refundInvoice", this::refund)
        .bind("previewStoreInvoiceRefund", this::preview)
        .bind("previewInvoiceRefund", this::preview);
  }

  /** An amount with its currency. */
  private record Money(BigDecimal amount, String currency) {}

  /**
   * What is asked for.
   *
   * @param subtractPercent what is taken off, 0 to 100
   * @param custom the amount of {@link RefundVariant#CUSTOM}; empty for the others
   */
  private record Wanted(
      RefundVariant variant, BigDecimal subtractPercent, Optional<Money> custom) {}

  private Future<Optional<JsonNode>> refund(Call call) {
    return access
        .of(call, Permission.CREATE_UNAPPROVED_PULL_PAYMENTS)
        .compose(
            invoice -> {
              demandRefundable(invoice);
              Optional<RefundBasis> basis = RefundBasis.of(invoice, rates);
              return amount(invoice, basis, wanted(call, basis));
            })
        .compose(
            money ->
                Future.failedFuture(
                    RefusalException.business(
                        "refund-unavailable",
                        "This server makes no refund links. Ask the customer for an address and"
                            + " send back %s from a wallet of yours.".formatted(coins(money)))));
  }

  private String coins(Money money) {
    String text = InvoiceJson.plain(money.amount()) + " " + money.currency();
    return money.currency().equals(rates.coinCode()) ? text : "coins worth " + text;
  }

  private static void demandRefundable(Invoice invoice) {
    if (!RefundBasis.isRefundable(invoice.state())) {
      throw RefusalException.business(
          "non-refundable",
          "Only what is settled, invalid or has expired with money can be paid back; this invoice"
              + " is %s.".formatted(invoice.state().status().text()));
    }
  }

  private Wanted wanted(Call call, Optional<RefundBasis> basis) {
    Fields fields = Fields.of(call.body());
    fields.text("name", "Name", MAX_TEXT_CHARS);
    fields.text("description", "Description", MAX_TEXT_CHARS);
    checkMethods(fields, basis);
    Optional<RefundVariant> variant =
        fields.read(
            "refundVariant",
            "RefundVariant",
            VARIANTS,
            value -> LenientJson.text(value).flatMap(RefundVariant::parse));
    if (fields.get("refundVariant").isNull()) {
      fields.error("RefundVariant", VARIANTS);
    }
    if (variant.equals(Optional.of(RefundVariant.OVERPAID_AMOUNT))
        && basis.isPresent()
        && basis.get().overpaid().isEmpty()) {
      fields.error("RefundVariant", "The invoice is not overpaid.");
    }
    BigDecimal percent =
        fields
            .decimal("subtractPercentage", "SubtractPercentage", "0", MAX_PERCENT)
            .orElse(BigDecimal.ZERO);
    Optional<Money> custom = variant.flatMap(known -> custom(fields, known));
    fields.finish();
    return new Wanted(variant.orElseThrow(), percent, custom);
  }

  /** What money can be taken back by: the one method that the invoice could be paid by. */
  private void checkMethods(Fields fields, Optional<RefundBasis> basis) {
    boolean several = !fields.get("payoutMethods").isNull();
    List<String> asked =
        several
            ? fields.texts("payoutMethods", "PayoutMethods", MAX_METHODS, MAX_METHOD_CHARS)
            : fields
                .text("payoutMethodId", "PayoutMethodId", MAX_METHOD_CHARS)
                .map(List::of)
                .orElseGet(() -> List.of(merchant.network().paymentMethodId()));
    if (basis.isEmpty()) {
      fields.error(
          several ? "PayoutMethods" : "PayoutMethodId",
          "Nothing was due, so the invoice could not be paid by any method.");
    } else if (asked.isEmpty() || !asked.stream().allMatch(methodIds::isChain)) {
      fields.error(
          several ? "PayoutMethods" : "PayoutMethodId",
          "Must be what the invoice could be paid by: %s."
              .formatted(merchant.network().paymentMethodId()));
    }
  }

  /** The amount that the merchant names; no other variant may come with one. */
  private Optional<Money> custom(Fields fields, RefundVariant variant) {
    boolean isCustom = variant == RefundVariant.CUSTOM;
    for (String key : List.of("customAmount", "customCurrency")) {
      if (fields.get(key).isNull() == isCustom) {
        fields.error(
            LenientJson.pascalCase(key),
            isCustom ? "Needed for Custom." : "Only for the variant Custom.");
      }
    }
    if (!isCustom) {
      return Optional.empty();
    }
    Optional<BigDecimal> amount = fields.decimal("customAmount", "CustomAmount", "0", MAX_AMOUNT);
    Optional<String> currency =
        fields.read(
            "customCurrency",
            "CustomCurrency",
            "Must be the code of a currency, such as USD or %s.".formatted(rates.coinCode()),
            value -> LenientJson.text(value).flatMap(rates::currency));
    Optional<Money> money =
        currency.flatMap(code -> amount.map(given -> new Money(rates.round(given, code), code)));
    if (money.isPresent() && money.get().amount().signum() == 0) {
      fields.error("CustomAmount", "Must be more than nothing.");
    }
    return money;
  }

  private Future<Money> amount(Invoice invoice, Optional<RefundBasis> known, Wanted wanted) {
    RefundBasis basis = known.orElseThrow();
    String coin = rates.coinCode();
    Future<Money> whole =
        switch (wanted.variant()) {
          case RATE_THEN -> Future.succeededFuture(new Money(basis.coins().toCoins(), coin));
          case CURRENT_RATE -> rateNow(invoice).map(rate -> new Money(basis.coinsAt(rate), coin));
          case OVERPAID_AMOUNT ->
              Future.succeededFuture(
                  new Money(basis.overpaid().orElse(Amount.ZERO).toCoins(), coin));
          case FIAT -> Future.succeededFuture(new Money(basis.worth(), basis.currency()));
          case CUSTOM -> Future.succeededFuture(wanted.custom().orElseThrow());
        };
    return whole.map(
        money ->
            new Money(
                RefundBasis.less(
                    money.amount(), wanted.subtractPercent(), rates.digits(money.currency())),
                money.currency()));
  }

  /** What a coin costs now, as the invoice's store sees it. */
  private Future<BigDecimal> rateNow(Invoice invoice) {
    return merchant
        .stores()
        .find(invoice.storeId())
        .compose(
            found -> {
              Store store =
                  found.orElseThrow(
                      () ->
                          RefusalException.notFound("store-not-found", "The store was not found."));
              return merchant.storeRates().perCoin(store.id(), store.rates(), invoice.currency());
            })
        .map(
            quote -> {
              if (quote instanceof StoreRates.Quote.Missing missing) {
                throw RefusalException.business("rate-failure", missing.sentence());
              }
              return ((StoreRates.Quote.Known) quote).rate();
            });
  }

  private Future<Optional<JsonNode>> preview(Call call) {
    BigDecimal percent = percent(call);
    return access
        .of(call, Permission.CREATE_UNAPPROVED_PULL_PAYMENTS)
        .compose(
            invoice -> {
              RefundBasis basis =
                  RefundBasis.of(invoice, rates)
                      .filter(known -> methodIds.isChain(call.path("paymentMethodId")))
                      .orElseThrow(
                          () ->
                              RefusalException.business(
                                  "invalid-payment-method",
                                  "The invoice could not be paid by that method."));
              return rateNow(invoice).map(rate -> Optional.of(preview(basis, rate, percent)));
            });
  }

  /** The query's {@code subtractPercentage}; nothing is taken off if it is missing. */
  private static BigDecimal percent(Call call) {
    return call.query("subtractPercentage")
        .map(
            text ->
                LenientJson.decimal(JsonNodeFactory.instance.textNode(text))
                    .filter(number -> number.signum() >= 0)
                    .filter(number -> number.compareTo(new BigDecimal(MAX_PERCENT)) <= 0)
                    .orElseThrow(
                        () ->
                            RefusalException.field(
                                "subtractPercentage",
                                "Must be a number from 0 to %s.".formatted(MAX_PERCENT))))
        .orElse(BigDecimal.ZERO);
  }

  private JsonNode preview(RefundBasis basis, BigDecimal rateNow, BigDecimal percent) {
    int coinDigits = Amount.COIN_DIGITS;
    int digits = rates.digits(basis.currency());
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    number(json, "paymentAmountNow", RefundBasis.less(basis.coinsAt(rateNow), percent, coinDigits));
    json.putNull("currentRateText");
    number(
        json, "paymentAmountThen", RefundBasis.less(basis.coins().toCoins(), percent, coinDigits));
    number(json, "invoiceAmount", RefundBasis.less(basis.worth(), percent, digits));
    basis
        .overpaid()
        .ifPresentOrElse(
            over ->
                number(
                    json,
                    "overpaidPaymentAmount",
                    RefundBasis.less(over.toCoins(), percent, coinDigits)),
            () -> json.putNull("overpaidPaymentAmount"));
    json.put("invoiceCurrency", basis.currency());
    json.put("paymentCurrency", rates.coinCode());
    json.put("paymentCurrencyDivisibility", coinDigits);
    json.put("invoiceCurrencyDivisibility", digits);
    return json;
  }

  /** Writes a number digit by digit: many clients read no exponents. */
  private static void number(ObjectNode json, String key, BigDecimal number) {
    json.putRawValue(key, new RawValue(InvoiceJson.plain(number)));
  }
}
