package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;

/**
 * Whether a database holds the chain that its node writes, or a verified copy of another node's.
 * One must never become the other by a slip: a writer on a copy would split the chain.
 */
public final class ChainRole {
  private static final String FOLLOWED = "SELECT node FROM followed_node";
  private static final String IS_WRITERS =
      "SELECT height > 0 AND NOT EXISTS (SELECT 1 FROM followed_node) FROM chain_head";
  private static final String FOLLOW =
      "INSERT INTO followed_node (node) VALUES ($1)"
          + " ON CONFLICT (singleton) DO UPDATE SET node = $1";

  private ChainRole() {}

  /**
   * Demands a database for a node that seals blocks; only whoever has the lease asks.
   *
   * @return fails with {@link DatabaseRefusedException} if it holds a copy
   */
  public static Future<Void> demandWriter(Database database) {
    return database
        .pool()
        .query(FOLLOWED)
        .execute()
        .compose(
            (RowSet<Row> rows) ->
                rows.size() == 0
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        new DatabaseRefusedException(
                            "The database holds a verified copy of the chain of "
                                + rows.iterator().next().getString(0)
                                + ". A node that seals blocks on it would split that chain: start"
                                + " with --follow, or use another database. If this one is to"
                                + " take its place for good, DELETE FROM followed_node.")));
  }

  /**
   * Demands a database for a follower, a new one or one that holds a copy already, and notes whose.
   *
   * @param node the followed node's URL
   * @return fails with {@link DatabaseRefusedException} if it holds a chain of its own
   */
  public static Future<Void> demandFollower(Database database, String node) {
    return database
        .pool()
        .query(IS_WRITERS)
        .execute()
        .compose(
            rows ->
                rows.iterator().next().getBoolean(0)
                    ? Future.failedFuture(
                        new DatabaseRefusedException(
                            "The database holds a chain that its own node has sealed; a follower"
                                + " needs one of its own. Use another data folder or database."))
                    : database.pool().preparedQuery(FOLLOW).execute(Tuple.of(node)).mapEmpty());
  }
}
