package network.tender.merchant;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The one transaction of a request that is made once only. Whatever goes through a {@link
 * JoiningPool} on the request's own context meanwhile is part of it, so that repositories need not
 * know of it. It must not be used by two threads at once, which a context never is.
 */
public final class JoinedTransaction {
  private final SqlConnection connection;
  private final List<Runnable> afterCommit = new ArrayList<>();
  private boolean broken;

  private JoinedTransaction(SqlConnection connection) {
    this.connection = connection;
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
   */
  static <T> Future<T> run(Pool pool, Supplier<Future<T>> work) {
    Context context = Vertx.currentContext();
    if (!(context instanceof ContextInternal own && own.isDuplicate())) {
      return Future.failedFuture(
          new IllegalStateException("only a request has a joined transaction"));
    }
    List<Runnable> steps = new ArrayList<>();
    return pool.withTransaction(
            connection -> {
              JoinedTransaction joined = new JoinedTransaction(connection);
              JoinedTransactionLocal.CURRENT.put(context, joined);
              // What throws must end the transaction like what fails.
              return Future.succeededFuture()
                  .compose(begun -> work.get())
                  .compose(
                      done ->
                          joined.broken
                              ? Future.failedFuture(
                                  new IllegalStateException(
                                      "a transaction within failed, and so does the whole"))
                              : Future.succeededFuture(done))
                  .onComplete(
                      done -> {
                        JoinedTransactionLocal.CURRENT.remove(context);
                        steps.addAll(joined.afterCommit);
                      });
            })
        .onSuccess(committed -> steps.forEach(Runnable::run));
  }

  SqlConnection connection() {
    return connection;
  }

  /** What would be a transaction of its own; if it fails, all is undone. */
  <T> Future<T> inner(Function<SqlConnection, Future<T>> work) {
    return Future.succeededFuture()
        .compose(begun -> work.apply(connection))
        .onFailure(error -> broken = true);
  }
}
