package network.tender.journal;

import static network.tender.journal.Awaiting.await;

import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Script;

/**
 * A regtest journal in a database of its own, and the lease to write it.
 *
 * @param where the database, to look into it from outside
 */
record OpenJournal(TestDatabase where, Database database, WriterLease lease, PgJournal journal) {
  /** An empty one. */
  static OpenJournal create(Vertx vertx, RetryPolicy retries) throws TimeoutException {
    TestDatabase where = TestDatabase.create();
    Database database =
        await(
            Database.open(
                vertx,
                where.options(),
                DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]))));
    WriterLease lease =
        await(WriterLease.acquire(database, WriterLease.Options.DEFAULT, why -> {}));
    return new OpenJournal(
        where, database, lease, await(PgJournal.open(database, lease, List.of(), retries)));
  }

  /** Waits until all is closed. */
  void close() throws TimeoutException {
    await(journal.close());
    await(lease.close());
    await(database.close());
  }
}
