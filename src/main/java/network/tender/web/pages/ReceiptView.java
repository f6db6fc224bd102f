package network.tender.web.pages;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import network.tender.chain.Hash;
import network.tender.merchant.InvoiceView;
import network.tender.merchant.Payment;
import network.tender.merchant.ReceiptContent;

/** What a receipt shows beside the payment itself. */
final class ReceiptView {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private static final int CODE_PIXELS = 150;

  /** More would be a roll of paper. */
  private static final int MAX_PAYMENTS = 20;

  private ReceiptView() {}

  /**
   * The receipt of an invoice that has one.
   *
   * @param link where this receipt is online, an absolute URL
   */
  static Map<String, Object> of(InvoiceView invoice, PaymentView view, String link) {
    List<Payment> payments = invoice.payments();
    long timeMillis =
        payments.isEmpty()
            ? invoice.createdMillis()
            : payments.get(payments.size() - 1).sealedMillis();
    return Map.of(
        "stamp",
        stamp(Phase.of(invoice)),
        "timeIso",
        iso(timeMillis),
        "timeText",
        text(timeMillis),
        "qr",
        invoice.receipt().showCode() ? QrSvg.of(link, CODE_PIXELS) : "",
        "lines",
        invoice.receipt().lines().stream().map(line -> line(line, invoice, view)).toList(),
        "payments",
        invoice.receipt().showPayments()
            ? payments.stream().limit(MAX_PAYMENTS).map(payment -> payment(payment, view)).toList()
            : List.of());
  }

  private static Map<String, Object> line(
      ReceiptContent.Line line, InvoiceView invoice, PaymentView view) {
    return Map.of(
        "label",
        line.label(),
        "text",
        line.amount().map(amount -> view.amount(amount, invoice.currency())).orElse(line.text()));
  }

  private static Map<String, Object> payment(Payment payment, PaymentView view) {
    Hash txid = payment.outpoint().txid();
    return Map.of(
        "valueText",
        view.coins(payment.amount()),
        "timeIso",
        iso(payment.sealedMillis()),
        "timeText",
        text(payment.sealedMillis()),
        "txid",
        txid.toString(),
        "height",
        payment.height(),
        "blockHash",
        payment.blockHash().toString(),
        "proofLink",
        "/v1/receipts/" + txid);
  }

  private static String stamp(Phase phase) {
    return switch (phase) {
      case OVER -> "Paid, too much";
      case LATE -> "Paid late";
      default -> "Paid";
    };
  }

  private static String iso(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  private static String text(long millis) {
    return TIME.format(Instant.ofEpochMilli(millis));
  }
}
