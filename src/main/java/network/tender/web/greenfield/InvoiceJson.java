package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Network;
import network.tender.merchant.CheckoutOptions;
import network.tender.merchant.Invoice;
import network.tender.merchant.InvoiceRules;
import network.tender.merchant.InvoiceStatus;
import network.tender.merchant.InvoiceView;
import network.tender.merchant.Payment;
import network.tender.merchant.Rates;
import network.tender.merchant.Store;

/** Invoices in the shape of the API; money as texts, times in seconds. */
final class InvoiceJson {
  private static final int MILLIS_PER_SECOND = 1_000;
  private static final int CENT_DIGITS = 2;

  private final Network network;
  private final Rates rates;

  InvoiceJson(Network network, Rates rates) {
    this.network = network;
    this.rates = rates;
  }

  /**
   * An invoice.
   *
   * @param origin scheme and host that the checkout page is reached by
   * @param withMethods true to list its payment methods too
   */
  ObjectNode invoice(Invoice invoice, String origin, boolean withMethods) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", invoice.id());
    json.put("storeId", invoice.storeId());
    BigDecimal paid = paid(invoice);
    json.put("amount", plain(invoice.amount().orElse(paid)));
    json.put("paidAmount", plain(paid));
    json.put("currency", invoice.currency());
    json.put("type", invoice.isTopUp() ? "TopUp" : "Standard");
    json.put("status", invoice.state().status().text());
    json.put("additionalStatus", invoice.state().additional().text());
    json.put("checkoutLink", origin + "/i/" + invoice.id());
    json.put("createdTime", seconds(invoice.createdMillis()));
    json.put("expirationTime", seconds(invoice.terms().expirationMillis()));
    json.put("monitoringExpiration", seconds(invoice.monitoringMillis()));
    ArrayNode markable = json.putArray("availableStatusesForManualMarking");
    for (InvoiceStatus status : InvoiceRules.markable(invoice.state())) {
      markable.add(status.text());
    }
    json.put("archived", invoice.archived());
    json.set("metadata", invoice.metadata());
    json.set("checkout", checkout(invoice.checkout()));
    json.set("receipt", invoice.receipt());
    ArrayNode methods = json.putArray("paymentMethods");
    if (withMethods) {
      methods.addAll(paymentMethods(invoice, Optional.empty()));
    }
    return json;
  }

  private BigDecimal paid(Invoice invoice) {
    return invoice
        .target()
        .map(target -> rates.toCurrency(invoice.state().paid(), target.rate(), invoice.currency()))
        .orElseGet(() -> rates.round(BigDecimal.ZERO, invoice.currency()));
  }

  private static ObjectNode checkout(CheckoutOptions checkout) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("speedPolicy", checkout.speedPolicy().text());
    checkout.paymentMethods().forEach(json.putArray("paymentMethods")::add);
    json.put("defaultPaymentMethod", checkout.defaultPaymentMethod().orElse(null));
    json.put("expirationMinutes", checkout.expirationMinutes());
    json.put("monitoringMinutes", checkout.monitoringMinutes());
    json.put("paymentTolerance", checkout.tolerancePercent());
    json.put("redirectURL", checkout.redirectUrl().orElse(null));
    json.put("redirectAutomatically", checkout.redirectAutomatically());
    json.put("defaultLanguage", checkout.defaultLanguage().orElse(null));
    json.put("lazyPaymentMethods", checkout.lazyPaymentMethods().orElse(null));
    return json;
  }

  /**
   * An invoice's payment methods: one, or none if nothing is due.
   *
   * @param sensitive the store whose account key may be shown
   */
  ArrayNode paymentMethods(Invoice invoice, Optional<Store> sensitive) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    invoice.target().ifPresent(target -> list.add(paymentMethod(invoice, target, sensitive)));
    return list;
  }

  private ObjectNode paymentMethod(
      Invoice invoice, Invoice.Target target, Optional<Store> sensitive) {
    String address = InvoiceView.address(invoice, network).orElse("");
    Amount due = invoice.terms().due().orElse(Amount.ZERO);
    Amount paid = invoice.state().paid();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("paymentMethodId", network.paymentMethodId());
    json.put("currency", network.coinCode());
    json.put("destination", address);
    json.put("paymentLink", InvoiceView.paymentUri(address, invoice.missing(), network));
    json.put("rate", plain(target.rate()));
    json.put("amount", due.toCoinText());
    json.put("due", invoice.isTopUp() ? "0" : plain(due.toCoins().subtract(paid.toCoins())));
    json.put("totalPaid", paid.toCoinText());
    json.put("paymentMethodPaid", paid.toCoinText());
    json.put("paymentMethodFee", "0");
    json.put("activated", true);
    ObjectNode additional = json.putObject("additionalData");
    additional.put("keyPath", "0/" + target.addressIndex());
    additional.put("payjoinEnabled", false);
    sensitive
        .flatMap(Store::wallet)
        .filter(wallet -> wallet.walletId() == target.walletId())
        .ifPresent(
            wallet -> {
              additional.put("keyPath", wallet.keyPath(target.addressIndex()));
              additional.put("accountDerivation", wallet.descriptor().derivationScheme());
            });
    additional.put("recommendedFeeRate", "1");
    additional.put("paymentMethodFeeRate", "0");
    ArrayNode payments = json.putArray("payments");
    for (Payment payment : invoice.payments()) {
      payments
          .addObject()
          .put("id", payment.id())
          .put("receivedDate", seconds(payment.sealedMillis()))
          .put("value", payment.amount().toCoinText())
          .put("fee", "0")
          .put("status", "Settled")
          .put("destination", address);
    }
    return json;
  }

  static long seconds(long millis) {
    return Math.floorDiv(millis, MILLIS_PER_SECOND);
  }

  /** A decimal as plain text: never an exponent, no zeros beyond those of cents. */
  static String plain(BigDecimal number) {
    if (number.scale() <= CENT_DIGITS) {
      return number.toPlainString();
    }
    BigDecimal stripped = number.stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }
}
