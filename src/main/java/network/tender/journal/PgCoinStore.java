package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coins in PostgreSQL. A flush either happens wholly, cursor included, or not at all, and its
 * Future completes only when that is certain: a flush that was repeated with other changes after an
 * unnoticed success would leave spent coins behind.
 *
 * <p>What is written are sorted runs of packed entries: one by outpoint and one by script for each
 * flush. A coin that is spent is another entry, which a merge lets cancel out with the first. Runs
 * of about one size are merged, so that there are never many. A row for each coin, in a table with
 * two indexes, cost the database ten times as much: each is made and deleted on pages of its own.
 */
public final class PgCoinStore implements CoinStore {
  /**
   * For so long the pages of a replaced run stay: who has begun to read them goes on, and does not
   * begin anew whenever small runs become one.
   */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(PgCoinStore.class);

  /** One statement sees one moment: the cursor, its block and all coins fit each other. */
  private static final String AUDIT =
      """
      SELECT place.height, stored.coins, stored.sat, block.total_transfers, block.total_coins,
        block.unspent_sat, block.burned_sat, block.issued_sat
      FROM coin_cursor AS place
      JOIN block ON block.height = place.height
      CROSS JOIN (
        SELECT coalesce(sum(page.coins), 0)::bigint AS coins,
          coalesce(sum(page.sat), 0)::bigint AS sat
        FROM coin_run AS run JOIN coin_page AS page ON page.run = run.number
        WHERE run.kind = 1) AS stored""";

  private final EventLoop loop;
  private final Pool pool;
  private final WriterLease lease;
  private final WriterConnection writer;
  private final CoinRuns runs;
  private final CoinTables tables = new CoinTables();
  private final RunWrites<CoinRun, CoinPages.Page> writes;
  private final Compaction<CoinKind, CoinRun, CoinPages.Page> compaction;
  private final WorkerExecutor worker;
  private volatile boolean closed;
  private volatile boolean doubtful;

  private PgCoinStore(
      Database database,
      WriterLease lease,
      RetryPolicy policy,
      CoinRuns runs,
      Compaction.Pace pace) {
    this.loop = EventLoop.current(database.vertx());
    this.pool = database.pool();
    this.lease = lease;
    this.runs = runs;
    this.writer = new WriterConnection(database, "coins", policy);
    this.writes = new RunWrites<>(writer, lease, tables);
    this.compaction =
        new Compaction<>(loop, writes, runs.list(), pace, this::dueMerge, this::onMergeFailure);
    // One thread: laying out and merging are to leave the other processors to settling.
    this.worker =
        database.vertx().createSharedWorkerExecutor("tender-coins", 1, 1, TimeUnit.MINUTES);
  }

  /** Opens the store of a database; it writes under a lease. */
  public static Future<PgCoinStore> open(Database database, WriterLease lease, RetryPolicy policy) {
    return open(database, lease, policy, Compaction.Pace.of(GRACE));
  }

  /**
   * The same.
   *
   * @param pace when runs are merged and removed
   */
  static Future<PgCoinStore> open(
      Database database, WriterLease lease, RetryPolicy policy, Compaction.Pace pace) {
    return CoinRuns.open(database.pool())
        .map(runs -> new PgCoinStore(database, lease, policy, runs, pace))
        .compose(store -> store.compaction.begin(database.pool()).map(store));
  }

  @Override
  public Future<Integer> cursor() {
    return pool.query("SELECT height FROM coin_cursor")
        .execute()
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  @Override
  public Future<Audit> audit() {
    return pool.query(AUDIT)
        .execute()
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return new Audit(
                  row.getInteger(0),
                  row.getLong(1),
                  row.getLong(2),
                  new ChainTotals(
                      row.getLong(3),
                      row.getLong(4),
                      Amount.ofSat(row.getLong(5)),
                      Amount.ofSat(row.getLong(6)),
                      Amount.ofSat(row.getLong(7))));
            });
  }

  @Override
  public Future<Map<Outpoint, Coin>> load(Collection<Outpoint> outpoints) {
    return outpoints.isEmpty() ? Future.succeededFuture(Map.of()) : runs.find(outpoints);
  }

  @Override
  public Future<Map<Outpoint, Coin>> ofScript(Hash scriptHash, int limit) {
    return runs.ofScript(scriptHash, limit, worker);
  }

  @Override
  public Standing standing() {
    return new Standing(
        runs.list().all().size(), runs.bytes(), compaction.failures(), compaction.unreadPages());
  }

  /** True while runs are merged, or pages of merged ones are removed. */
  boolean isMerging() {
    return compaction.isBusy();
  }

  /** How many merges are under way. */
  int merges() {
    return compaction.merging();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Hand in the next changes only when this has completed. As long as the database is away it is
   * repeated; it fails with {@link LeaseLostException} if another process has become the writer.
   */
  @Override
  public Future<Void> flush(CoinChanges changes) {
    return cursor()
        .compose(
            height ->
                changes.height() <= height
                    ? Future.failedFuture(
                        new IllegalArgumentException(
                            "the coin store stands at "
                                + height
                                + ", not below "
                                + changes.height()))
                    : beyondDoubt(changes).compose(certain -> flush(certain, height)))
        .onFailure(
            error -> {
              // Even if nothing was tried: who handed them in may now take coins back that the
              // store never got.
              doubtful = true;
              if (error instanceof LeaseLostException lost) {
                lease.lost(lost.explanation());
              }
            });
  }

  private Future<Void> flush(CoinChanges changes, int height) {
    // Sorting and packing many coins is too long a step for an event loop.
    return worker
        .executeBlocking(
            () -> CoinBatch.of(changes, height + 1, tables, runs.list()::newNumber), false)
        .compose(
            batch ->
                writes
                    .append(height, batch)
                    .onSuccess(
                        done -> {
                          runs.added(batch.runs());
                          doubtful = false;
                          compaction.run();
                        }))
        .mapEmpty();
  }

  /**
   * After a flush that failed, its changes come again with the next one, and nobody knows what of
   * them is stored: so those to be made that are there, and those to be deleted that are not, are
   * left out. Entries, unlike rows, would be there twice.
   */
  private Future<CoinChanges> beyondDoubt(CoinChanges changes) {
    if (!doubtful) {
      return Future.succeededFuture(changes);
    }
    List<Outpoint> all = new ArrayList<>(changes.created().keySet());
    all.addAll(changes.spent());
    return runs.refresh()
        .compose(done -> runs.find(all))
        .map(
            stored -> {
              Map<Outpoint, Coin> created = new HashMap<>(changes.created());
              created.keySet().removeAll(stored.keySet());
              Map<Outpoint, Coin> spent = new HashMap<>(stored);
              spent.keySet().retainAll(Set.copyOf(changes.spent()));
              return new CoinChanges(changes.height(), created, spent);
            });
  }

  private void onMergeFailure(Throwable error) {
    if (error instanceof LeaseLostException lost) {
      lease.lost(lost.explanation());
    }
    // Often enough to see, rare enough not to fill the log: the 1st, 2nd, 4th, 8th, …
    if (Long.bitCount(compaction.failures()) == 1 && !closed) {
      LOG.error(
          "Runs of coins can't be merged or removed; it will be tried again within minutes", error);
    }
  }

  private Optional<RunMerge<CoinRun, CoinPages.Page>> dueMerge(Set<Long> merging, long maxEntries) {
    for (CoinKind kind : CoinKind.values()) {
      List<CoinRun> parts = MergePolicy.cancelling(runs.list().of(kind), merging, maxEntries);
      if (!parts.isEmpty()) {
        CoinPages pages = new CoinPages(kind, parts.stream().mapToLong(CoinRun::entries).sum());
        CoinWalk walk =
            new CoinWalk(kind, runs, worker, parts.stream().map(RunWalk.Part::whole).toList());
        return Optional.of(
            new RunMerge<>(
                writes,
                worker,
                () -> closed,
                parts,
                runs.list().newNumber(),
                pages,
                () -> walk.fill(pages)));
      }
    }
    return Optional.empty();
  }

  /** Closes the store's own connection. */
  public Future<Void> close() {
    // First: a merge that ends because the store is closed is not to be begun again.
    Future<Void> stopped = compaction.close();
    closed = true;
    return writer.close().eventually(() -> stopped).eventually(worker::close);
  }
}
