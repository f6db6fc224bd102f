package network.tender.webhook;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import network.tender.merchant.LoggedEvent;
import org.jspecify.annotations.Nullable;

/** What is to be sent, in the database. */
final class Outbox {
  /** Most deliveries that are read at a time: each may carry much metadata. */
  static final int MAX_ROWS = 96;

  /** Most events that are handed over at a time, and most of one store's. */
  static final int MAX_EVENTS = 1_024;

  private static final int MAX_STORE_EVENTS = 256;

  /** Most receivers that are found at a time. */
  static final int MAX_FOUND = 500;

  /** Most deliveries that are brought forward at a time. */
  private static final int FORWARD_ROWS = 1_000;

  /** More are only counted as so many. */
  private static final int MAX_COUNTED = 100_000;

  /**
   * Finds out where events go, some of each store in turn, so that one with very many delays no
   * other for long. The first of an invoice's that waits is due; the others are when it is done
   * with. Within one invoice, events come in the order of their ids.
   */
  static final String HAND_OVER =
      """
      WITH RECURSIVE turn AS (
        (SELECT store_id FROM webhook_handover WHERE store_id > $1 ORDER BY store_id LIMIT 1)
        UNION ALL
        SELECT n.store_id FROM turn t CROSS JOIN LATERAL (
          SELECT h.store_id FROM webhook_handover h
          WHERE h.store_id > t.store_id ORDER BY h.store_id LIMIT 1) n),
      picked AS MATERIALIZED (
        SELECT h.place FROM turn t CROSS JOIN LATERAL (
          SELECT o.ctid AS place FROM webhook_handover o
          WHERE o.store_id = t.store_id ORDER BY o.event_id LIMIT %2$d) h
        LIMIT %1$d),
      taken AS (
        DELETE FROM webhook_handover h
        WHERE h.ctid = ANY (ARRAY (SELECT place FROM picked))
        RETURNING h.store_id, h.event_id),
      event AS MATERIALIZED (
        SELECT e.id, e.store_id, e.invoice_id, e.type, e.event_millis
        FROM taken t CROSS JOIN LATERAL (
          SELECT * FROM invoice_event o WHERE o.id = t.event_id LIMIT 1) e),
      told AS (
        SELECT w.id AS webhook_id, w.receiver, false AS of_invoice, e.*
        FROM event e JOIN webhook w ON w.store_id = e.store_id AND w.invoice_id IS NULL
        WHERE w.enabled AND e.id > w.behind_event
          AND (w.everything OR e.type = ANY (w.specific_events))
        UNION ALL
        SELECT w.id, w.receiver, true, e.*
        FROM event e JOIN webhook w ON w.invoice_id = e.invoice_id
        WHERE w.enabled),
      touched AS (
        UPDATE webhook w SET told_millis = n.millis
        FROM (SELECT webhook_id, max(event_millis) AS millis FROM told
              WHERE of_invoice GROUP BY webhook_id) n
        WHERE w.id = n.webhook_id),
      made AS (
        INSERT INTO webhook_delivery
          (webhook_id, receiver, event_id, invoice_id, type, created_millis, due_millis)
        SELECT t.webhook_id, t.receiver, t.id, t.invoice_id, t.type, t.event_millis,
          CASE WHEN row_number() OVER (PARTITION BY t.webhook_id, t.invoice_id ORDER BY t.id) = 1
              AND NOT EXISTS (
                SELECT FROM webhook_delivery b
                WHERE b.webhook_id = t.webhook_id AND b.invoice_id = t.invoice_id
                  AND b.state = 'Pending' AND b.original_id IS NULL)
            THEN t.event_millis END
        FROM told t
        RETURNING receiver, due_millis)
      SELECT c.events, c.last_store, m.receiver, m.due_millis
      FROM (SELECT count(*) AS events, coalesce(max(store_id), '') AS last_store FROM taken) c
        LEFT JOIN (SELECT receiver, min(due_millis) AS due_millis FROM made
                   WHERE due_millis IS NOT NULL GROUP BY receiver) m ON true
      """
          .formatted(MAX_EVENTS, MAX_STORE_EVENTS);

  /**
   * Receivers that something waits for, with when the first of it is due, one after the other in
   * the index, so that one with very many costs no more than one with few. What was never tried
   * comes first, and is due at once.
   */
  static final String FIND =
      """
      WITH RECURSIVE waiting AS (
        (SELECT receiver, due_millis FROM webhook_delivery
         WHERE due_millis IS NOT NULL AND receiver > $1
         ORDER BY receiver, least(attempts, 1), due_millis LIMIT 1)
        UNION ALL
        SELECT n.receiver, n.due_millis FROM waiting w CROSS JOIN LATERAL (
          SELECT d.receiver, d.due_millis FROM webhook_delivery d
          WHERE d.due_millis IS NOT NULL AND d.receiver > w.receiver
          ORDER BY d.receiver, least(d.attempts, 1), d.due_millis LIMIT 1) n)
      SELECT receiver, due_millis FROM waiting LIMIT %d
      """
          .formatted(MAX_FOUND);

  /**
   * What is due at some receivers, and when the next is if that is not all. What was never tried
   * comes before what was, which has waited anyway. One that left something unanswered gets the
   * newest first: it may hang over old ones only.
   */
  static final String DUE =
      """
      SELECT r.receiver,
        least(
          (SELECT min(n.due_millis) FROM webhook_delivery n
           WHERE n.receiver = r.receiver AND least(n.attempts, 1) = 0 AND n.due_millis > $1),
          (SELECT min(n.due_millis) FROM webhook_delivery n
           WHERE n.receiver = r.receiver AND least(n.attempts, 1) = 1 AND n.due_millis > $1))
          AS next_millis,
        d.id, d.original_id, d.webhook_id, d.attempts, d.created_millis,
        w.url, w.secret, w.enabled, w.automatic_redelivery, w.store_id AS hook_store,
        w.endpoint AS hook_endpoint, w.invoice_id AS hook_invoice, %s
      FROM unnest($3::text[], $4::boolean[]) AS r (receiver, wary)
        LEFT JOIN LATERAL (
          (SELECT * FROM webhook_delivery p
           WHERE p.receiver = r.receiver AND least(p.attempts, 1) = 0 AND p.due_millis <= $1
             AND p.id <> ALL ($2::uuid[]) AND NOT r.wary
           ORDER BY p.due_millis, p.event_id LIMIT %%1$d)
          UNION ALL
          (SELECT * FROM webhook_delivery p
           WHERE p.receiver = r.receiver AND least(p.attempts, 1) = 0 AND p.due_millis <= $1
             AND p.id <> ALL ($2::uuid[]) AND r.wary
           ORDER BY p.due_millis DESC, p.event_id DESC LIMIT %%1$d)
          UNION ALL
          (SELECT * FROM webhook_delivery p
           WHERE p.receiver = r.receiver AND least(p.attempts, 1) = 1 AND p.due_millis <= $1
             AND p.id <> ALL ($2::uuid[])
           ORDER BY p.due_millis, p.event_id LIMIT %%2$d)) d ON true
        LEFT JOIN webhook w ON w.id = d.webhook_id
        LEFT JOIN invoice_event e ON e.id = d.event_id
      ORDER BY least(d.attempts, 1),
        CASE WHEN r.wary AND d.attempts = 0 THEN -d.due_millis ELSE d.due_millis END,
        CASE WHEN r.wary AND d.attempts = 0 THEN -d.event_id ELSE d.event_id END
      """
          .formatted(LoggedEvent.COLUMNS);

  /** When one is done with, the next event of its invoice is due. */
  private static final String WRITE =
      """
      WITH tried AS (
        UPDATE webhook_delivery d
        SET state = r.state, attempts = d.attempts + 1,
          due_millis = CASE WHEN r.state = 'Pending' THEN r.due_millis END,
          sent_millis = r.sent_millis, http_code = r.http_code, error = r.error
        FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::int[], $6::text[])
               AS r (id, state, due_millis, sent_millis, http_code, error)
        WHERE d.id = r.id
        RETURNING d.webhook_id, d.invoice_id, d.event_id, d.original_id, d.state)
      UPDATE webhook_delivery n SET due_millis = $7
      FROM tried t
      WHERE t.state <> 'Pending' AND t.original_id IS NULL
        AND n.id = (
          SELECT b.id FROM webhook_delivery b
          WHERE b.webhook_id = t.webhook_id AND b.invoice_id = t.invoice_id
            AND b.state = 'Pending' AND b.original_id IS NULL AND b.event_id > t.event_id
          ORDER BY b.event_id LIMIT 1)
      """;

  /** Whatever happened: the first that waits of an invoice's must be due at some time. */
  private static final String REPAIR =
      """
      UPDATE webhook_delivery SET due_millis = $1 WHERE id IN (
        SELECT DISTINCT ON (webhook_id, invoice_id) CASE WHEN due_millis IS NULL THEN id END
        FROM webhook_delivery
        WHERE state = 'Pending' AND original_id IS NULL
        ORDER BY webhook_id, invoice_id, event_id)
      """;

  private static final String BRING_FORWARD =
      """
      UPDATE webhook_delivery SET due_millis = $2 WHERE id IN (
        SELECT id FROM webhook_delivery
        WHERE receiver = $1 AND least(attempts, 1) = 1 AND due_millis > $2
        ORDER BY due_millis LIMIT %d)
      """
          .formatted(FORWARD_ROWS);

  private static final String MEASURE =
      """
      SELECT (SELECT count(*) FROM (
                SELECT FROM webhook_delivery WHERE state = 'Pending' LIMIT %1$d) p) AS pending,
        (SELECT min(created_millis) FROM webhook_delivery WHERE state = 'Pending') AS oldest,
        (SELECT count(*) FROM (
           SELECT FROM webhook_delivery WHERE state = 'GivenUp' LIMIT %1$d) g) AS dead
      """
          .formatted(MAX_COUNTED);

  private static final String STORES = "SELECT DISTINCT store_id FROM webhook";

  /**
   * A delivery that is due.
   *
   * @param id its own
   * @param originalId the first of the same event
   * @param webhookId where to
   * @param receiver who is meant
   * @param storeId whose; empty if the webhook is gone
   * @param host scheme, host and port of the link; empty if the webhook is gone
   * @param ofInvoice true if the webhook is that of a single invoice
   * @param attempts tries so far
   * @param createdMillis when it was made
   * @param url where to; empty if the webhook is gone
   * @param secret what it is signed with
   * @param enabled false if its webhook was switched off meanwhile
   * @param automaticRedelivery false to try only once
   * @param event what it says; empty if that is dropped
   */
  record Due(
      UUID id,
      UUID originalId,
      String webhookId,
      String receiver,
      Optional<String> storeId,
      Optional<String> host,
      boolean ofInvoice,
      int attempts,
      long createdMillis,
      Optional<String> url,
      Optional<String> secret,
      boolean enabled,
      boolean automaticRedelivery,
      Optional<LoggedEvent> event) {
    /** True if somebody asked for it. */
    boolean isRedelivery() {
      return !id.equals(originalId);
    }

    /** True if it was tried before. */
    boolean isRetry() {
      return attempts > 0;
    }
  }

  /**
   * What became of one.
   *
   * @param id which
   * @param state how far it is now
   * @param dueMillis when it is tried again, if it waits
   * @param sentMillis when it was tried
   * @param outcome what came of it
   */
  record Result(UUID id, Delivery.State state, long dueMillis, long sentMillis, Outcome outcome) {}

  /**
   * How full it is.
   *
   * @param pending what waits
   * @param oldestMillis when the oldest of it was made; now, if nothing waits
   * @param deadLetters what was given up
   */
  record Measure(long pending, long oldestMillis, long deadLetters) {}

  /**
   * Receivers and when something is due there.
   *
   * @param dueMillis by receiver
   */
  record Found(Map<String, Long> dueMillis) {}

  /**
   * What was handed over.
   *
   * @param events how many
   * @param lastStore the last store of which some was
   * @param dueMillis when something is due, by receiver
   */
  record HandedOver(int events, String lastStore, Map<String, Long> dueMillis) {}

  /**
   * What is due at some receivers.
   *
   * @param due what can be sent
   * @param nextMillis when the next is due at those of them where that was all
   */
  record Look(List<Due> due, Map<String, Long> nextMillis) {}

  private final Pool pool;
  private final int firstTries;
  private final int retries;
  private final String due;

  /**
   * The outbox in a database.
   *
   * @param perReceiver most deliveries for one receiver that are read at a time, and half as many
   *     that were tried before
   */
  Outbox(Pool pool, int perReceiver) {
    this.pool = pool;
    this.firstTries = perReceiver;
    this.retries = Math.max(1, perReceiver / 2);
    // As constants they tell the planner how few they are.
    this.due = due(firstTries, retries);
  }

  /** What is due, with its limits. */
  static String due(int firstTries, int retries) {
    return DUE.formatted(firstTries, retries);
  }

  /** Finds out where events of some stores go, those behind a store by their ids. */
  Future<HandedOver> handOver(String afterStore) {
    return pool.preparedQuery(HAND_OVER)
        .execute(Tuple.of(afterStore))
        .map(
            rows -> {
              Row first = rows.iterator().next();
              return new HandedOver(
                  first.getInteger("events"), first.getString("last_store"), dueMillis(rows));
            });
  }

  /** The receivers behind one that something waits for, {@link #MAX_FOUND} at most. */
  Future<Found> find(String afterReceiver) {
    return pool.preparedQuery(FIND)
        .execute(Tuple.of(afterReceiver))
        .map(rows -> new Found(dueMillis(rows)));
  }

  private static Map<String, Long> dueMillis(Iterable<Row> rows) {
    Map<String, Long> found = new LinkedHashMap<>();
    for (Row row : rows) {
      String receiver = row.getString("receiver");
      if (receiver != null) {
        found.put(receiver, Objects.requireNonNull(row.getLong("due_millis")));
      }
    }
    return found;
  }

  /** Lets go on what waits for nothing any more, should there be any. */
  Future<Void> repair(long nowMillis) {
    return pool.preparedQuery(REPAIR).execute(Tuple.of(nowMillis)).mapEmpty();
  }

  /** Most receivers whose deliveries are read at a time. */
  int maxReceivers() {
    return Math.max(1, MAX_ROWS / (firstTries + retries));
  }

  /**
   * What is due at some receivers.
   *
   * @param busy what is being sent, or was and is not written down yet
   * @param receivers which, {@link #maxReceivers} at most, and whether they get the newest first
   */
  Future<Look> due(long nowMillis, Collection<UUID> busy, Map<String, Boolean> receivers) {
    List<String> names = List.copyOf(receivers.keySet());
    return pool.preparedQuery(due)
        .execute(
            Tuple.tuple()
                .addLong(nowMillis)
                .addArrayOfUUID(busy.toArray(UUID[]::new))
                .addArrayOfString(names.toArray(String[]::new))
                .addArrayOfBoolean(names.stream().map(receivers::get).toArray(Boolean[]::new)))
        .map(rows -> look(rows, nowMillis));
  }

  private Look look(Iterable<Row> rows, long nowMillis) {
    List<Due> found = new ArrayList<>();
    Map<String, Integer> first = new HashMap<>();
    Map<String, Integer> again = new HashMap<>();
    Map<String, Long> next = new HashMap<>();
    for (Row row : rows) {
      String receiver = row.getString("receiver");
      Long nextMillis = row.getLong("next_millis");
      if (nextMillis != null) {
        next.put(receiver, nextMillis);
      }
      if (row.getUUID("id") != null) {
        Due delivery = read(row);
        found.add(delivery);
        (delivery.isRetry() ? again : first).merge(receiver, 1, Integer::sum);
      }
    }
    // There may be more that is due now.
    noteMore(first, firstTries, nowMillis, next);
    noteMore(again, retries, nowMillis, next);
    return new Look(found, next);
  }

  private static void noteMore(
      Map<String, Integer> counts, int limit, long nowMillis, Map<String, Long> next) {
    counts.forEach(
        (receiver, count) -> {
          if (count >= limit) {
            next.put(receiver, nowMillis);
          }
        });
  }

  private static Due read(Row row) {
    UUID id = row.getUUID("id");
    UUID original = row.getUUID("original_id");
    return new Due(
        id,
        original == null ? id : original,
        row.getString("webhook_id"),
        row.getString("receiver"),
        Optional.ofNullable(row.getString("hook_store")),
        Optional.ofNullable(row.getString("hook_endpoint")),
        row.getString("hook_invoice") != null,
        row.getInteger("attempts"),
        Objects.requireNonNull(row.getLong("created_millis")),
        Optional.ofNullable(row.getString("url")),
        Optional.ofNullable(row.getString("secret")),
        Boolean.TRUE.equals(row.getBoolean("enabled")),
        Boolean.TRUE.equals(row.getBoolean("automatic_redelivery")),
        row.getString("details") == null ? Optional.empty() : Optional.of(LoggedEvent.read(row)));
  }

  /** Writes down what became of some. */
  Future<Void> write(List<Result> results, long nowMillis) {
    int count = results.size();
    UUID[] ids = new UUID[count];
    String[] states = new String[count];
    Long[] due = new Long[count];
    Long[] sent = new Long[count];
    @Nullable Integer[] codes = new Integer[count];
    @Nullable String[] errors = new String[count];
    for (int i = 0; i < count; i++) {
      Result result = results.get(i);
      ids[i] = result.id();
      states[i] = result.state().text();
      due[i] = result.dueMillis();
      sent[i] = result.sentMillis();
      codes[i] = result.outcome().httpCode().orElse(null);
      errors[i] = result.outcome().error().orElse(null);
    }
    return pool.preparedQuery(WRITE)
        .execute(
            Tuple.tuple()
                .addArrayOfUUID(ids)
                .addArrayOfString(states)
                .addArrayOfLong(due)
                .addArrayOfLong(sent)
                .addArrayOfInteger(codes)
                .addArrayOfString(errors)
                .addLong(nowMillis))
        .mapEmpty();
  }

  /** Makes due what waits for a receiver that answers again; some of it, if it is very much. */
  Future<Void> bringForward(String receiver, long nowMillis) {
    return pool.preparedQuery(BRING_FORWARD).execute(Tuple.of(receiver, nowMillis)).mapEmpty();
  }

  /** The stores that have any webhooks. */
  Future<List<String>> stores() {
    return pool.query(STORES)
        .execute()
        .map(
            rows -> {
              List<String> stores = new ArrayList<>(rows.size());
              rows.forEach(row -> stores.add(row.getString(0)));
              return stores;
            });
  }

  Future<Measure> measure(long nowMillis) {
    return pool.query(MEASURE)
        .execute()
        .map(
            rows -> {
              Row row = rows.iterator().next();
              Long oldest = row.getLong("oldest");
              return new Measure(
                  row.getLong("pending"), oldest == null ? nowMillis : oldest, row.getLong("dead"));
            });
  }
}
