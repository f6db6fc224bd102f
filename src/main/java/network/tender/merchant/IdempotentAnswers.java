package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import network.tender.chain.Hash;

/**
 * The first answers to requests that may be repeated. An answer is written in the transaction that
 * writes what the request made, so that after a crash either both are there or none; a repeat gets
 * the answer and makes nothing. Refusals are not kept: nothing was made, and the same request may
 * go well later.
 */
public final class IdempotentAnswers {
  /** How long an answer is kept at least. */
  public static final Duration KEPT = Duration.ofHours(24);

  /** Most repeats that wait for one request. */
  public static final int MAX_WAITING = 8;

  private static final int PRUNE_ROWS = 1_000;

  /** The status of a claim without an answer. */
  private static final int UNCLEAR = 0;

  private static final String FIND =
      "SELECT request, status, answer FROM idempotent_answer WHERE key = $1";

  /** Waits for a transaction of another node that has the same key. */
  private static final String CLAIM =
      """
      INSERT INTO idempotent_answer (key, request, status, answer, created_millis)
      VALUES ($1, $2, %d, '', $3) ON CONFLICT (key) DO NOTHING"""
          .formatted(UNCLEAR);

  private static final String TAKE_BACK =
      "DELETE FROM idempotent_answer WHERE key = $1 AND status = " + UNCLEAR;

  private static final String FILL =
      "UPDATE idempotent_answer SET status = $2, answer = $3 WHERE key = $1";

  private static final String PRUNE =
      """
      DELETE FROM idempotent_answer WHERE key IN (
        SELECT key FROM idempotent_answer WHERE created_millis < $1
        ORDER BY created_millis LIMIT %d FOR UPDATE SKIP LOCKED)"""
          .formatted(PRUNE_ROWS);

  /**
   * A request that is to be carried out once.
   *
   * @param key what repeats of it have in common: the caller and the caller's key
   * @param request all else that must be the same in repeats of it
   */
  public record Claim(Hash key, Hash request) {}

  /**
   * A first answer.
   *
   * @param request the request that it answers
   * @param status HTTP status
   * @param body as it was given, sealed or not
   */
  public record Answer(Hash request, int status, Buffer body) {
    /** What is kept of a request that was begun {@link #aside} and whose end is not known. */
    public static Answer unclear(Claim claim) {
      return new Answer(claim.request(), UNCLEAR, Buffer.buffer());
    }

    /** True if nobody knows what became of the request. */
    public boolean isUnclear() {
      return status == UNCLEAR;
    }
  }

  /** Another request with the same key was faster; its answer can be read now. */
  public static final class AnsweredException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    AnsweredException() {
      super("a request with this key has been carried out");
    }
  }

  /** So many repeats wait already that one more is refused. */
  public static final class TooManyWaitingException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    TooManyWaitingException() {
      super("too many repeats wait for one request");
    }
  }

  /** A request under way, and how many wait for it. */
  private static final class Turn {
    final Promise<Void> over = Promise.promise();
    int waiting;
  }

  private final Pool pool;
  private final InstantSource clock;
  private final Map<Hash, Turn> underWay = new HashMap<>();
  private final TransactionPlaces places;
  private final Counter first;
  private final Counter replayed;
  private final Counter mismatched;
  private final Counter busy;

  IdempotentAnswers(Pool pool, InstantSource clock, MeterRegistry registry) {
    this.pool = pool;
    this.clock = clock;
    this.first = counter(registry, "first");
    this.replayed = counter(registry, "replayed");
    this.mismatched = counter(registry, "mismatched");
    this.busy = counter(registry, "busy");
    this.places = new TransactionPlaces(registry);
  }

  private static Counter counter(MeterRegistry registry, String outcome) {
    return Counter.builder("tender_idempotent_requests")
        .description("Requests with an Idempotency-Key, by what became of them")
        .tag("outcome", outcome)
        .register(registry);
  }

  /**
   * The first answer to a request, if it has been answered; else what carrying it out brings. Of
   * requests with one key only one is carried out at a time, and the others wait for it.
   *
   * @param work carries it out, with {@link #together} or with a statement of its own that writes
   *     the claim too; may fail with {@link AnsweredException}
   * @param replay makes of a first answer what {@code work} would have brought
   * @return fails with {@link TooManyWaitingException} if more than {@link #MAX_WAITING} wait, and
   *     with {@link AnsweredException} if the answer is kept no longer
   */
  public <T> Future<T> once(Claim claim, Supplier<Future<T>> work, Function<Answer, T> replay) {
    Turn mine = new Turn();
    Turn before;
    synchronized (underWay) {
      before = underWay.putIfAbsent(claim.key(), mine);
      if (before != null && ++before.waiting > MAX_WAITING) {
        busy.increment();
        return Future.failedFuture(new TooManyWaitingException());
      }
    }
    if (before != null) {
      return over(before).compose(over -> once(claim, work, replay));
    }
    return find(claim.key())
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(replayed(claim, found.get(), replay))
                    : work.get().onSuccess(done -> first.increment()))
        .recover(
            error ->
                error instanceof AnsweredException
                    ? find(claim.key())
                        .compose(
                            found ->
                                found.isPresent()
                                    ? Future.succeededFuture(replayed(claim, found.get(), replay))
                                    : Future.failedFuture(error))
                    : Future.failedFuture(error))
        .onComplete(
            done -> {
              synchronized (underWay) {
                underWay.remove(claim.key());
              }
              mine.over.complete();
            });
  }

  /** The end of somebody else's request, on the caller's own context. */
  private static Future<Void> over(Turn turn) {
    Context context = Vertx.currentContext();
    if (context == null) {
      return turn.over.future();
    }
    Promise<Void> here = Promise.promise();
    turn.over.future().onComplete(done -> context.runOnContext(v -> here.complete()));
    return here.future();
  }

  private <T> T replayed(Claim claim, Answer answer, Function<Answer, T> replay) {
    (answer.request().equals(claim.request()) ? replayed : mismatched).increment();
    return replay.apply(answer);
  }

  private Future<Optional<Answer>> find(Hash key) {
    return pool.preparedQuery(FIND)
        .execute(Tuple.of(buffer(key)))
        .map(
            rows -> {
              for (Row row : rows) {
                return Optional.of(
                    new Answer(
                        Hash.of(row.getBuffer(0).getBytes()), row.getInteger(1), row.getBuffer(2)));
              }
              return Optional.empty();
            });
  }

  /**
   * Carries a request out in one transaction with its answer: all that goes through {@link
   * JoiningPool}s on this request's context becomes part of it, from the first statement on that
   * writes or locks.
   *
   * @param answer what is written beside what the work made; its request is the claim's
   * @return what the work brought, durable; fails with {@link AnsweredException} if another node
   *     was faster, and with {@link network.tender.settlement.BusyException} if too many such
   *     transactions are open or this one was so for too long
   */
  public <T> Future<T> together(Claim claim, Supplier<Future<T>> work, Function<T, Answer> answer) {
    return JoinedTransaction.run(
        pool,
        places,
        connection -> claim(connection, claim),
        () -> work.get().compose(made -> fill(claim, answer.apply(made)).map(made)));
  }

  /**
   * Carries out a request whose effect is durable elsewhere than in the transaction of its answer:
   * the claim is written before and the answer after. If the work fails, or the node stops before
   * its answer is written, the answer stays {@link Answer#isUnclear unclear}; the work is never
   * done twice.
   *
   * @param answer what is kept of what the work brought; if empty, it has done nothing, and the
   *     same request may be carried out again
   * @return fails with {@link AnsweredException} if the request was carried out before
   */
  public <T> Future<T> aside(
      Claim claim, Supplier<Future<T>> work, Function<T, Optional<Answer>> answer) {
    return claim(pool, claim)
        .compose(claimed -> work.get())
        .compose(
            done ->
                answer
                    .apply(done)
                    .map(kept -> fill(claim, kept))
                    .orElseGet(
                        () ->
                            pool.preparedQuery(TAKE_BACK)
                                .execute(Tuple.of(buffer(claim.key())))
                                .mapEmpty())
                    // What is done is done, whether or not its answer could be written.
                    .otherwiseEmpty()
                    .map(done));
  }

  private Future<Void> claim(SqlClient connection, Claim claim) {
    return connection
        .preparedQuery(CLAIM)
        .execute(Tuple.of(buffer(claim.key()), buffer(claim.request()), clock.millis()))
        .compose(
            claimed ->
                claimed.rowCount() == 1
                    ? Future.succeededFuture()
                    : Future.failedFuture(new AnsweredException()));
  }

  private Future<Void> fill(Claim claim, Answer answer) {
    return pool.preparedQuery(FILL)
        .execute(Tuple.of(buffer(claim.key()), answer.status(), answer.body()))
        .mapEmpty();
  }

  static Buffer buffer(Hash hash) {
    return Buffer.buffer(hash.toBytes());
  }

  /**
   * Removes answers older than {@link #KEPT}, a bounded number at a time.
   *
   * @return true if there may be more
   */
  Future<Boolean> prune() {
    return pool.preparedQuery(PRUNE)
        .execute(Tuple.of(clock.millis() - KEPT.toMillis()))
        .map(rows -> rows.rowCount() >= PRUNE_ROWS);
  }
}
