package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A transaction on what follows the journal: a condition on its cursor's row, which also checks the
 * lease, and what to do if it holds. It may be repeated.
 */
class CursorWrite implements WriterConnection.Work<Boolean> {
  /** A statement of a transaction. */
  record Statement(String sql, Tuple values) {}

  private final WriterLease lease;
  private final String cursorQuery;
  private final Statement condition;
  private final List<Statement> statements;

  /**
   * A transaction.
   *
   * @param cursorQuery reads the cursor's row with its {@code generation} and {@code height}
   * @param condition changes one row if it holds
   */
  CursorWrite(
      WriterLease lease, String cursorQuery, Statement condition, List<Statement> statements) {
    this.lease = lease;
    this.cursorQuery = cursorQuery;
    this.condition = condition;
    this.statements = statements;
  }

  @Override
  public Future<Optional<Boolean>> write(SqlConnection connection, Runnable answered) {
    return connection
        .preparedQuery(condition.sql())
        .execute(condition.values())
        .compose(
            rows -> {
              if (rows.rowCount() != 1) {
                return Future.succeededFuture(Optional.empty());
              }
              answered.run();
              List<Future<?>> all = new ArrayList<>();
              for (Statement statement : statements) {
                all.add(
                    connection
                        .preparedQuery(statement.sql())
                        .execute(statement.values())
                        .onSuccess(done -> answered.run()));
              }
              return all.isEmpty()
                  ? Future.succeededFuture(Optional.of(true))
                  : Future.join(all).map(Optional.of(true));
            });
  }

  @Override
  public Future<Optional<Boolean>> resolve(SqlConnection connection) {
    return connection.query(cursorQuery).execute().map(rows -> outcome(rows.iterator().next()));
  }

  /** What the cursor says of the attempts before; nothing, if they can be repeated. */
  Optional<Boolean> outcome(Row cursor) {
    demandLease(cursor);
    return Optional.empty();
  }

  /** Fails with {@link LeaseLostException} if another process has become the writer. */
  void demandLease(Row cursor) {
    if (cursor.getLong("generation") != lease.generation()) {
      throw lease.takenOver(cursor.getLong("generation"));
    }
  }
}
