package network.tender.settlement;

import network.tender.journal.CoinStore;
import network.tender.telemetry.ChainMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the stored coins with the journal's sums. The sums themselves are carried from block to
 * block and always add up; only counting the coins shows whether one was lost, or made out of
 * nothing, on its way to the store. On the writer's context.
 */
public final class SupplyAudit {
  private static final Logger LOG = LoggerFactory.getLogger(SupplyAudit.class);

  private final CoinStore store;
  private final Writer writer;
  private final ChainMetrics metrics;
  private boolean underWay;

  /** An audit of a store. */
  public SupplyAudit(CoinStore store, Writer writer, ChainMetrics metrics) {
    this.store = store;
    this.writer = writer;
    this.metrics = metrics;
  }

  /** Begins to count, unless the last count has not ended. */
  public void run() {
    if (underWay) {
      return;
    }
    underWay = true;
    writer
        .here(store.audit())
        .onComplete(
            result -> {
              underWay = false;
              if (result.succeeded()) {
                report(result.result());
              } else {
                LOG.warn("The coins could not be counted: {}", result.cause().toString());
              }
            });
  }

  private void report(CoinStore.Audit audit) {
    metrics.audited(audit.height(), audit.supplyDifferenceSat(), audit.missingCoins());
    if (audit.supplyDifferenceSat() != 0 || audit.missingCoins() != 0) {
      LOG.error(
          "The stored coins are not those of the journal at height {}: {} sat and {} coins are"
              + " missing. Stop the node, and restore the database from a backup or rebuild the"
              + " coins from the journal",
          audit.height(),
          audit.supplyDifferenceSat(),
          audit.missingCoins());
    }
  }
}
