package network.tender.webhook;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import network.tender.merchant.LoggedEvent;
import org.jspecify.annotations.Nullable;

/** What is to be sent, in the database. */
final class Outbox {
  /** Most deliveries that are read at a time: each may carry much metadata. */
  static final int MAX_ROWS = 64;

  /** Most deliveries that are brought forward at a time. */
  private static final int FORWARD_ROWS = 1_000;

  /** More are only counted as so many. */
  private static final int MAX_COUNTED = 100_000;

  /**
   * For each receiver with room, what is due. Of the events of one invoice the first that waits, so
   * that their order is kept; whatever is sent again by hand waits for nothing. Receivers are found
   * one after the other in the index, so that one with very many costs no more than one with few.
   */
  private static final String DUE =
      """
      WITH RECURSIVE waiting AS (
        (SELECT endpoint FROM webhook_delivery WHERE state = 'Pending' ORDER BY endpoint LIMIT 1)
        UNION ALL
        SELECT (SELECT d.endpoint FROM webhook_delivery d
                WHERE d.state = 'Pending' AND d.endpoint > w.endpoint
                ORDER BY d.endpoint LIMIT 1)
        FROM waiting w WHERE w.endpoint IS NOT NULL)
      SELECT d.id, d.original_id, d.webhook_id, d.endpoint, d.attempts, d.created_millis,
        w.url, w.secret, w.enabled, w.automatic_redelivery, w.store_id AS hook_store, %s
      FROM waiting r
        CROSS JOIN LATERAL (
          SELECT * FROM webhook_delivery p
          WHERE p.endpoint = r.endpoint AND p.state = 'Pending' AND p.due_millis <= $1
            AND p.id <> ALL ($2::uuid[])
            AND (p.original_id IS NOT NULL OR NOT EXISTS (
              SELECT FROM webhook_delivery b
              WHERE b.webhook_id = p.webhook_id AND b.invoice_id = p.invoice_id
                AND b.state = 'Pending' AND b.original_id IS NULL AND b.event_id < p.event_id))
          ORDER BY p.due_millis, p.event_id LIMIT $4) d
        LEFT JOIN webhook w ON w.id = d.webhook_id
        LEFT JOIN invoice_event e ON e.id = d.event_id
      WHERE r.endpoint <> ALL ($3::text[])
      ORDER BY d.due_millis, d.event_id LIMIT $5
      """
          .formatted(LoggedEvent.COLUMNS);

  private static final String WRITE =
      """
      UPDATE webhook_delivery d
      SET state = r.state, attempts = d.attempts + 1, due_millis = r.due_millis,
        sent_millis = r.sent_millis, http_code = r.http_code, error = r.error
      FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::int[], $6::text[])
             AS r (id, state, due_millis, sent_millis, http_code, error)
      WHERE d.id = r.id
      """;

  private static final String BRING_FORWARD =
      """
      UPDATE webhook_delivery SET due_millis = $2 WHERE id IN (
        SELECT id FROM webhook_delivery
        WHERE endpoint = $1 AND state = 'Pending' AND due_millis > $2
        ORDER BY due_millis LIMIT %d)
      """
          .formatted(FORWARD_ROWS);

  private static final String MEASURE =
      """
      SELECT (SELECT count(*) FROM (
                SELECT FROM webhook_delivery WHERE state = 'Pending' LIMIT %1$d) p) AS pending,
        (SELECT min(created_millis) FROM (
           SELECT created_millis FROM webhook_delivery WHERE state = 'Pending' LIMIT %1$d) o)
          AS oldest,
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
   * @param endpoint who is meant
   * @param storeId whose; empty if the webhook is gone
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
      String endpoint,
      Optional<String> storeId,
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

  private final Pool pool;

  Outbox(Pool pool) {
    this.pool = pool;
  }

  /**
   * What is due.
   *
   * @param busy what is being sent, or was and is not written down yet
   * @param full receivers that take no more now
   * @param perEndpoint how many for each receiver at most
   */
  Future<List<Due>> due(long nowMillis, Collection<UUID> busy, Set<String> full, int perEndpoint) {
    return pool.preparedQuery(DUE)
        .execute(
            Tuple.tuple()
                .addLong(nowMillis)
                .addArrayOfUUID(busy.toArray(UUID[]::new))
                .addArrayOfString(full.toArray(String[]::new))
                .addInteger(perEndpoint)
                .addInteger(MAX_ROWS))
        .map(
            rows -> {
              List<Due> due = new ArrayList<>(rows.size());
              rows.forEach(row -> due.add(read(row)));
              return due;
            });
  }

  private static Due read(Row row) {
    UUID id = row.getUUID("id");
    UUID original = row.getUUID("original_id");
    return new Due(
        id,
        original == null ? id : original,
        row.getString("webhook_id"),
        row.getString("endpoint"),
        Optional.ofNullable(row.getString("hook_store")),
        row.getInteger("attempts"),
        Objects.requireNonNull(row.getLong("created_millis")),
        Optional.ofNullable(row.getString("url")),
        Optional.ofNullable(row.getString("secret")),
        Boolean.TRUE.equals(row.getBoolean("enabled")),
        Boolean.TRUE.equals(row.getBoolean("automatic_redelivery")),
        row.getString("details") == null ? Optional.empty() : Optional.of(LoggedEvent.read(row)));
  }

  /** Writes down what became of some. */
  Future<Void> write(List<Result> results) {
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
                .addArrayOfString(errors))
        .mapEmpty();
  }

  /** Makes due what waits for a receiver that answers again; some of it, if it is very much. */
  Future<Void> bringForward(String endpoint, long nowMillis) {
    return pool.preparedQuery(BRING_FORWARD).execute(Tuple.of(endpoint, nowMillis)).mapEmpty();
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
