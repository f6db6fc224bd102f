package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of its own, on which transactions are run one after the other, each until its
 * outcome is certain.
 *
 * <p>A transaction that fails in any way, above all during COMMIT, has an unknown outcome. So the
 * connection is given up, and on a new one the database is asked what became of it; only if it is
 * known not to have happened is it tried again. The transactions themselves are safe to repeat even
 * while an older attempt still runs on the server: each begins by updating a cursor row on the
 * condition that it stands where it should, so that it waits for the older attempt and then fails
 * the condition if that one was committed.
 */
final class WriterConnection {
  /**
   * A transaction that can be repeated.
   *
   * @param <T> what is known once it has an outcome
   */
  interface Work<T> {
    /**
     * Writes, between BEGIN and COMMIT. It may be pipelined behind the BEGIN.
     *
     * @param answered to be called at each answer, so that only silence counts as failure
     * @return empty if its condition failed, so that it must be rolled back
     */
    Future<Optional<T>> write(SqlConnection connection, Runnable answered);

    /**
     * Finds out, outside of any transaction, what became of earlier attempts.
     *
     * @return empty if they did not happen, so that another one is in order; fails with {@link
     *     HopelessException} or {@link LeaseLostException} if no attempt can ever succeed
     */
    Future<Optional<T>> resolve(SqlConnection connection);
  }

  /** The state of the database makes the work impossible, which means a bug. */
  static final class HopelessException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    HopelessException(String message) {
      super(message);
    }
  }

  /** Closed before the outcome was certain. */
  static final class ClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ClosedException(String role) {
      super("The " + role + " connection is closed.");
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(WriterConnection.class);

  private final EventLoop loop;
  private final Database database;
  private final String role;
  private final RetryPolicy policy;
  private volatile Consumer<Boolean> availabilityListener = available -> {};
  private volatile Runnable idleLossListener = () -> {};
  private volatile boolean available = true;
  private volatile boolean closed;

  // The rest is touched on the context only.
  private @Nullable PgConnection connection;
  private Future<?> last = Future.succeededFuture();
  private int waiting;

  WriterConnection(Database database, String role, RetryPolicy policy) {
    this.loop = EventLoop.current(database.vertx());
    this.database = database;
    this.role = role;
    this.policy = policy;
  }

  /** Told on every change of {@link #isAvailable}, on the context. */
  void onAvailability(Consumer<Boolean> listener) {
    availabilityListener = listener;
  }

  /** Told when the connection breaks while there is no work. */
  void onIdleLoss(Runnable listener) {
    idleLossListener = listener;
  }

  /** False from the first failed attempt until one succeeds. */
  boolean isAvailable() {
    return available;
  }

  private void setAvailable(boolean now) {
    if (available != now) {
      available = now;
      availabilityListener.accept(now);
    }
  }

  /** Runs work behind what was handed in before; the result arrives on the caller's context. */
  <T> Future<T> run(Work<T> work) {
    return loop.call(
        () -> {
          waiting++;
          Future<T> result =
              last.transform(before -> new Run<>(work).start()).andThen(ignored -> waiting--);
          last = result;
          return result;
        });
  }

  /** True if there is work that has not ended; on the context. */
  boolean isBusy() {
    return waiting > 0;
  }

  private Future<PgConnection> connected() {
    PgConnection current = connection;
    if (current != null) {
      return Future.succeededFuture(current);
    }
    return database
        .connect(role)
        .map(
            fresh -> {
              connection = fresh;
              fresh.closeHandler(v -> onClosed(fresh));
              fresh.exceptionHandler(error -> LOG.debug("{} connection: {}", role, error));
              return fresh;
            });
  }

  private void onClosed(PgConnection dead) {
    if (connection == dead) {
      connection = null;
      if (!isBusy() && !closed) {
        LOG.warn("The {} connection to the database broke", role);
        setAvailable(false);
        idleLossListener.run();
      }
    }
  }

  private void giveUpConnection() {
    PgConnection current = connection;
    connection = null;
    if (current != null) {
      // Its answer, if it ever comes, no longer matters.
      current.close();
    }
  }

  /** Ends running work with a failure and closes the connection. */
  Future<Void> close() {
    closed = true;
    return loop.call(
        () -> {
          PgConnection current = connection;
          connection = null;
          return current == null ? Future.succeededFuture() : current.close();
        });
  }

  /** One piece of work on its way to a certain outcome. */
  private final class Run<T> {
    private final Work<T> work;
    private final Promise<T> promise = Promise.promise();
    private Duration delay = policy.firstDelay();
    private boolean doubtful;
    private int failures;

    Run(Work<T> work) {
      this.work = work;
    }

    Future<T> start() {
      step();
      return promise.future();
    }

    private void step() {
      if (closed) {
        promise.fail(new ClosedException(role));
        return;
      }
      AnswerLimit patience = new AnswerLimit(loop, policy.answerLimit());
      patience
          .limit(connected().compose(current -> resolveOrAttempt(current, patience)))
          .onComplete(
              result -> {
                if (result.failed()) {
                  onFailure(result.cause());
                } else if (result.result().isPresent()) {
                  setAvailable(true);
                  promise.complete(result.result().get());
                } else {
                  // Known not to have happened: again, at once on a connection that works.
                  doubtful = false;
                  step();
                }
              });
    }

    private Future<Optional<T>> resolveOrAttempt(PgConnection current, AnswerLimit patience) {
      patience.answered();
      if (doubtful) {
        return work.resolve(current);
      }
      return attempt(current, patience)
          .compose(
              done -> {
                patience.answered();
                if (done.isPresent()) {
                  return Future.succeededFuture(done);
                }
                // Its condition failed, so resolving must find out why.
                return work.resolve(current)
                    .compose(
                        found ->
                            found.isPresent()
                                ? Future.succeededFuture(found)
                                : Future.failedFuture(
                                    new IllegalStateException(
                                        "the condition of a transaction failed for no visible"
                                            + " reason")));
              });
    }

    private Future<Optional<T>> attempt(PgConnection current, AnswerLimit patience) {
      Future<?> begun = current.query("BEGIN").execute();
      Future<Optional<T>> written = work.write(current, patience::answered);
      return Future.join(begun, written)
          .compose(
              both -> {
                patience.answered();
                if (connection != current) {
                  return Future.failedFuture("given up after the time limit");
                }
                if (written.result().isEmpty()) {
                  return current.query("ROLLBACK").execute().map(written.result());
                }
                // COMMIT of a transaction in which something failed succeeds, and rolls back. The
                // SELECT fails in such a transaction, and then nothing behind it is executed.
                return current.query("SELECT 1; COMMIT").execute().map(written.result());
              });
    }

    private void onFailure(Throwable error) {
      if (error instanceof HopelessException || error instanceof LeaseLostException) {
        promise.fail(error);
        return;
      }
      giveUpConnection();
      doubtful = true;
      setAvailable(false);
      failures++;
      // Often enough to see, rare enough not to fill the log: the 1st, 2nd, 4th, 8th, …
      if (Integer.bitCount(failures) == 1) {
        LOG.error(
            "Attempt {} to write through the {} connection failed; it will be repeated until its"
                + " outcome is certain: {}",
            failures,
            role,
            error.toString());
      }
      loop.vertx().setTimer(delay.toMillis(), id -> step());
      delay = policy.after(delay);
    }
  }
}
