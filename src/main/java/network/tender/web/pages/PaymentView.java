package network.tender.web.pages;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Network;
import network.tender.merchant.InvoiceView;

/**
 * What a page shows of an invoice, in words: templates render it, and {@code /i/{id}/status} sends
 * it to their scripts, so the two can't differ. Names that BTCPay's checkout also has mean the
 * same; amounts without {@code Text} are plain decimals.
 */
final class PaymentView {
  private final Network network;
  private final CurrencyText currencies;

  PaymentView(Network network) {
    this.network = network;
    this.currencies = new CurrencyText(network.coinCode());
  }

  /** An invoice at a moment. */
  Map<String, Object> of(InvoiceView invoice, long nowMillis) {
    Map<String, Object> view = new LinkedHashMap<>();
    putState(view, invoice, nowMillis);
    putAmounts(view, invoice);
    putTexts(view, invoice);
    putLinks(view, invoice);
    return view;
  }

  /** The same names with nothing in them, for a page that has no invoice yet. */
  static Map<String, Object> blank() {
    return Map.of("invoiceId", "", "due", "", "dueText", "", "paidText", "", "amountText", "");
  }

  private static void putState(Map<String, Object> view, InvoiceView invoice, long nowMillis) {
    Phase phase = Phase.of(invoice);
    long leftMillis = Math.max(0, invoice.expirationMillis() - nowMillis);
    // Rounded up: a page must not say zero while the invoice can still be paid.
    long leftSeconds = phase.isOpen() ? (leftMillis + 999) / 1000 : 0;
    view.put("invoiceId", invoice.invoiceId());
    view.put("storeId", invoice.storeId());
    view.put("storeName", invoice.storeName());
    view.put("status", phase.status());
    view.put("phase", phase.key());
    view.put("announcement", phase.announcement());
    view.put("open", phase.isOpen());
    view.put("paidInFull", phase.isPaidInFull());
    view.put("expirationSeconds", leftSeconds);
    view.put("maxTimeSeconds", (invoice.expirationMillis() - invoice.createdMillis()) / 1000);
    view.put("clockText", clock(leftSeconds));
    view.put("itemDesc", invoice.description().orElse(""));
    view.put("orderId", invoice.orderId().orElse(""));
    view.put("requiredConfirmations", 1);
    view.put("receivedConfirmations", invoice.payments().isEmpty() ? 0 : 1);
    view.put("txCount", invoice.payments().size());
    view.put("timeLeft", view.get("clockText"));
    view.put("isUnsetTopUp", invoice.due().isEmpty() && invoice.paid().isZero());
  }

  private void putAmounts(Map<String, Object> view, InvoiceView invoice) {
    view.put("paymentMethodId", network.paymentMethodId());
    view.put("cryptoCode", network.coinCode());
    view.put("address", invoice.address().orElse(""));
    view.put("due", invoice.missing().toCoinText());
    view.put("paid", invoice.paid().toCoinText());
    view.put("orderAmount", invoice.due().orElse(Amount.ZERO).toCoinText());
    view.put("currency", invoice.currency());
    view.put("amount", invoice.amount().map(BigDecimal::toPlainString).orElse(""));
    view.put("rate", invoice.rate().map(BigDecimal::toPlainString).orElse(""));
  }

  private void putTexts(Map<String, Object> view, InvoiceView invoice) {
    String amountText =
        invoice
            .amount()
            .map(amount -> currencies.of(amount, invoice.currency()))
            .orElseGet(() -> invoice.paid().isZero() ? "Any amount" : coins(invoice.paid()));
    view.put("amountText", amountText);
    view.put("amountSize", size(amountText));
    view.put("totalText", invoice.due().map(this::coins).orElse("Any amount"));
    view.put("dueText", invoice.missing().isZero() ? "" : coins(invoice.missing()));
    view.put("paidText", coins(invoice.paid()));
    boolean inCoins = currencies.isCoin(invoice.currency());
    view.put("coinText", coinText(invoice, inCoins));
    view.put("paidCoinText", inCoins ? "" : coins(invoice.paid()));
    view.put("extraText", extra(invoice).map(this::coins).orElse(""));
    boolean hasRate = invoice.rate().isPresent() && !currencies.isCoin(invoice.currency());
    view.put("hasRate", hasRate);
    view.put(
        "rateText",
        invoice
            .rate()
            .filter(rate -> hasRate)
            .map(rate -> coins(Amount.ofSat(Amount.SAT_PER_COIN)) + " = " + rateText(invoice, rate))
            .orElse(""));
  }

  /**
   * What stands below the amount: nothing that says it again, and a rest never without its name.
   */
  private String coinText(InvoiceView invoice, boolean inCoins) {
    if (invoice.missing().isZero()) {
      return "";
    }
    if (!invoice.paid().isZero()) {
      return coins(invoice.missing()) + " still to pay";
    }
    return inCoins ? "" : coins(invoice.missing());
  }

  /** How large an amount may be written so that it stays on one line of a phone. */
  private static String size(String amountText) {
    int length = amountText.length();
    return length <= 12 ? "usual" : length <= 20 ? "long" : length <= 27 ? "longer" : "longest";
  }

  private void putLinks(Map<String, Object> view, InvoiceView invoice) {
    String label = invoice.storeName();
    view.put(
        "invoiceBitcoinUrl",
        invoice
            .address()
            .map(address -> PaymentUri.of(network, address, invoice.missing(), label))
            .orElse(""));
    view.put("invoiceBitcoinUrlQR", codeText(invoice).orElse(""));
    String receipt = hasReceipt(invoice) ? "/i/" + invoice.invoiceId() + "/receipt" : "";
    view.put("receiptLink", receipt);
    view.put("printLink", receipt.isEmpty() ? "" : receipt + "?print=true");
    view.put("merchantRefLink", invoice.redirectUrl().filter(PaymentView::isWebLink).orElse(""));
    view.put("redirectAutomatically", invoice.redirectAutomatically());
  }

  /** True if there is something to write a receipt for, and the merchant wants receipts. */
  static boolean hasReceipt(InvoiceView invoice) {
    return Phase.of(invoice).hasReceipt() && invoice.receipt().enabled();
  }

  /** An amount with its currency, for people. */
  String amount(BigDecimal amount, String currency) {
    return currencies.of(amount, currency);
  }

  /** What the QR code of an invoice says; empty if there is nothing to pay. */
  Optional<String> codeText(InvoiceView invoice) {
    return invoice
        .address()
        .map(
            address ->
                PaymentUri.forCode(network, address, invoice.missing(), invoice.storeName()));
  }

  /** What came on top of what was asked for. */
  private static Optional<Amount> extra(InvoiceView invoice) {
    return invoice
        .due()
        .filter(due -> invoice.paid().compareTo(due) > 0)
        .map(due -> invoice.paid().minus(due));
  }

  /** An amount of coins, for people. */
  String coins(Amount amount) {
    return currencies.of(amount);
  }

  /** Digits and signs of the currency that a till counts in. */
  Map<String, Object> store(Shop.Store store) {
    return Map.of(
        "id", store.id(),
        "name", store.name(),
        "digits", store.digits(),
        "unit", currencies.unit(store.currency()),
        "unitAfter", currencies.isUnitAfter(store.currency()),
        "currencyName", currencies.name(store.currency()));
  }

  private String rateText(InvoiceView invoice, BigDecimal rate) {
    return currencies.of(rate, invoice.currency());
  }

  /** Only these may become a link: a merchant's text could as well be a script's. */
  private static boolean isWebLink(String url) {
    String lower = url.toLowerCase(Locale.ROOT);
    return lower.startsWith("https://") || lower.startsWith("http://");
  }

  private static String clock(long seconds) {
    Duration left = Duration.ofSeconds(seconds);
    return left.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", left.toMinutes(), left.toSecondsPart());
  }
}
