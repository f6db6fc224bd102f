package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of what happened to invoices, store by store; events are written by the transactions that
 * make them. Safe for any thread.
 */
public final class InvoiceEventLog {
  /** Most events in one answer. */
  public static final int MAX_TAKE = 1_000;

  /**
   * A page ends when it has about so many bytes; what is behind it comes with the next one. One
   * event is at most a third of a megabyte.
   */
  public static final int PAGE_BYTES = 4_000_000;

  /** With so many a page is full enough to end: else its last bytes would be read one by one. */
  private static final int FULL_BYTES = PAGE_BYTES / 4 * 3;

  /** So many are read first; how large they are tells how many more are to be read. */
  private static final int FIRST_READ = 20;

  /** What an event takes beside its texts. */
  private static final int EVENT_BYTES = 300;

  /** How long events are kept. */
  public static final long KEPT_MILLIS = 60L * 24 * 60 * 60 * 1_000;

  private static final int PRUNE_ROWS = 1_000;
  private static final Logger LOG = LoggerFactory.getLogger(InvoiceEventLog.class);

  /**
   * The first transaction under way that may still write events. Whose session is in another
   * database of the server can't, so nobody waits for those; and whoever only reads, such as a
   * backup, has no number. Which database a number belongs to never changes, so it does no harm
   * that the sessions are looked at a moment later; one that is in none any more counts as ours.
   */
  static final String HELD_BY =
      """
      SELECT min(x.xid::text::bigint)
      FROM pg_snapshot_xip(pg_current_snapshot()) AS x (xid)
      WHERE NOT EXISTS (
        SELECT FROM pg_stat_activity a
        WHERE a.backend_xid = x.xid::xid
          AND a.datid IS DISTINCT FROM (
            SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
      """;

  /**
   * What is written by transactions that may still be under way, or behind it, is left for later:
   * so nothing is ever added before what was read.
   */
  private static final String BEHIND =
      """
      FROM invoice_event e
      WHERE e.store_id = $1 AND (e.written_in, e.id) > ($2::bigint, $3::bigint)
        AND e.written_in < (SELECT ahead FROM event_clock)
              + coalesce((%s), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
      ORDER BY e.written_in, e.id LIMIT\s"""
          .formatted(HELD_BY);

  private static final String READ =
      "SELECT e.written_in, e.id, " + LoggedEvent.COLUMNS + "\n" + BEHIND + "$4";
  private static final String FIND_ANY = "SELECT e.id\n" + BEHIND + "1";

  /** Ids follow the time closely enough to be dropped in their order. */
  private static final String PRUNE =
      """
      DELETE FROM invoice_event WHERE id IN (
        SELECT id FROM (SELECT id, event_millis FROM invoice_event ORDER BY id LIMIT %d) oldest
        WHERE event_millis < $1)
      """
          .formatted(PRUNE_ROWS);

  /** Another server counts transactions anew. */
  private static final String GO_ON_BEHIND_THE_NEWEST =
      """
      UPDATE event_clock SET ahead = newest.written_in + 1
      FROM (SELECT written_in FROM invoice_event ORDER BY id DESC LIMIT 1) newest
      WHERE newest.written_in >= ahead + pg_snapshot_xmax(pg_current_snapshot())::text::bigint
      """;

  /**
   * An event and the place behind it.
   *
   * @param cursor what to go on from
   * @param event what happened
   */
  public record Entry(EventCursor cursor, LoggedEvent event) {}

  private final Pool pool;
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

  InvoiceEventLog(Pool pool) {
    this.pool = pool;
  }

  /** To be done before the first event is written. */
  static Future<Void> open(Pool pool) {
    return pool.withTransaction(
        connection -> connection.query(GO_ON_BEHIND_THE_NEWEST).execute().mapEmpty());
  }

  /**
   * A store's events behind a place, in their order. Those of the last moment may be missing still.
   *
   * @param take how many at most, 1 to {@link #MAX_TAKE}
   */
  public Future<List<Entry>> read(String storeId, EventCursor after, int take) {
    return pool.preparedQuery(READ)
        .execute(Tuple.of(storeId, after.writtenIn(), after.id(), Math.min(take, MAX_TAKE)))
        .map(
            rows -> {
              List<Entry> entries = new ArrayList<>(rows.size());
              for (Row row : rows) {
                entries.add(
                    new Entry(
                        new EventCursor(row.getLong("written_in"), row.getLong("id")),
                        LoggedEvent.read(row)));
              }
              return entries;
            });
  }

  /**
   * A store's events behind a place as {@link #read} gives them, but only as many as make up {@link
   * #PAGE_BYTES}, and always one if there is one: so a page may be shorter than asked for though
   * more events are behind it.
   *
   * @param take how many at most, 1 to {@link #MAX_TAKE}
   */
  public Future<List<Entry>> page(String storeId, EventCursor after, int take) {
    return page(storeId, after, Math.min(take, MAX_TAKE), new ArrayList<>(), 0);
  }

  private Future<List<Entry>> page(
      String storeId, EventCursor after, int take, List<Entry> page, long bytesBefore) {
    int left = take - page.size();
    long room = PAGE_BYTES - bytesBefore;
    long several =
        page.isEmpty() ? FIRST_READ : Math.max(1, room * page.size() / Math.max(1, bytesBefore));
    int together = (int) Math.min(left, several);
    return read(storeId, after, together)
        .compose(
            read -> {
              long bytes = bytesBefore;
              for (Entry entry : read) {
                bytes += bytes(entry.event());
                if (bytes > PAGE_BYTES && !page.isEmpty()) {
                  return Future.succeededFuture(page);
                }
                page.add(entry);
              }
              boolean isAll = read.size() < together || page.size() == take;
              return isAll || bytes >= FULL_BYTES
                  ? Future.succeededFuture(page)
                  : page(storeId, read.get(read.size() - 1).cursor(), take, page, bytes);
            });
  }

  private static long bytes(LoggedEvent event) {
    return EVENT_BYTES + utf8Bytes(event.details()) + utf8Bytes(event.metadata());
  }

  private static long utf8Bytes(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      bytes += unit < 0x80 ? 1 : unit < 0x800 || Character.isSurrogate(unit) ? 2 : 3;
    }
    return bytes;
  }

  /** True if {@link #read} would give an event. */
  public Future<Boolean> hasBehind(String storeId, EventCursor after) {
    return pool.preparedQuery(FIND_ANY)
        .execute(Tuple.of(storeId, after.writtenIn(), after.id()))
        .map(rows -> rows.size() > 0);
  }

  /** The transaction under way that readers of the log wait for; empty if there is none. */
  public Future<OptionalLong> heldBy() {
    return pool.query(HELD_BY)
        .execute()
        .map(
            rows -> {
              Long number = rows.iterator().next().getLong(0);
              return number == null ? OptionalLong.empty() : OptionalLong.of(number);
            });
  }

  /**
   * Drops the oldest events.
   *
   * @param beforeMillis how old they have to be, Unix milliseconds
   * @return true if there may be more of them
   */
  public Future<Boolean> prune(long beforeMillis) {
    return pool.preparedQuery(PRUNE)
        .execute(Tuple.of(beforeMillis))
        .map(rows -> rows.rowCount() == PRUNE_ROWS);
  }

  /**
   * Tells a listener the store of each event that is durable. It is called on any thread, returns
   * at once, and must not rely on it: a process that dies tells nobody.
   *
   * @return ends that
   */
  public Runnable onWritten(Consumer<String> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Events of a store are durable, or will be when the transaction that they are part of is. */
  void written(String storeId) {
    JoinedTransaction.afterCommit(() -> tell(storeId));
  }

  private void tell(String storeId) {
    for (Consumer<String> listener : listeners) {
      try {
        listener.accept(storeId);
      } catch (RuntimeException e) {
        LOG.error("A listener to events failed", e);
      }
    }
  }
}
