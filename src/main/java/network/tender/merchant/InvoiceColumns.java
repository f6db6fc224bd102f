package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * New invoices as columns, for one statement that writes all of them and what is told of them, or
 * none.
 */
final class InvoiceColumns {
  private static final String INSERT =
      """
      WITH %1$smade AS (
      INSERT INTO invoice (id, store_id, amount, currency, rate, due_sat, tolerance_percent,
        status, additional_status, metadata, checkout, receipt, search_terms, created_millis,
        expiration_millis, monitoring_millis, request_key, script, wallet_id, address_index,
        seller)
      SELECT id, store_id, amount::numeric, currency, rate::numeric, due_sat,
        tolerance_percent::numeric, status, additional_status, metadata::jsonb, checkout::jsonb,
        receipt::jsonb,
        CASE WHEN search_terms IS NULL THEN '{}'
          ELSE ARRAY(SELECT jsonb_array_elements_text(search_terms::jsonb)) END,
        created_millis, expiration_millis, monitoring_millis, request_key, script, wallet_id,
        address_index, seller
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
          $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
          $14::bigint[], $15::bigint[], $16::bigint[], $17::text[], $18::bytea[], $19::bigint[],
          $20::int[], $21::text[]%2$s)
        AS given (id, store_id, amount, currency, rate, due_sat, tolerance_percent, status,
          additional_status, metadata, checkout, receipt, search_terms, created_millis,
          expiration_millis, monitoring_millis, request_key, script, wallet_id, address_index,
          seller%3$s)
      """;

  /**
   * Requests that are to be carried out once, with the answers to them. Not for a sale that is
   * there already, whose answer is kept no longer: the new answer would be about an invoice that is
   * not made.
   */
  private static final String CLAIMED =
      """
      claimed AS (
      INSERT INTO idempotent_answer (key, request, status, answer, created_millis)
      SELECT key, request, status, answer, created_millis
      FROM unnest($14::bigint[], $29::bytea[], $30::bytea[], $31::int[], $32::bytea[], $2::text[],
          $17::text[])
        AS once (created_millis, key, request, status, answer, store_id, request_key)
      WHERE key IS NOT NULL
        AND (request_key IS NULL OR NOT EXISTS (SELECT FROM invoice i
          WHERE i.store_id = once.store_id AND i.request_key = once.request_key))
      ON CONFLICT (key) DO NOTHING RETURNING key),
      """;

  private static final String INSERT_PLAIN = INSERT.formatted("", "", "");

  /** Not those whose request has been carried out before. */
  private static final String INSERT_ONCE =
      INSERT.formatted(CLAIMED, ", $29::bytea[]", ", once_key")
          + "WHERE once_key IS NULL OR once_key IN (SELECT key FROM claimed)\n";

  private static final String UNLESS_MADE_BEFORE =
      "ON CONFLICT (store_id, request_key) WHERE request_key IS NOT NULL DO NOTHING\n";

  private static final String MADE =
      "RETURNING invoice.id, invoice.store_id, invoice.metadata, invoice.status,"
          + " invoice.created_millis)\n";

  /** What is sent elsewhere than the store's other events. */
  private static final String HOOKS =
      """
      , hooked AS (
      INSERT INTO webhook (id, store_id, invoice_id, url, endpoint, secret, enabled,
        automatic_redelivery, everything, specific_events, created_millis)
      SELECT h.id, m.store_id, m.id, h.url, h.endpoint, h.secret, true, true, true, '{}',
        m.created_millis
      FROM unnest($24::text[], $25::text[], $26::text[], $27::text[], $28::text[])
          AS h (id, invoice_id, url, endpoint, secret)
        JOIN made m ON m.id = h.invoice_id)
      """;

  /** What is told of those that are made, which depends on how they stand only. */
  private static final String EVENTS =
      """
      INSERT INTO invoice_event
        (written_in, store_id, invoice_id, type, event_millis, details, metadata)
      SELECT %s, m.store_id, m.id, e.event ->> 'type', m.created_millis, e.event -> 'details',
        m.metadata
      FROM made m
        CROSS JOIN LATERAL json_array_elements(
            (CASE m.status WHEN 'New' THEN $22::text ELSE $23::text END)::json)
          WITH ORDINALITY AS e (event, number)
      ORDER BY e.number
      """
          .formatted(InvoiceTransitions.WRITTEN_IN);

  /** Ids of the new ones, each as often as something is told of it. */
  private static final String WHICH = "RETURNING invoice_id";

  /** All of them or none. */
  private static final String WRITE = INSERT_PLAIN + MADE + EVENTS;

  /** Those whose request's key was not used before. */
  private static final String WRITE_NEW = INSERT_PLAIN + UNLESS_MADE_BEFORE + MADE + EVENTS + WHICH;

  /**
   * What costs time to write, made on the caller's thread.
   *
   * @param metadata JSON
   * @param checkout JSON
   * @param receipt JSON
   * @param searchTerms JSON; empty if there are none
   */
  record Texts(String metadata, String checkout, String receipt, Optional<String> searchTerms) {
    static Texts of(InvoiceDraft draft) {
      Optional<String> terms = Optional.empty();
      if (!draft.searchTerms().isEmpty()) {
        ArrayNode list = ExactJson.object().arrayNode();
        draft.searchTerms().forEach(list::add);
        terms = Optional.of(ExactJson.write(list));
      }
      return new Texts(
          ExactJson.write(draft.invoice().metadata()),
          ExactJson.write(InvoiceRows.writeCheckout(draft.invoice().checkout())),
          ExactJson.write(draft.invoice().receipt()),
          terms);
    }

    int chars() {
      return metadata.length()
          + checkout.length()
          + receipt.length()
          + searchTerms.map(String::length).orElse(0);
    }
  }

  private final String[] ids;
  private final String[] stores;
  private final String[] amounts;
  private final String[] currencies;
  private final String[] rates;
  private final Long[] dues;
  private final String[] tolerances;
  private final String[] statuses;
  private final String[] additional;
  private final String[] metadata;
  private final String[] checkouts;
  private final String[] receipts;
  private final String[] terms;
  private final Long[] created;
  private final Long[] expirations;
  private final Long[] monitorings;
  private final String[] keys;
  private final Buffer[] scripts;
  private final Long[] wallets;
  private final Integer[] indexes;
  private final Buffer[] onceKeys;
  private final Buffer[] onceRequests;
  private final Integer[] onceStatuses;
  private final Buffer[] onceAnswers;
  private List<InvoiceEvent> ofOpen = List.of();
  private List<InvoiceEvent> ofSettled = List.of();
  private final List<String> hookIds = new ArrayList<>();
  private final List<String> hookInvoices = new ArrayList<>();
  private final List<String> hookUrls = new ArrayList<>();
  private final List<String> hookEndpoints = new ArrayList<>();
  private final List<@Nullable String> hookSecrets = new ArrayList<>();
  private final EventDetails details;
  private final String[] sellers;
  private int count;
  private boolean mayRepeat;
  private boolean hasOnce;

  InvoiceColumns(int size, EventDetails details) {
    this.details = details;
    ids = new String[size];
    stores = new String[size];
    amounts = new String[size];
    currencies = new String[size];
    rates = new String[size];
    dues = new Long[size];
    tolerances = new String[size];
    statuses = new String[size];
    additional = new String[size];
    metadata = new String[size];
    checkouts = new String[size];
    receipts = new String[size];
    terms = new String[size];
    created = new Long[size];
    expirations = new Long[size];
    monitorings = new Long[size];
    keys = new String[size];
    scripts = new Buffer[size];
    wallets = new Long[size];
    indexes = new Integer[size];
    onceKeys = new Buffer[size];
    onceRequests = new Buffer[size];
    onceStatuses = new Integer[size];
    onceAnswers = new Buffer[size];
    sellers = new String[size];
  }

  void add(InvoiceDraft draft, Texts texts, Optional<Invoice.Target> target) {
    Invoice invoice = draft.invoice();
    int row = count++;
    ids[row] = invoice.id();
    stores[row] = invoice.storeId();
    invoice.amount().ifPresent(amount -> amounts[row] = amount.toString());
    currencies[row] = invoice.currency();
    invoice.terms().due().ifPresent(due -> dues[row] = due.sat());
    tolerances[row] = invoice.terms().tolerancePercent().toString();
    statuses[row] = invoice.state().status().text();
    additional[row] = invoice.state().additional().text();
    metadata[row] = texts.metadata();
    checkouts[row] = texts.checkout();
    receipts[row] = texts.receipt();
    texts.searchTerms().ifPresent(json -> terms[row] = json);
    created[row] = invoice.createdMillis();
    expirations[row] = invoice.terms().expirationMillis();
    monitorings[row] = invoice.monitoringMillis();
    draft
        .requestKey()
        .ifPresent(
            key -> {
              keys[row] = key;
              mayRepeat = true;
            });
    draft.seller().ifPresent(seller -> sellers[row] = seller);
    target.ifPresent(
        paid -> {
          rates[row] = paid.rate().toString();
          scripts[row] = Buffer.buffer(paid.script().toBytes());
          wallets[row] = paid.walletId();
          indexes[row] = paid.addressIndex();
        });
    if (invoice.state().standing() == InvoiceStanding.NEW) {
      ofOpen = draft.events();
    } else {
      ofSettled = draft.events();
    }
    draft
        .hook()
        .ifPresent(
            own -> {
              hookIds.add(own.id());
              hookInvoices.add(invoice.id());
              hookUrls.add(own.hook().url());
              hookEndpoints.add(own.hook().endpoint());
              hookSecrets.add(own.hook().secret().orElse(null));
            });
  }

  /** The invoice added last is made for a request that is to be carried out once. */
  void once(InvoiceDraft.Once once, Invoice written) {
    int row = count - 1;
    IdempotentAnswers.Answer answer = once.answer().apply(written);
    onceKeys[row] = IdempotentAnswers.buffer(once.claim().key());
    onceRequests[row] = IdempotentAnswers.buffer(once.claim().request());
    onceStatuses[row] = answer.status();
    onceAnswers[row] = answer.body();
    mayRepeat = true;
    hasOnce = true;
  }

  /** True if some may have been made before; {@link #statement} then returns the ids of the new. */
  boolean mayRepeat() {
    return mayRepeat;
  }

  String statement() {
    if (!hasMore()) {
      return mayRepeat ? WRITE_NEW : WRITE;
    }
    return (hasOnce ? INSERT_ONCE : INSERT_PLAIN)
        + (mayRepeat ? UNLESS_MADE_BEFORE : "")
        + MADE
        + HOOKS
        + EVENTS
        + (mayRepeat ? WHICH : "");
  }

  /** Few have one of them, and then the statement has the columns of both. */
  private boolean hasMore() {
    return hasOnce || !hookIds.isEmpty();
  }

  Tuple tuple() {
    Tuple tuple =
        ofInvoices()
            // None of those that making one can tell says where it is paid.
            .addString(details.list(ofOpen, ""))
            .addString(details.list(ofSettled, ""));
    if (hasMore()) {
      tuple
          .addArrayOfString(texts(hookIds))
          .addArrayOfString(texts(hookInvoices))
          .addArrayOfString(texts(hookUrls))
          .addArrayOfString(texts(hookEndpoints))
          .addArrayOfString(texts(hookSecrets));
    }
    return hasOnce
        ? tuple
            .addArrayOfBuffer(onceKeys)
            .addArrayOfBuffer(onceRequests)
            .addArrayOfInteger(onceStatuses)
            .addArrayOfBuffer(onceAnswers)
        : tuple;
  }

  private Tuple ofInvoices() {
    return Tuple.tuple()
        .addArrayOfString(ids)
        .addArrayOfString(stores)
        .addArrayOfString(amounts)
        .addArrayOfString(currencies)
        .addArrayOfString(rates)
        .addArrayOfLong(dues)
        .addArrayOfString(tolerances)
        .addArrayOfString(statuses)
        .addArrayOfString(additional)
        .addArrayOfString(metadata)
        .addArrayOfString(checkouts)
        .addArrayOfString(receipts)
        .addArrayOfString(terms)
        .addArrayOfLong(created)
        .addArrayOfLong(expirations)
        .addArrayOfLong(monitorings)
        .addArrayOfString(keys)
        .addArrayOfBuffer(scripts)
        .addArrayOfLong(wallets)
        .addArrayOfInteger(indexes)
        .addArrayOfString(sellers);
  }

  private static @Nullable String[] texts(List<? extends @Nullable String> list) {
    return list.toArray(String[]::new);
  }
}
