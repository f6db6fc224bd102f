package network.tender.settlement;

import io.vertx.core.Future;
import java.util.Optional;
import network.tender.journal.CoinStore;
import network.tender.ledger.CoinChanges;
import network.tender.ledger.Ledger;
import network.tender.telemetry.ChainMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes changed coins to their store, behind the journal. On the writer's context. */
public final class CoinFlusher {
  private static final Logger LOG = LoggerFactory.getLogger(CoinFlusher.class);

  private final Ledger ledger;
  private final CoinStore store;
  private final Writer writer;
  private final ChainMetrics metrics;
  private final int promptChanges;
  private final Runnable flushed;
  private Future<Void> underWay = Future.succeededFuture();

  /**
   * Flushes for a ledger.
   *
   * @param promptChanges number of changes at which a flush begins at once
   * @param flushed called after each flush
   */
  public CoinFlusher(
      Ledger ledger,
      CoinStore store,
      Writer writer,
      ChainMetrics metrics,
      int promptChanges,
      Runnable flushed) {
    this.ledger = ledger;
    this.store = store;
    this.writer = writer;
    this.metrics = metrics;
    this.promptChanges = promptChanges;
    this.flushed = flushed;
  }

  /** Flushes if many changes have piled up. */
  public void flushIfMany() {
    if (ledger.coins().unflushedChanges() >= promptChanges) {
      flush();
    }
  }

  /** Flushes what there is, unless a flush is under way. False if there was nothing to begin. */
  public boolean flush() {
    Optional<CoinChanges> taken = ledger.coins().takeChanges();
    taken.ifPresent(this::write);
    return taken.isPresent();
  }

  private Future<Void> write(CoinChanges changes) {
    underWay =
        writer
            .here(store.flush(changes))
            .onSuccess(
                done -> {
                  ledger.coins().flushed(changes);
                  metrics.flushed(changes.height());
                  flushed.run();
                })
            .onFailure(
                error -> {
                  ledger.coins().flushFailed(changes);
                  LOG.warn(
                      "Coins up to height {} could not be written; they will be with the next flush: {}",
                      changes.height(),
                      error.toString());
                });
    return underWay;
  }

  /** Flushes until nothing is left, for a stop. */
  public Future<Void> flushAll() {
    return underWay.transform(
        ended -> {
          Optional<CoinChanges> taken = ledger.coins().takeChanges();
          return taken.isEmpty()
              ? Future.succeededFuture()
              : write(taken.get()).compose(done -> flushAll());
        });
  }
}
