package network.tender.merchant;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import network.tender.settlement.BusyException;

/**
 * The one transaction of a request that is made once only. What goes through a {@link JoiningPool}
 * on the request's own context meanwhile is part of it, so that repositories need not know of it.
 * It must not be used by two threads at once, which a context never is.
 *
 * <p>It begins with the first statement that is more than a question. What a request asks of others
 * over the network before it writes holds no connection; what it asks of them later undoes the
 * transaction if it takes long.
 */
public final class JoinedTransaction {
  /** Fails, so that all is undone and unlocked at once and what comes later is refused. */
  private static final String UNDO = "DO $$BEGIN RAISE 'a request took too long to write'; END$$";

  /** A connection within a transaction. */
  private record Begun(SqlConnection connection, Transaction transaction) {}

  private final Pool pool;
  private final Context context;
  private final TransactionPlaces places;
  private final Function<SqlConnection, Future<Void>> first;
  private final Promise<Void> tooLate = Promise.promise();
  private final List<Runnable> afterCommit = new ArrayList<>();
  private Optional<Future<Begun>> begun = Optional.empty();
  private Optional<Long> timer = Optional.empty();

  /** Why nothing can be written any more, whatever the work makes of it. */
  private Optional<Throwable> stopped = Optional.empty();

  private boolean innerFailed;
  private boolean over;
  private boolean left;

  private JoinedTransaction(
      Pool pool,
      Context context,
      TransactionPlaces places,
      Function<SqlConnection, Future<Void>> first) {
    this.pool = pool;
    this.context = context;
    this.places = places;
    this.first = first;
  }

  /** That of the current context, if there is one. */
  static Optional<JoinedTransaction> current() {
    Context context = Vertx.currentContext();
    return context == null
        ? Optional.empty()
        : Optional.ofNullable(JoinedTransactionLocal.CURRENT.get(context));
  }

  /**
   * Does something once what is being written is durable: at once, unless it is in a joined
   * transaction; never, if that is rolled back.
   */
  public static void afterCommit(Runnable step) {
    Optional<JoinedTransaction> current = current();
    if (current.isPresent()) {
      current.get().afterCommit.add(step);
    } else {
      step.run();
    }
  }

  /**
   * Does some work in a transaction of its own and commits it if the work succeeds. To be called on
   * a request's context.
   *
   * @param first what the transaction begins with, before anything that the work writes
   * @return fails with {@link BusyException} if too many such transactions are open or this one was
   *     so for too long
   */
  static <T> Future<T> run(
      Pool pool,
      TransactionPlaces places,
      Function<SqlConnection, Future<Void>> first,
      Supplier<Future<T>> work) {
    Context context = Vertx.currentContext();
    if (!(context instanceof ContextInternal own && own.isDuplicate())) {
      return Future.failedFuture(
          new IllegalStateException("only a request has a joined transaction"));
    }
    JoinedTransaction joined = new JoinedTransaction(pool, context, places, first);
    JoinedTransactionLocal.CURRENT.put(context, joined);
    Promise<T> result = Promise.promise();
    joined.tooLate.future().onFailure(result::tryFail);
    // What throws must end the transaction like what fails.
    Future.succeededFuture()
        .compose(ready -> work.get())
        .transform(
            done -> {
              JoinedTransactionLocal.CURRENT.remove(context);
              return joined
                  .end(done.succeeded())
                  .transform(
                      ended ->
                          joined
                              .failure(done, ended)
                              .map(Future::<T>failedFuture)
                              .orElseGet(() -> Future.succeededFuture(done.result())));
            })
        .onSuccess(
            committed -> {
              joined.afterCommit.forEach(Runnable::run);
              result.tryComplete(committed);
            })
        .onFailure(result::tryFail);
    return result.future();
  }

  /** What the whole fails with, if it does. */
  private Optional<Throwable> failure(AsyncResult<?> work, AsyncResult<?> ended) {
    if (stopped.isPresent()) {
      return stopped;
    }
    if (work.failed()) {
      return Optional.of(work.cause());
    }
    if (innerFailed) {
      return Optional.of(
          new IllegalStateException("a transaction within failed, and so does the whole"));
    }
    return ended.failed() ? Optional.of(ended.cause()) : Optional.empty();
  }

  /** Whether anything has been written, or is about to be. */
  boolean hasBegun() {
    return begun.isPresent();
  }

  /** The connection, once the transaction has begun. */
  Future<SqlConnection> connection() {
    if (over) {
      return Future.failedFuture(stopped.orElseGet(BusyException::new));
    }
    if (begun.isEmpty()) {
      begun =
          Optional.of(
              places
                  .enter(context)
                  .compose(
                      entered -> pool.getConnection().compose(this::begin).onFailure(e -> leave()))
                  .onFailure(this::stop));
    }
    return begun.get().map(Begun::connection);
  }

  private void stop(Throwable reason) {
    over = true;
    if (stopped.isEmpty()) {
      stopped = Optional.of(reason);
    }
  }

  private Future<Begun> begin(SqlConnection connection) {
    // The database ends a session whose transaction rests for long.
    connection.closeHandler(closed -> leave());
    timer =
        Optional.of(
            context
                .owner()
                .setTimer(
                    TransactionPlaces.MAX_OPEN_MILLIS,
                    id -> context.runOnContext(v -> undo(connection))));
    return connection
        .begin()
        .compose(
            transaction ->
                first
                    .apply(connection)
                    .recover(
                        error ->
                            transaction.rollback().transform(undone -> Future.failedFuture(error)))
                    .map(done -> new Begun(connection, transaction)))
        .onFailure(
            error -> {
              timer.ifPresent(context.owner()::cancelTimer);
              connection.close();
            });
  }

  /**
   * Undoes what has been written, as it has taken too long. The work goes on, so the connection
   * stays with it until its end: in other hands it would still write.
   */
  private void undo(SqlConnection connection) {
    if (over) {
      return;
    }
    stop(new BusyException());
    places.tookTooLong();
    connection.query(UNDO).execute();
    tooLate.fail(new BusyException());
  }

  /** Commits, or undoes everything; the Future may be a failed one only if it was to commit. */
  private Future<Void> end(boolean well) {
    if (begun.isEmpty()) {
      over = true;
      return Future.succeededFuture();
    }
    return begun
        .get()
        .transform(
            opened -> {
              boolean commits = well && !over && !innerFailed;
              over = true;
              timer.ifPresent(context.owner()::cancelTimer);
              if (opened.failed()) {
                return Future.succeededFuture();
              }
              Begun all = opened.result();
              return (commits ? all.transaction().commit() : all.transaction().rollback())
                  .eventually(all.connection()::close)
                  .onComplete(ended -> leave());
            });
  }

  private void leave() {
    if (!left) {
      left = true;
      places.leave();
    }
  }

  /** What would be a transaction of its own; if it fails, all is undone. */
  <T> Future<T> inner(Function<SqlConnection, Future<T>> work) {
    return connection().compose(work).onFailure(error -> innerFailed = true);
  }
}
