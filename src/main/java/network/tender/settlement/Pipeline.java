package network.tender.settlement;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.Coin;
import network.tender.ledger.PendingTransfer;
import network.tender.ledger.Receipt;
import network.tender.ledger.Rejection;
import network.tender.ledger.Rules;
import network.tender.ledger.SealedBlock;

/**
 * The door to the ledger: checks on the caller's thread what needs no state, bounds what is under
 * way, and hands the rest over to the {@link LedgerVerticle}.
 */
public final class Pipeline implements Settlement {
  /** Most questions to the ledger, such as for a script's coins, under way at a time. */
  private static final int MAX_QUESTIONS = 1_000;

  private static final int RETRY_SECONDS = 1;
  private static final int RETRY_LATER_SECONDS = 5;

  private final Vertx vertx;
  private final SettlementParts parts;
  private final Rules rules;
  private final LedgerVerticle ledger;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger questions = new AtomicInteger();
  private volatile boolean open;

  private Pipeline(Vertx vertx, SettlementParts parts) {
    this.vertx = vertx;
    this.parts = parts;
    this.rules = new Rules(parts.network(), parts.policy());
    this.ledger = new LedgerVerticle(parts, this::leave);
  }

  /**
   * Starts the writer: makes a new chain's first blocks, or loads the coins and replays the
   * journal's tail. Transfers are taken once the Future is complete.
   */
  public static Future<Pipeline> start(Vertx vertx, SettlementParts parts) {
    Pipeline pipeline = new Pipeline(vertx, parts);
    pipeline.reportIntake();
    return vertx
        .deployVerticle(pipeline.ledger)
        .map(
            id -> {
              pipeline.open = true;
              return pipeline;
            });
  }

  /**
   * Takes no more transfers, finishes those under way, writes all coins to their store. The writer
   * keeps its context, and with it the storage that was opened on it, until Vert.x is closed.
   *
   * @return completes when nothing is left to do or the time for it is over
   */
  public Future<Void> stop() {
    open = false;
    // Whoever asks questions must not keep the node from ending in order.
    return onWriter(ledger::finish);
  }

  /** What was opened for the writer. */
  public Storage storage() {
    return ledger.storage();
  }

  /** True while transfers are taken. */
  public boolean isOpen() {
    return open;
  }

  /** True while no block is sealed because too many changed coins wait to be written. */
  public boolean waitsForFlush() {
    return ledger.waitsForFlush();
  }

  @Override
  public boolean turnsAway() {
    if (!open || inFlight.get() < parts.settings().maxInFlight()) {
      return false;
    }
    parts.metrics().turnedAway();
    parts.metrics().unavailable(Outcome.Cause.BUSY.code());
    return true;
  }

  @Override
  public Future<Outcome> submit(Transaction transfer, Wait wait) {
    long now = parts.nanoClock().getAsLong();
    if (!open) {
      return unavailable(Outcome.Cause.NOT_READY, RETRY_LATER_SECONDS);
    }
    if (!ledger.storage().journal().isAvailable()) {
      return unavailable(Outcome.Cause.JOURNAL_DOWN, RETRY_LATER_SECONDS);
    }
    if (inFlight.incrementAndGet() > parts.settings().maxInFlight()) {
      inFlight.decrementAndGet();
      parts.metrics().turnedAway();
      return unavailable(Outcome.Cause.BUSY, RETRY_SECONDS);
    }
    reportIntake();
    Optional<Rejection> rejection;
    try {
      rejection = rules.checkContextFree(transfer);
    } catch (RuntimeException e) {
      leave(1);
      return Future.failedFuture(e);
    }
    if (rejection.isPresent()) {
      leave(1);
      parts.metrics().refused(rejection.get().reason().code());
      return Future.succeededFuture(new Outcome.Refused(rejection.get()));
    }
    Promise<Outcome> promise = Promise.promise();
    Waiter waiter =
        new Waiter(
            vertx.getOrCreateContext(),
            promise,
            wait,
            now + parts.settings().maxWaitMillis() * 1_000_000L);
    ledger.arrive(new Submission(transfer, waiter, now));
    return promise.future();
  }

  private Future<Outcome> unavailable(Outcome.Cause cause, int retryAfterSeconds) {
    parts.metrics().unavailable(cause.code());
    return Future.succeededFuture(new Outcome.Unavailable(cause, retryAfterSeconds));
  }

  /** Gives places at the intake back. */
  private void leave(int places) {
    inFlight.addAndGet(-places);
    reportIntake();
  }

  private void reportIntake() {
    parts.metrics().intake(inFlight.get(), parts.settings().maxInFlight());
  }

  @Override
  public Future<Optional<Receipt>> receipt(Hash txid) {
    return ask(() -> ledger.receipt(txid));
  }

  @Override
  public Future<Optional<PendingTransfer>> pending(Hash txid) {
    return ask(() -> Future.succeededFuture(ledger.pending(txid)));
  }

  @Override
  public Future<Map<Outpoint, PendingTransfer>> pendingSpenders(Collection<Outpoint> outpoints) {
    return ask(() -> Future.succeededFuture(ledger.pendingSpenders(outpoints)));
  }

  @Override
  public Future<Pending> pendingTransfers() {
    return ask(() -> Future.succeededFuture(ledger.pendingTransfers()));
  }

  @Override
  public Future<Map<Outpoint, Coin>> coinsOf(Hash scriptHash, int limit) {
    return ask(() -> ledger.coinsOf(scriptHash, limit));
  }

  /** Asks the ledger, unless too many do. */
  private <T> Future<T> ask(Supplier<Future<T>> question) {
    if (questions.incrementAndGet() > MAX_QUESTIONS) {
      questions.decrementAndGet();
      parts.metrics().questionTurnedAway();
      return Future.failedFuture(new BusyException());
    }
    parts.metrics().questions(questions.get());
    return onWriter(question)
        .onComplete(done -> parts.metrics().questions(questions.decrementAndGet()));
  }

  private <T> Future<T> onWriter(Supplier<Future<T>> work) {
    return Writer.call(vertx, ledger::execute, work);
  }

  @Override
  public Status status() {
    return ledger.status();
  }

  @Override
  public Runnable onBlock(Consumer<SealedBlock> listener) {
    return ledger.onBlock(listener);
  }

  @Override
  public Runnable onPending(Consumer<PendingTransfer> listener) {
    return ledger.onPending(listener);
  }
}
