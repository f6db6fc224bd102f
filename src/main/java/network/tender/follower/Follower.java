package network.tender.follower;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.Coin;
import network.tender.ledger.Receipt;
import network.tender.ledger.Rejection;
import network.tender.ledger.Rules;
import network.tender.ledger.SealedBlock;
import network.tender.settlement.BusyException;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.settlement.Storage;
import network.tender.settlement.Writer;

/**
 * The door to a followed chain, with the same methods as a writer's. Transfers are handed on to the
 * followed node; "settled" is only passed on with a receipt that this node has verified itself.
 */
public final class Follower implements Settlement {
  /** Most transfers handed on and not answered. */
  private static final int MAX_FORWARDING = 1_000;

  private static final int MAX_QUESTIONS = 1_000;

  /** How long the answer to a settled transfer waits for its block to be verified here. */
  private static final int ARRIVAL_MILLIS = 5_000;

  private static final int RETRY_SECONDS = 1;
  private static final int RETRY_LATER_SECONDS = 5;

  private final Vertx vertx;
  private final FollowerParts parts;
  private final FollowerVerticle chain;
  private final Rules rules;
  private final UpstreamAnswers answers;
  private final AtomicInteger questions = new AtomicInteger();
  private final AtomicInteger forwarding = new AtomicInteger();
  private final Set<Hash> handedOn = ConcurrentHashMap.newKeySet();
  private volatile boolean open;

  private Follower(Vertx vertx, FollowerParts parts) {
    this.vertx = vertx;
    this.parts = parts;
    this.chain = new FollowerVerticle(parts);
    this.rules = new Rules(parts.network(), parts.policy());
    this.answers = new UpstreamAnswers(parts.network(), parts.curve());
  }

  /**
   * Starts to follow. Completes when this node's own blocks are loaded, whether the followed node
   * answers or not; fails if it answers and serves another network.
   */
  public static Future<Follower> start(Vertx vertx, FollowerParts parts) {
    Follower follower = new Follower(vertx, parts);
    return vertx
        .deployVerticle(follower.chain)
        .map(
            id -> {
              follower.open = true;
              return follower;
            });
  }

  /** What may become of a transfer that is handed on, as metrics name it. */
  public static List<String> outcomes() {
    return List.of("settled", "accepted", "refused", "unavailable");
  }

  /** Takes no more blocks, and writes all coins to their store. */
  public Future<Void> stop() {
    open = false;
    return onWriter(chain::finish);
  }

  /** What was opened for the follower. */
  public Storage storage() {
    return chain.storage();
  }

  /** True while too many changed coins wait to be written. */
  public boolean waitsForFlush() {
    return chain.waitsForFlush();
  }

  /** How following goes. */
  public FollowerStatus following() {
    return chain.following();
  }

  @Override
  public Future<Outcome> submit(Transaction transfer, Wait wait) {
    Optional<Outcome> at = refusedAtOnce(transfer);
    if (at.isPresent()) {
      parts.metrics().forwarded(word(at.get()));
      return Future.succeededFuture(at.get());
    }
    if (forwarding.incrementAndGet() > MAX_FORWARDING) {
      forwarding.decrementAndGet();
      parts.metrics().forwarded("unavailable");
      return Future.succeededFuture(new Outcome.Unavailable(Outcome.Cause.BUSY, RETRY_SECONDS));
    }
    parts.metrics().forwarding(forwarding.get());
    Hash txid = transfer.txid();
    handedOn.add(txid);
    return known(txid)
        .compose(
            receipt ->
                receipt.isPresent()
                    ? Future.<Outcome>succeededFuture(new Outcome.Settled(receipt.get()))
                    : handOn(transfer, wait))
        .onComplete(
            done -> {
              handedOn.remove(txid);
              parts.metrics().forwarding(forwarding.decrementAndGet());
              parts.metrics().forwarded(done.succeeded() ? word(done.result()) : "unavailable");
            });
  }

  private Optional<Outcome> refusedAtOnce(Transaction transfer) {
    if (!open) {
      return Optional.of(new Outcome.Unavailable(Outcome.Cause.NOT_READY, RETRY_LATER_SECONDS));
    }
    if (following().alarm().isPresent()) {
      return Optional.of(
          new Outcome.Unavailable(Outcome.Cause.FOLLOWING_STOPPED, RETRY_LATER_SECONDS));
    }
    Optional<Rejection> rejection = rules.checkContextFree(transfer);
    return rejection.map(Outcome.Refused::new);
  }

  /**
   * Whoever asks again for a transfer of the past gets the answer here; without an index, there.
   */
  private Future<Optional<Receipt>> known(Hash txid) {
    return receipt(txid).otherwise(Optional.empty());
  }

  private static String word(Outcome outcome) {
    if (outcome instanceof Outcome.Settled) {
      return "settled";
    }
    if (outcome instanceof Outcome.Accepted) {
      return "accepted";
    }
    return outcome instanceof Outcome.Refused ? "refused" : "unavailable";
  }

  private Future<Outcome> handOn(Transaction transfer, Wait wait) {
    Context caller = vertx.getOrCreateContext();
    Promise<Outcome> promise = Promise.promise();
    chain
        .node()
        .submit(transfer.toBytes(), wait == Wait.SETTLED)
        .map(answer -> answers.read(transfer.txid(), answer))
        .recover(error -> Future.succeededFuture(unavailable(error)))
        .compose(this::untilHere)
        .onComplete(
            done ->
                caller.runOnContext(
                    back -> {
                      if (done.succeeded()) {
                        promise.complete(done.result());
                      } else {
                        promise.fail(done.cause());
                      }
                    }));
    return promise.future();
  }

  private static Outcome unavailable(Throwable error) {
    boolean perhaps = error instanceof UpstreamException upstream && upstream.perhapsTaken();
    return perhaps
        ? new Outcome.Unavailable(Outcome.Cause.DELAYED, RETRY_SECONDS)
        : new Outcome.Unavailable(Outcome.Cause.NODE_UNREACHABLE, RETRY_LATER_SECONDS);
  }

  /**
   * Whoever asks this node for the transfer next should find it; if its block does not come soon,
   * the verified receipt is enough.
   */
  private Future<Outcome> untilHere(Outcome outcome) {
    if (!(outcome instanceof Outcome.Settled settled)) {
      return Future.succeededFuture(outcome);
    }
    return onWriter(() -> chain.reached(settled.receipt().height(), ARRIVAL_MILLIS))
        .transform(done -> Future.succeededFuture(outcome));
  }

  @Override
  public Future<Optional<Receipt>> receipt(Hash txid) {
    return ask(() -> chain.receipt(txid));
  }

  @Override
  public Future<Boolean> isPending(Hash txid) {
    return Future.succeededFuture(handedOn.contains(txid));
  }

  @Override
  public Future<Map<Outpoint, Coin>> coinsOf(Hash scriptHash, int limit) {
    return ask(() -> chain.coinsOf(scriptHash, limit));
  }

  private <T> Future<T> ask(Supplier<Future<T>> question) {
    if (questions.incrementAndGet() > MAX_QUESTIONS) {
      questions.decrementAndGet();
      return Future.failedFuture(new BusyException());
    }
    return onWriter(question).onComplete(done -> questions.decrementAndGet());
  }

  private <T> Future<T> onWriter(Supplier<Future<T>> work) {
    return Writer.call(vertx, chain::execute, work);
  }

  @Override
  public Status status() {
    return chain.status();
  }

  @Override
  public Runnable onBlock(Consumer<SealedBlock> listener) {
    return chain.onBlock(listener);
  }
}
