package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;

/** How invoices lie in their tables. */
final class InvoiceRows {
  /** All of an invoice in one row: itself as {@code i}, and its payments. */
  static final String COLUMNS =
      """
      SELECT i.id, i.store_id, i.amount, i.currency, i.rate, i.due_sat, i.tolerance_percent,
        i.status, i.additional_status, i.paid_in_time_sat, i.paid_sat,
        i.metadata::text AS metadata, i.checkout::text AS checkout, i.receipt::text AS receipt,
        i.archived, i.created_millis, i.expiration_millis, i.monitoring_millis,
        i.script, i.wallet_id, i.address_index,
        (SELECT json_agg(json_build_array(encode(p.txid, 'hex'), p.vout, p.sat, p.height,
                 p.sealed_millis, encode(p.block_hash, 'hex')))
           FROM (SELECT * FROM payment q WHERE q.invoice_id = i.id
                 ORDER BY q.height, q.txid, q.vout LIMIT %d) p)::text AS payments
      """
          .formatted(Invoice.MAX_PAYMENTS);

  static final String SELECT = COLUMNS + "FROM invoice i\n";

  private InvoiceRows() {}

  static Invoice read(Row row) {
    return new Invoice(
        row.getString("id"),
        row.getString("store_id"),
        Optional.ofNullable(row.getBigDecimal("amount")),
        row.getString("currency"),
        (ObjectNode) ExactJson.read(row.getString("metadata")),
        readCheckout(ExactJson.read(row.getString("checkout"))),
        (ObjectNode) ExactJson.read(row.getString("receipt")),
        readTerms(row),
        readState(row),
        readTarget(row),
        readPayments(row),
        row.getLong("created_millis"),
        row.getLong("monitoring_millis"),
        row.getBoolean("archived"));
  }

  /** Needs the columns due_sat, tolerance_percent and expiration_millis. */
  static InvoiceTerms readTerms(Row row) {
    return new InvoiceTerms(
        Optional.ofNullable(row.getLong("due_sat")).map(Amount::ofSat),
        row.getBigDecimal("tolerance_percent"),
        row.getLong("expiration_millis"));
  }

  /** Needs the columns of the status and the sums. */
  static InvoiceState readState(Row row) {
    return new InvoiceState(
        InvoiceStatus.parse(row.getString("status")).orElseThrow(),
        AdditionalStatus.ofText(row.getString("additional_status")),
        Amount.ofSat(row.getLong("paid_in_time_sat")),
        Amount.ofSat(row.getLong("paid_sat")));
  }

  private static Optional<Invoice.Target> readTarget(Row row) {
    Buffer script = row.getBuffer("script");
    return script == null
        ? Optional.empty()
        : Optional.of(
            new Invoice.Target(
                row.getBigDecimal("rate"),
                Script.of(script.getBytes()),
                row.getLong("wallet_id"),
                row.getInteger("address_index")));
  }

  private static List<Payment> readPayments(Row row) {
    String json = row.getString("payments");
    List<Payment> payments = new ArrayList<>();
    if (json != null) {
      for (JsonNode item : ExactJson.read(json)) {
        Hash txid = Hash.of(HexFormat.of().parseHex(item.get(0).textValue()));
        payments.add(
            new Payment(
                new Outpoint(txid, (int) item.get(1).longValue()),
                Amount.ofSat(item.get(2).longValue()),
                item.get(3).intValue(),
                Hash.of(HexFormat.of().parseHex(item.get(5).textValue())),
                item.get(4).longValue()));
      }
    }
    return payments;
  }

  static ObjectNode writeCheckout(CheckoutOptions checkout) {
    ObjectNode json = ExactJson.object();
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

  private static CheckoutOptions readCheckout(JsonNode json) {
    List<String> methods = new ArrayList<>();
    json.path("paymentMethods").forEach(method -> methods.add(method.asText()));
    return new CheckoutOptions(
        SpeedPolicy.parse(json.path("speedPolicy").asText()).orElse(SpeedPolicy.MEDIUM),
        methods,
        LenientJson.text(json.path("defaultPaymentMethod")),
        decimal(json.path("expirationMinutes")),
        decimal(json.path("monitoringMinutes")),
        decimal(json.path("paymentTolerance")),
        LenientJson.text(json.path("redirectURL")),
        json.path("redirectAutomatically").asBoolean(),
        LenientJson.text(json.path("defaultLanguage")),
        LenientJson.flag(json.path("lazyPaymentMethods")));
  }

  private static BigDecimal decimal(JsonNode node) {
    return LenientJson.decimal(node).orElse(BigDecimal.ZERO);
  }
}
