package network.tender.settlement;

import network.tender.journal.ChainIndex;
import network.tender.journal.CoinStore;
import network.tender.ledger.Ledger;
import network.tender.telemetry.ChainMetrics;

/** Tells the metrics how coins, index and journal stand. On the writer's context. */
public final class ChainReport {
  private final Ledger ledger;
  private final Storage storage;
  private final ChainMetrics metrics;
  private long lastHits;
  private long lastMisses;

  /** Reports on a ledger and what it keeps. */
  public ChainReport(Ledger ledger, Storage storage, ChainMetrics metrics) {
    this.ledger = ledger;
    this.storage = storage;
    this.metrics = metrics;
  }

  /**
   * Reports once.
   *
   * @param nowMillis Unix time in milliseconds
   */
  public void run(long nowMillis) {
    metrics.cache(ledger.coins().entries(), ledger.coins().unflushedChanges());
    long hits = ledger.coins().hits();
    long misses = ledger.coins().misses();
    metrics.lookups((int) (hits - lastHits), (int) (misses - lastMisses));
    lastHits = hits;
    lastMisses = misses;
    metrics.indexed(storage.index().cursor());
    CoinStore.Standing coins = storage.coins().standing();
    metrics.coinStore(coins.runs(), coins.bytes(), coins.mergeFailures(), coins.unreadPages());
    ChainIndex.Standing index = storage.index().standing();
    metrics.index(index.runs(), index.fenceBytes(), index.mergeFailures(), index.unreadPages());
    metrics.journal(storage.journal().isAvailable(), storage.journal().failedAttempts());
    metrics.headerLead(ledger.headerLeadMillis(nowMillis));
  }
}
