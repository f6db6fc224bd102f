package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Pages that an earlier process has left over: those of a merge that was cut off, or whose removal
 * was. Nobody reads them.
 */
final class LeftOverPages {
  /** Hears of them. */
  interface Found {
    /**
     * Some pages of a run.
     *
     * @param run number of the run
     * @param pages more than the highest number among its pages
     */
    void pages(long run, int pages);
  }

  /**
   * The next run that has pages. What was removed lately is stepped over one by one until
   * PostgreSQL has cleared it away, so this can take seconds.
   */
  private static final String NEXT =
      """
      SELECT next.run,
        (SELECT max(number) FROM %1$s_page WHERE %1$s_page.run = next.run) + 1 AS pages
      FROM (SELECT min(run) AS run FROM %1$s_page WHERE run > $1 AND run <= $2) AS next
      WHERE next.run IS NOT NULL""";

  private final Pool pool;
  private final String next;
  private final Set<Long> used;
  private final long highest;

  private LeftOverPages(Pool pool, String name, Set<Long> used, long highest) {
    this.pool = pool;
    this.next = NEXT.formatted(name);
    this.used = Set.copyOf(used);
    this.highest = highest;
  }

  /**
   * Prepares to find them. Quick: a start waits for it.
   *
   * @param name what the names of the tables begin with
   * @param used numbers of all runs that are read; more are only made once this has completed
   */
  static Future<LeftOverPages> of(Pool pool, String name, Set<Long> used) {
    return pool.query("SELECT coalesce(max(run), 0) FROM %s_page".formatted(name))
        .execute()
        .map(rows -> new LeftOverPages(pool, name, used, rows.iterator().next().getLong(0)));
  }

  /** The highest number of any run that has pages, whoever reads them; 0 if none has. */
  long highest() {
    return highest;
  }

  /**
   * Finds them, run by run.
   *
   * @param goesOn false to end it
   */
  Future<Void> find(BooleanSupplier goesOn, Found found) {
    long[] after = {-1};
    return Rounds.run(
        () ->
            goesOn.getAsBoolean()
                ? pool.preparedQuery(next)
                    .execute(Tuple.of(after[0], highest))
                    .map(rows -> take(rows, after, found))
                : Future.succeededFuture(false));
  }

  private boolean take(RowSet<Row> rows, long[] after, Found found) {
    for (Row row : rows) {
      after[0] = row.getLong(0);
      if (!used.contains(after[0])) {
        found.pages(after[0], row.getInteger(1));
      }
    }
    return rows.size() > 0;
  }
}
