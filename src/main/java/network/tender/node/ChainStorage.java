package network.tender.node;

import io.vertx.core.Future;
import java.util.List;
import network.tender.journal.ChainIndex;
import network.tender.journal.CommitParticipant;
import network.tender.journal.Database;
import network.tender.journal.NoChainIndex;
import network.tender.journal.PgChainIndex;
import network.tender.journal.PgCoinStore;
import network.tender.journal.PgJournal;
import network.tender.journal.RetryPolicy;
import network.tender.journal.WriterLease;
import network.tender.settlement.SettlementSettings;
import network.tender.settlement.Storage;

/** Journal, coins and index, opened on the context that will write them. */
final class ChainStorage {
  private static final int DRAIN_MILLIS = 10_000;

  /** Beyond the time of a statement, so that the database's own word comes first. */
  private static final int READ_GRACE_MILLIS = 5_000;

  private final Database database;
  private final WriterLease lease;
  private final boolean indexed;
  private final Closers closers;

  ChainStorage(Database database, WriterLease lease, boolean indexed, Closers closers) {
    this.database = database;
    this.lease = lease;
    this.indexed = indexed;
    this.closers = closers;
  }

  /**
   * Opens all three.
   *
   * @param participants who writes with each block
   */
  Future<Storage> open(List<CommitParticipant> participants) {
    RetryPolicy retries = RetryPolicy.beyond(database.options().limits().statementTimeout());
    return PgJournal.open(database, lease, participants, retries)
        .compose(
            journal -> {
              closers.add("journal", journal::close);
              // Beside each other: most of both is waiting for the database.
              Future<PgCoinStore> coins =
                  PgCoinStore.open(database, lease, retries)
                      .onSuccess(store -> closers.add("coin store", store::close));
              Future<ChainIndex> index = index(retries);
              return Future.join(coins, index)
                  .map(both -> new Storage(journal, coins.result(), index.result()));
            });
  }

  private Future<ChainIndex> index(RetryPolicy retries) {
    return indexed
        ? PgChainIndex.open(database, lease, PgChainIndex.Options.DEFAULT, retries)
            .map(
                index -> {
                  closers.add("chain index", index::close);
                  return index;
                })
        : Future.succeededFuture(new NoChainIndex());
  }

  /** The pipeline's limits, as configured. */
  static SettlementSettings settings(Configuration configuration) {
    return new SettlementSettings(
        configuration.settlement().maxInFlight(),
        configuration.settlement().maxWaitMillis(),
        configuration.settlement().verifyThreads(),
        configuration.coins().flushMillis(),
        DRAIN_MILLIS,
        configuration.database().statementTimeoutMillis() + READ_GRACE_MILLIS,
        configuration.coins().auditSeconds() * 1_000);
  }
}
