package network.tender.web.esplora;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.ledger.PendingTransfer;
import network.tender.settlement.Settlement;

/**
 * What wallets ask of pending transfers. Every answer has all that was accepted before the
 * question; those who ask while another's question is under way share the next one, so that the
 * writer is asked once at a time, however many they are.
 */
final class PendingReader {
  /** About a millisecond's work. */
  private static final int INLINE_TRANSFERS = 500;

  private final Vertx vertx;
  private final Settlement settlement;
  private final PendingIndex index = new PendingIndex();
  private boolean asking;
  private List<Promise<Void>> waiting = new ArrayList<>();

  PendingReader(Vertx vertx, Settlement settlement) {
    this.vertx = vertx;
    this.settlement = settlement;
  }

  /** A pending transfer. */
  Future<Optional<PendingTransfer>> find(Hash txid) {
    return settlement.pending(txid);
  }

  /** All pending transfers. */
  Future<Settlement.Pending> all() {
    return upToDate().map(done -> index.all());
  }

  /** Those that touch a script. */
  Future<PendingIndex.OfScript> ofScript(Hash scriptHash, int limit) {
    return upToDate().map(done -> index.ofScript(scriptHash, limit));
  }

  /** Those that touch any of some scripts, by the script's hash; asked for at once. */
  Future<Map<Hash, PendingIndex.OfScript>> ofScripts(Collection<Hash> scriptHashes, int limit) {
    return upToDate()
        .map(
            done -> {
              Map<Hash, PendingIndex.OfScript> found = new HashMap<>();
              scriptHashes.forEach(hash -> found.put(hash, index.ofScript(hash, limit)));
              return found;
            });
  }

  /** What they do to a script's coins. */
  Future<PendingIndex.Coins> coinsOf(Hash scriptHash) {
    return upToDate().map(done -> index.coinsOf(scriptHash));
  }

  private Future<Void> upToDate() {
    Context caller = vertx.getOrCreateContext();
    Promise<Void> promise = Promise.promise();
    Promise<Void> answer = Promise.promise();
    promise
        .future()
        .onComplete(
            done ->
                caller.runOnContext(
                    back -> {
                      if (done.succeeded()) {
                        answer.complete();
                      } else {
                        answer.fail(done.cause());
                      }
                    }));
    boolean first;
    synchronized (this) {
      waiting.add(promise);
      first = !asking;
      asking = true;
    }
    if (first) {
      ask();
    }
    return answer.future();
  }

  private void ask() {
    List<Promise<Void>> sharing;
    synchronized (this) {
      sharing = waiting;
      waiting = new ArrayList<>();
      asking = !sharing.isEmpty();
    }
    if (sharing.isEmpty()) {
      return;
    }
    settlement
        .pendingTransfers()
        .compose(this::update)
        .onComplete(
            done -> {
              for (Promise<Void> promise : sharing) {
                if (done.succeeded()) {
                  promise.complete();
                } else {
                  promise.fail(done.cause());
                }
              }
              ask();
            });
  }

  private Future<Void> update(Settlement.Pending pending) {
    if (index.distance(pending) <= INLINE_TRANSFERS) {
      index.update(pending);
      return Future.succeededFuture();
    }
    return vertx.executeBlocking(
        () -> {
          index.update(pending);
          return null;
        },
        false);
  }
}
