package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PrepareOptions;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.Query;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.util.Optional;
import java.util.function.Function;

/**
 * A pool whose statements and transactions become part of the {@link JoinedTransaction} of the
 * current context, if there is one. A connection that is taken by {@link #getConnection} stands
 * apart from it.
 */
public final class JoiningPool implements Pool {
  private final Pool pool;

  /** Over a pool whose owner closes it. */
  public JoiningPool(Pool pool) {
    this.pool = pool;
  }

  private SqlClient client() {
    Optional<JoinedTransaction> joined = JoinedTransaction.current();
    return joined.isPresent() ? joined.get().connection() : pool;
  }

  @Override
  public Future<SqlConnection> getConnection() {
    return pool.getConnection();
  }

  @Override
  public Query<RowSet<Row>> query(String sql) {
    return client().query(sql);
  }

  @Override
  public PreparedQuery<RowSet<Row>> preparedQuery(String sql) {
    return client().preparedQuery(sql);
  }

  @Override
  public PreparedQuery<RowSet<Row>> preparedQuery(String sql, PrepareOptions options) {
    return client().preparedQuery(sql, options);
  }

  @Override
  public <T> Future<T> withTransaction(Function<SqlConnection, Future<T>> work) {
    return JoinedTransaction.current()
        .map(joined -> joined.inner(work))
        .orElseGet(() -> pool.withTransaction(work));
  }

  @Override
  public <T> Future<T> withConnection(Function<SqlConnection, Future<T>> work) {
    return JoinedTransaction.current()
        .map(joined -> work.apply(joined.connection()))
        .orElseGet(() -> pool.withConnection(work));
  }

  @Override
  public int size() {
    return pool.size();
  }

  @Override
  public Future<Void> close() {
    return pool.close();
  }
}
