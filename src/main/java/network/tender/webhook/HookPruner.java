package network.tender.webhook;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Removes the webhooks of single invoices, and with them their secrets, when nothing more is to be
 * sent there: the invoice has expired or is decided, the time for watching it is over, and its
 * newest event is so old that no try is left. Money that comes to it later still is told to the
 * webhooks of its store.
 */
final class HookPruner {
  /** How long the newest event and the end of watching are ago at least. */
  static final long KEPT_MILLIS = RetryPlan.DEFAULT.giveUpMillis() + Duration.ofDays(1).toMillis();

  /** Most that one step looks at. */
  private static final int STEP_ROWS = 1_000;

  /**
   * Those that are kept stay at the front, so each step goes on behind the one before. What is
   * still to be handed over may be an event of the invoice; a moment later it is known.
   */
  private static final String PRUNE =
      """
      WITH old AS MATERIALIZED (
        SELECT id, invoice_id, store_id, coalesce(told_millis, created_millis) AS told
        FROM webhook
        WHERE invoice_id IS NOT NULL
          AND coalesce(told_millis, created_millis) BETWEEN $2 AND $1
          AND (coalesce(told_millis, created_millis), id) > ($2, $3)
        ORDER BY coalesce(told_millis, created_millis), id LIMIT %d),
      gone AS (
        DELETE FROM webhook w USING old o
        WHERE w.id = o.id AND coalesce(w.told_millis, w.created_millis) = o.told
          AND NOT EXISTS (
            SELECT FROM invoice i
            WHERE i.id = o.invoice_id AND (i.status = 'New' OR i.monitoring_millis > $1))
          AND NOT EXISTS (
            SELECT FROM webhook_delivery d WHERE d.webhook_id = o.id AND d.state = 'Pending')
          AND NOT EXISTS (SELECT FROM webhook_handover h WHERE h.store_id = o.store_id)
        RETURNING w.id)
      SELECT (SELECT count(*) FROM gone) AS gone, count(*) OVER () AS looked, told, id
      FROM old ORDER BY told DESC, id DESC LIMIT 1
      """
          .formatted(STEP_ROWS);

  /** How far it is. */
  record Place(long toldMillis, String id) {
    static final Place START = new Place(0, "");
  }

  /**
   * What came of a step.
   *
   * @param gone how many were removed
   * @param next where to go on; empty at the end
   */
  record Step(int gone, Optional<Place> next) {}

  private final Pool pool;
  private final InstantSource clock;

  HookPruner(Pool pool, InstantSource clock) {
    this.pool = pool;
    this.clock = clock;
  }

  /** Looks at some behind a place. */
  Future<Step> step(Place after) {
    return pool.preparedQuery(PRUNE)
        .execute(Tuple.of(clock.millis() - KEPT_MILLIS, after.toldMillis(), after.id()))
        .map(
            rows -> {
              for (Row row : rows) {
                boolean full = row.getInteger("looked") >= STEP_ROWS;
                Place last = new Place(row.getLong("told"), row.getString("id"));
                return new Step(
                    row.getInteger("gone"), full ? Optional.of(last) : Optional.empty());
              }
              return new Step(0, Optional.empty());
            });
  }
}
