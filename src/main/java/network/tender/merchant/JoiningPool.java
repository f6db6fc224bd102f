package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PrepareOptions;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.Query;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collector;

/**
 * A pool whose statements and transactions become part of the {@link JoinedTransaction} of the
 * current context, if there is one. Questions are so only after the first that is more than one:
 * after a {@code SELECT} that locks nothing, a request may still wait for others without holding a
 * connection. A connection that is taken by {@link #getConnection} stands apart from it.
 */
public final class JoiningPool implements Pool {
  private static final Pattern QUESTION =
      Pattern.compile("\\s*SELECT\\b", Pattern.CASE_INSENSITIVE);

  private static final Pattern LOCK =
      Pattern.compile(
          "\\bFOR\\s+(NO\\s+KEY\\s+|KEY\\s+)?(UPDATE|SHARE)\\b", Pattern.CASE_INSENSITIVE);

  private final Pool pool;

  /** Over a pool whose owner closes it. */
  public JoiningPool(Pool pool) {
    this.pool = pool;
  }

  @Override
  public Future<SqlConnection> getConnection() {
    return pool.getConnection();
  }

  /** The transaction that a statement is part of. A question needs none before it has begun. */
  private static Optional<JoinedTransaction> joined(String sql) {
    return JoinedTransaction.current()
        .filter(joined -> joined.hasBegun() || !QUESTION.matcher(sql).lookingAt() || locks(sql));
  }

  private static boolean locks(String sql) {
    return LOCK.matcher(sql).find();
  }

  @Override
  public Query<RowSet<Row>> query(String sql) {
    return joined(sql)
        .<Query<RowSet<Row>>>map(
            joined -> new LateQuery<>(joined::connection, client -> client.query(sql)))
        .orElseGet(() -> pool.query(sql));
  }

  @Override
  public PreparedQuery<RowSet<Row>> preparedQuery(String sql) {
    return joined(sql)
        .<PreparedQuery<RowSet<Row>>>map(
            joined ->
                new LatePreparedQuery<>(joined::connection, client -> client.preparedQuery(sql)))
        .orElseGet(() -> pool.preparedQuery(sql));
  }

  @Override
  public PreparedQuery<RowSet<Row>> preparedQuery(String sql, PrepareOptions options) {
    return joined(sql)
        .<PreparedQuery<RowSet<Row>>>map(
            joined ->
                new LatePreparedQuery<>(
                    joined::connection, client -> client.preparedQuery(sql, options)))
        .orElseGet(() -> pool.preparedQuery(sql, options));
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
        .map(joined -> joined.connection().compose(work))
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

  /** A statement on a connection that may yet have to be taken. */
  private record LateQuery<T>(
      Supplier<Future<SqlConnection>> connection, Function<SqlConnection, Query<T>> query)
      implements Query<T> {
    @Override
    public Future<T> execute() {
      return connection.get().compose(client -> query.apply(client).execute());
    }

    @Override
    public <R> Query<SqlResult<R>> collecting(Collector<Row, ?, R> collector) {
      return new LateQuery<>(connection, client -> query.apply(client).collecting(collector));
    }

    @Override
    public <U> Query<RowSet<U>> mapping(Function<Row, U> mapper) {
      return new LateQuery<>(connection, client -> query.apply(client).mapping(mapper));
    }
  }

  /** As {@link LateQuery}, with values. */
  private record LatePreparedQuery<T>(
      Supplier<Future<SqlConnection>> connection, Function<SqlConnection, PreparedQuery<T>> query)
      implements PreparedQuery<T> {
    @Override
    public Future<T> execute() {
      return connection.get().compose(client -> query.apply(client).execute());
    }

    @Override
    public Future<T> execute(Tuple tuple) {
      return connection.get().compose(client -> query.apply(client).execute(tuple));
    }

    @Override
    public Future<T> executeBatch(List<Tuple> batch) {
      return connection.get().compose(client -> query.apply(client).executeBatch(batch));
    }

    @Override
    public <R> PreparedQuery<SqlResult<R>> collecting(Collector<Row, ?, R> collector) {
      return new LatePreparedQuery<>(
          connection, client -> query.apply(client).collecting(collector));
    }

    @Override
    public <U> PreparedQuery<RowSet<U>> mapping(Function<Row, U> mapper) {
      return new LatePreparedQuery<>(connection, client -> query.apply(client).mapping(mapper));
    }
  }
}
