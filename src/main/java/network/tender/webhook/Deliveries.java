package network.tender.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import network.tender.merchant.LoggedEvent;

/** What was sent to webhooks, and what is still to be sent. */
public final class Deliveries {
  /** Most deliveries in one answer. */
  public static final int MAX_COUNT = 1_000;

  /** How long it is known how an event was delivered; what it said is dropped earlier. */
  static final long KEPT_MILLIS = 180L * 24 * 60 * 60 * 1_000;

  /** Most that are dropped at a time. */
  static final int PRUNE_ROWS = 1_000;

  private static final String SELECT =
      """
      SELECT d.id, d.original_id, d.webhook_id, d.invoice_id, d.type, d.state, d.attempts,
        d.created_millis, coalesce(d.due_millis, d.created_millis) AS due_millis, d.sent_millis, d.http_code, d.error
      FROM webhook_delivery d
      """;

  private static final String TRIED =
      SELECT
          + "WHERE d.webhook_id = $1 AND d.sent_millis IS NOT NULL"
          + " ORDER BY d.created_millis DESC, d.event_id DESC LIMIT $2";

  private static final String IN_STATE =
      SELECT
          + "WHERE d.webhook_id = $1 AND d.state = $3"
          + " ORDER BY d.created_millis DESC, d.event_id DESC LIMIT $2";

  private static final String FIND = SELECT + "WHERE d.webhook_id = $1 AND d.id = $2";

  private static final String EVENT =
      """
      SELECT %s FROM webhook_delivery d JOIN invoice_event e ON e.id = d.event_id WHERE d.id = $1
      """
          .formatted(LoggedEvent.COLUMNS);

  private static final String REDELIVER =
      """
      INSERT INTO webhook_delivery
        (webhook_id, receiver, event_id, invoice_id, type, original_id, created_millis, due_millis)
      SELECT d.webhook_id, w.receiver, d.event_id, d.invoice_id, d.type,
        coalesce(d.original_id, d.id), $2, $2
      FROM webhook_delivery d
        JOIN webhook w ON w.id = d.webhook_id
        JOIN invoice_event e ON e.id = d.event_id
      WHERE d.id = $1
      RETURNING id, receiver
      """;

  private static final String PRUNE =
      """
      DELETE FROM webhook_delivery WHERE id IN (
        SELECT id FROM webhook_delivery WHERE created_millis < $1 AND state <> 'Pending'
        ORDER BY created_millis LIMIT %d)
      """
          .formatted(PRUNE_ROWS);

  private final Pool pool;
  private final InstantSource clock;
  private final Consumer<String> wake;

  Deliveries(Pool pool, InstantSource clock, Consumer<String> wake) {
    this.pool = pool;
    this.clock = clock;
    this.wake = wake;
  }

  /**
   * Deliveries of a webhook, the newest first.
   *
   * @param count how many at most, 1 to {@link #MAX_COUNT}
   * @param state only those in it; without it, all that were tried at least once
   */
  public Future<List<Delivery>> list(String webhookId, int count, Optional<Delivery.State> state) {
    int limit = Math.min(count, MAX_COUNT);
    return (state.isPresent()
            ? pool.preparedQuery(IN_STATE).execute(Tuple.of(webhookId, limit, state.get().text()))
            : pool.preparedQuery(TRIED).execute(Tuple.of(webhookId, limit)))
        .map(
            rows -> {
              List<Delivery> list = new ArrayList<>(rows.size());
              rows.forEach(row -> list.add(read(row)));
              return list;
            });
  }

  /** A delivery of a webhook. */
  public Future<Optional<Delivery>> find(String webhookId, UUID id) {
    return pool.preparedQuery(FIND)
        .execute(Tuple.of(webhookId, id))
        .map(
            rows ->
                rows.size() == 0 ? Optional.empty() : Optional.of(read(rows.iterator().next())));
  }

  /** What is or was sent; written out compactly, it has those very bytes. Empty if dropped. */
  public Future<Optional<ObjectNode>> request(Delivery delivery) {
    return pool.preparedQuery(EVENT)
        .execute(Tuple.of(delivery.id()))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(
                        HookBody.json(
                            delivery.id(),
                            delivery.originalId(),
                            delivery.webhookId(),
                            LoggedEvent.read(rows.iterator().next()))));
  }

  /**
   * Sends an event again, now, whatever became of it before.
   *
   * @return the new delivery's id; empty if what the event said is dropped
   */
  public Future<Optional<UUID>> redeliver(Delivery delivery) {
    return pool.preparedQuery(REDELIVER)
        .execute(Tuple.of(delivery.id(), clock.millis()))
        .map(
            rows -> {
              if (rows.size() == 0) {
                return Optional.empty();
              }
              Row made = rows.iterator().next();
              wake.accept(made.getString("receiver"));
              return Optional.of(made.getUUID("id"));
            });
  }

  /** Drops old ones, {@link #PRUNE_ROWS} at most; returns how many. */
  Future<Integer> prune() {
    return pool.preparedQuery(PRUNE)
        .execute(Tuple.of(clock.millis() - KEPT_MILLIS))
        .map(rows -> rows.rowCount());
  }

  private static Delivery read(Row row) {
    UUID id = row.getUUID("id");
    UUID original = row.getUUID("original_id");
    return new Delivery(
        id,
        original == null ? id : original,
        row.getString("webhook_id"),
        row.getString("invoice_id"),
        row.getString("type"),
        Delivery.State.parse(row.getString("state")).orElseThrow(),
        row.getInteger("attempts"),
        Objects.requireNonNull(row.getLong("created_millis")),
        Objects.requireNonNull(row.getLong("due_millis")),
        Optional.ofNullable(row.getLong("sent_millis")),
        Optional.ofNullable(row.getInteger("http_code")),
        Optional.ofNullable(row.getString("error")));
  }
}
