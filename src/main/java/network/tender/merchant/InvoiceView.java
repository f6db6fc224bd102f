package network.tender.merchant;

import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Network;

/**
 * An invoice as a customer may see it: what checkout pages, tills and streams show. It holds
 * nothing that only the merchant should know.
 *
 * @param invoiceId its id
 * @param storeId whose it is
 * @param storeName what the customer calls the shop
 * @param status where it stands
 * @param additional what else is to say
 * @param amount what is asked for in {@code currency}; empty for a top-up
 * @param currency its code
 * @param currencyDigits digits after the point in that currency
 * @param coinCode the coin's code
 * @param rate price of one coin; empty if nothing is due
 * @param due coins asked for; empty for a top-up
 * @param paid coins paid
 * @param missing coins still to pay
 * @param address where to pay; empty if nothing is due
 * @param paymentUri BIP21 URI with what is missing; empty if there is no address
 * @param createdMillis when it was made, Unix milliseconds
 * @param expirationMillis when its time runs out, Unix milliseconds
 * @param payments what was paid, with txids and blocks: the keys of the receipts
 * @param orderId the merchant's order number
 * @param description what is paid for
 * @param redirectUrl where to go when paid, placeholders filled in
 * @param redirectAutomatically go there without a click
 * @param receipt what its receipt shows
 * @param language language that the merchant wants the checkout in; empty for the store's own
 */
public record InvoiceView(
    String invoiceId,
    String storeId,
    String storeName,
    InvoiceStatus status,
    AdditionalStatus additional,
    Optional<BigDecimal> amount,
    String currency,
    int currencyDigits,
    String coinCode,
    Optional<BigDecimal> rate,
    Optional<Amount> due,
    Amount paid,
    Amount missing,
    Optional<String> address,
    Optional<String> paymentUri,
    long createdMillis,
    long expirationMillis,
    List<Payment> payments,
    Optional<String> orderId,
    Optional<String> description,
    Optional<String> redirectUrl,
    boolean redirectAutomatically,
    ReceiptContent receipt,
    Optional<String> language) {
  /** Makes the list unmodifiable. */
  public InvoiceView {
    payments = List.copyOf(payments);
  }

  static InvoiceView of(Invoice invoice, Store store, Network network, Rates rates) {
    Optional<String> address = address(invoice, network);
    return new InvoiceView(
        invoice.id(),
        invoice.storeId(),
        store.settings().name(),
        invoice.state().status(),
        invoice.state().additional(),
        invoice.amount(),
        invoice.currency(),
        rates.digits(invoice.currency()),
        network.coinCode(),
        invoice.target().map(Invoice.Target::rate),
        invoice.terms().due(),
        invoice.state().paid(),
        invoice.missing(),
        address,
        address.map(text -> paymentUri(text, invoice.missing(), network)),
        invoice.createdMillis(),
        invoice.terms().expirationMillis(),
        invoice.payments(),
        invoice.orderId(),
        LenientJson.text(LenientJson.get(invoice.metadata(), "itemDesc")),
        redirectUrl(invoice),
        invoice.checkout().redirectAutomatically(),
        ReceiptContent.of(invoice),
        invoice.checkout().defaultLanguage());
  }

  /** An invoice's address as text. */
  public static Optional<String> address(Invoice invoice, Network network) {
    return invoice.target().flatMap(target -> Address.format(target.script(), network));
  }

  /** A payment URI (BIP21); without an amount if there is nothing certain to pay. */
  public static String paymentUri(String address, Amount amount, Network network) {
    String uri = network.uriScheme() + ":" + address;
    return amount.isZero() ? uri : uri + "?amount=" + amount.toCoinText();
  }

  private static Optional<String> redirectUrl(Invoice invoice) {
    return invoice
        .checkout()
        .redirectUrl()
        .map(
            template ->
                template
                    .replace("{InvoiceId}", encode(invoice.id()))
                    .replace("{OrderId}", encode(invoice.orderId().orElse(""))))
        // Shops that name no place of their own often name the order's page.
        .or(() -> LenientJson.text(LenientJson.get(invoice.metadata(), "orderUrl")));
  }

  /** For any part of a URL: in a path a plus sign is no space. */
  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
