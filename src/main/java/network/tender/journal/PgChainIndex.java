package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Function;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.Coin;
import network.tender.ledger.SealedBlock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chain index in PostgreSQL. It is written behind the journal, in batches, with a cursor of its
 * own. New blocks wait in memory, where lookups find them, until they are written; when too many
 * wait, further ones are forgotten and later read back from the journal, and lookups wait for that.
 *
 * <p>What is written are sorted runs, one of each {@link IndexKind} for a batch of blocks; runs of
 * about one size are merged, so that there are never many. A row in a table with an index of its
 * own for each entry would cost the database several times as much.
 *
 * <p>The keys are 8 bytes of a hash. Anybody can make two hashes that agree in so few bytes, so
 * each hit is checked against the block itself.
 */
public final class PgChainIndex implements ChainIndex {
  /**
   * Bounds and rhythm.
   *
   * @param writeEvery how often waiting blocks are written
   * @param maxWaitingBlocks most blocks that wait in memory
   * @param maxWaitingRows most index rows that wait in memory
   * @param batchRows rows after which one transaction ends, to the next whole block
   * @param lookupPatience how long a lookup waits for an index that does not cover all blocks
   */
  public record Options(
      Duration writeEvery,
      int maxWaitingBlocks,
      int maxWaitingRows,
      int batchRows,
      Duration lookupPatience) {
    /** What suits a node. */
    public static final Options DEFAULT =
        new Options(Duration.ofSeconds(1), 128, 500_000, 50_000, Duration.ofSeconds(5));
  }

  private static final Logger LOG = LoggerFactory.getLogger(PgChainIndex.class);

  /** Blocks read back from the journal at once. */
  private static final int CATCH_UP_BLOCKS = 50;

  /** Scripts whose sums are kept, so that only what is new has to be added. */
  private static final int MAX_CACHED_TOTALS = 10_000;

  private final EventLoop loop;
  private final IndexRuns runs;
  private final RunWrites<IndexRun, byte[]> writes;
  private final Compaction<IndexKind, IndexRun, byte[]> compaction;
  private final WriterLease lease;
  private final BlockReader reader;
  private final PlaceChecks checks;
  private final Options options;
  private final WriterConnection writer;
  private final WorkerExecutor worker;
  private final TotalsCache totals = new TotalsCache(MAX_CACHED_TOTALS);

  /** Waiting blocks, consecutive, oldest first; replaced as a whole. */
  private volatile List<IndexedBlock> waiting = List.of();

  private volatile int cursor;

  /** Height of the newest block that is known of. */
  private volatile int told;

  /** Completed once every block that was told of has been laid out, or left for later. */
  private volatile Future<Void> laidOut = Future.succeededFuture();

  private volatile boolean closed;
  private volatile Promise<Void> progress = Promise.promise();
  private long timer;
  private boolean writing;
  private boolean failing;

  private PgChainIndex(
      Database database,
      IndexRuns runs,
      WriterLease lease,
      Options options,
      RetryPolicy policy,
      Compaction.Pace pace,
      int cursor,
      int told) {
    this.loop = EventLoop.current(database.vertx());
    this.runs = runs;
    this.lease = lease;
    this.reader = database.blocks();
    this.checks = new PlaceChecks(reader);
    this.options = options;
    this.writer = new WriterConnection(database, "index", policy);
    this.writes = new RunWrites<>(writer, lease, new IndexTables());
    this.compaction =
        new Compaction<>(loop, writes, runs.list(), pace, this::dueMerge, this::onFailure);
    // One thread: blocks are laid out in order, beside whatever else is going on.
    this.worker =
        database.vertx().createSharedWorkerExecutor("tender-index", 1, 1, TimeUnit.MINUTES);
    this.cursor = cursor;
    this.told = told;
  }

  /**
   * Empties the index; it is made anew from the journal when it is opened. For whoever holds the
   * lease, and before the index is opened.
   */
  public static Future<Void> clear(Database database, WriterLease lease) {
    return database
        .pool()
        .withTransaction(
            connection ->
                connection
                    .preparedQuery("UPDATE index_cursor SET height = -1 WHERE generation = $1")
                    .execute(Tuple.of(lease.generation()))
                    .compose(
                        rows ->
                            rows.rowCount() == 1
                                ? connection.query("TRUNCATE index_run, index_page").execute()
                                : Future.failedFuture(
                                    new DatabaseRefusedException(
                                        "Another node has taken the database over."))))
        .mapEmpty();
  }

  /**
   * Opens the index and begins to catch up with the journal in the background.
   *
   * <p>Call {@link #onBlock} for every block that is appended from now on.
   */
  public static Future<PgChainIndex> open(
      Database database, WriterLease lease, Options options, RetryPolicy policy) {
    // Without a grace: questions that find pages gone are asked again, and most find their pages
    // in memory.
    return open(database, lease, options, policy, Compaction.Pace.of(Duration.ZERO));
  }

  /**
   * The same.
   *
   * @param pace when runs are merged and removed
   */
  static Future<PgChainIndex> open(
      Database database,
      WriterLease lease,
      Options options,
      RetryPolicy policy,
      Compaction.Pace pace) {
    return IndexRuns.open(database.pool())
        .compose(
            runs ->
                database
                    .pool()
                    .query(
                        "SELECT index_cursor.height, chain_head.height FROM index_cursor CROSS JOIN"
                            + " chain_head")
                    .execute()
                    .map(
                        rows -> {
                          Row row = rows.iterator().next();
                          return new PgChainIndex(
                              database,
                              runs,
                              lease,
                              options,
                              policy,
                              pace,
                              row.getInteger(0),
                              row.getInteger(1));
                        }))
        .compose(index -> index.compaction.begin(database.pool()).map(index))
        .map(
            index -> {
              index.timer =
                  index
                      .loop
                      .vertx()
                      .setPeriodic(options.writeEvery().toMillis(), id -> index.tick());
              index.tick();
              return index;
            });
  }

  @Override
  public void onBlock(SealedBlock block) {
    told = Math.max(told, block.height());
    laidOut =
        worker.executeBlocking(
            () -> {
              // Added here and not later on the event loop: the next block asks what is covered.
              if (block.height() == covered() + 1 && hasRoom()) {
                add(IndexedBlock.of(block.height(), block.block(), block.spent()));
              }
              return null;
            });
  }

  private boolean hasRoom() {
    List<IndexedBlock> now = waiting;
    return now.size() < options.maxWaitingBlocks()
        && now.stream().mapToLong(IndexedBlock::rows).sum() < options.maxWaitingRows();
  }

  private synchronized void add(IndexedBlock block) {
    if (block.height() == covered() + 1) {
      List<IndexedBlock> longer = new ArrayList<>(waiting);
      longer.add(block);
      waiting = List.copyOf(longer);
    }
  }

  private synchronized void written(int height) {
    cursor = height;
    waiting = waiting.stream().filter(block -> block.height() > height).toList();
  }

  /** Height up to which lookups find everything. */
  private synchronized int covered() {
    List<IndexedBlock> now = waiting;
    return now.isEmpty() ? cursor : now.get(now.size() - 1).height();
  }

  @Override
  public int cursor() {
    return cursor;
  }

  @Override
  public Standing standing() {
    return new Standing(runs(), runs.fenceBytes(), compaction.failures(), compaction.unreadPages());
  }

  /** How many runs there are on disk. */
  int runs() {
    return runs.list().all().size();
  }

  /** True while runs are merged, or pages of merged ones still have to be removed. */
  boolean isMerging() {
    return compaction.isBusy();
  }

  /** How many merges are under way. */
  int merges() {
    return compaction.merging();
  }

  /** How many durable blocks are not on disk in the index. */
  public int lagBlocks() {
    return Math.max(0, told - cursor);
  }

  private void tick() {
    loop.call(
        () -> {
          if (!writing && !closed && told > cursor) {
            writing = true;
            writeNext();
          }
          return Future.succeededFuture();
        });
  }

  private void writeNext() {
    Promise<Void> step = progress;
    nextBatch()
        .compose(
            blocks ->
                blocks.isEmpty()
                    ? Future.succeededFuture(false)
                    : worker
                        .executeBlocking(() -> IndexBatch.of(blocks, runs.list()::newNumber))
                        .compose(this::write))
        .onComplete(
            result -> {
              progress = Promise.promise();
              step.tryComplete();
              if (result.failed()) {
                onFailure(result.cause());
              } else {
                failing = false;
              }
              if (result.succeeded() && result.result() && told > cursor && !closed) {
                writeNext();
              } else {
                writing = false;
              }
              compaction.run();
            });
  }

  private Future<Boolean> write(RunBatch<IndexRun, byte[]> batch) {
    return writes
        .append(cursor, batch)
        .onSuccess(
            done -> {
              // Before the blocks leave memory: whoever looks there first finds them in one place.
              runs.list().added(batch.runs());
              written(batch.toHeight());
            });
  }

  private Optional<RunMerge<IndexRun, byte[]>> dueMerge(Set<Long> merging, long maxEntries) {
    for (IndexKind kind : IndexKind.values()) {
      List<IndexRun> parts = MergePolicy.ofOneSize(runs.list().of(kind), merging, maxEntries);
      if (!parts.isEmpty()) {
        IndexPages pages = new IndexPages(kind, parts.get(0).fromHeight());
        RunWalk<IndexPageReader> walk =
            new RunWalk<>(
                IndexTables.NAME,
                IndexPages.TARGET_BYTES,
                runs::stored,
                page -> new IndexPageReader(kind, page),
                worker,
                parts.stream().map(RunWalk.Part::whole).toList());
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

  private void onFailure(Throwable error) {
    if (error instanceof LeaseLostException lost) {
      lease.lost(lost.explanation());
    }
    if (!closed && !failing) {
      failing = true;
      LOG.error("The chain index can't be written; it will be tried again and again", error);
    }
  }

  /** The blocks behind the cursor: from memory if they are there, else from the journal. */
  private Future<List<IndexedBlock>> nextBatch() {
    List<IndexedBlock> now = waiting;
    if (!now.isEmpty() && now.get(0).height() == cursor + 1) {
      return Future.succeededFuture(batch(now, block -> block));
    }
    // The journal may have more already, which nobody shall hear of before the settlement tells it.
    return reader
        .read(cursor + 1, Math.min(CATCH_UP_BLOCKS, told - cursor))
        .compose(
            blocks ->
                worker.executeBlocking(
                    () ->
                        batch(
                            blocks,
                            block ->
                                IndexedBlock.of(block.height(), block.block(), block.spent()))));
  }

  /** As many of the first blocks as one transaction should write. */
  private <T> List<IndexedBlock> batch(List<T> blocks, Function<T, IndexedBlock> layOut) {
    List<IndexedBlock> batch = new ArrayList<>();
    int rows = 0;
    for (T block : blocks) {
      if (rows >= options.batchRows()) {
        break;
      }
      IndexedBlock laidOutBlock = layOut.apply(block);
      batch.add(laidOutBlock);
      rows += laidOutBlock.rows();
    }
    return batch;
  }

  /** Waits until lookups find every block that was told of before. */
  private Future<Void> complete() {
    int wanted = told;
    return loop.call(
        () -> {
          Promise<Void> patience = Promise.promise();
          return loop.within(
                  options.lookupPatience(), laidOut.compose(v -> reach(wanted, patience.future())))
              .recover(
                  error -> {
                    patience.tryComplete();
                    return Future.failedFuture(
                        new IndexBehindException(
                            "The index of transactions is catching up, "
                                + lagBlocks()
                                + " blocks are missing; try again later."));
                  });
        });
  }

  private Future<Void> reach(int wanted, Future<Void> patienceOver) {
    Promise<Void> step = progress;
    return covered() >= wanted || patienceOver.isComplete()
        ? Future.succeededFuture()
        : step.future().compose(v -> reach(wanted, patienceOver));
  }

  @Override
  public Future<Optional<Place>> find(Hash txid) {
    return one(
        block -> block.transfer(txid),
        IndexKind.TRANSFER,
        IndexBatch.key(txid),
        (transaction, spent) -> transaction.txid().equals(txid));
  }

  @Override
  public Future<Optional<Spending>> spending(List<Outpoint> outpoints) {
    return complete()
        .compose(
            v -> {
              List<IndexedBlock> now = waiting;
              for (IndexedBlock block : now) {
                for (Outpoint outpoint : outpoints) {
                  OptionalInt position = block.spender(outpoint);
                  if (position.isPresent()) {
                    return Future.succeededFuture(
                        Optional.of(
                            new Spending(
                                outpoint, new Place(block.height(), position.getAsInt()))));
                  }
                }
              }
              int above = now.isEmpty() ? Integer.MAX_VALUE : now.get(0).height();
              return candidates(outpoints, above)
                  .compose(candidates -> checks.firstTrue(candidates, 0));
            });
  }

  @Override
  public Future<Map<Outpoint, Place>> spenders(List<Outpoint> outpoints) {
    return complete()
        .compose(
            v -> {
              List<IndexedBlock> now = waiting;
              Map<Outpoint, Place> found = new HashMap<>();
              for (IndexedBlock block : now) {
                for (Outpoint outpoint : outpoints) {
                  OptionalInt position = block.spender(outpoint);
                  if (position.isPresent()) {
                    found.put(outpoint, new Place(block.height(), position.getAsInt()));
                  }
                }
              }
              int above = now.isEmpty() ? Integer.MAX_VALUE : now.get(0).height();
              List<Outpoint> older = new ArrayList<>(outpoints);
              older.removeAll(found.keySet());
              return older.isEmpty()
                  ? Future.succeededFuture(found)
                  : candidates(older, above).compose(all -> checks.keepTrue(all, 0, found));
            });
  }

  /** What the index has under the keys of some outputs, in blocks below a height. */
  private Future<List<Spending>> candidates(List<Outpoint> outpoints, int above) {
    Map<Long, List<Outpoint>> byKey = new HashMap<>();
    for (Outpoint outpoint : outpoints) {
      byKey.computeIfAbsent(IndexBatch.key(outpoint), key -> new ArrayList<>(1)).add(outpoint);
    }
    return runs.find(IndexKind.SPENDER, byKey.keySet(), above)
        .map(
            entries -> {
              List<Spending> candidates = new ArrayList<>(entries.size());
              for (IndexEntry entry : entries) {
                for (Outpoint outpoint : byKey.getOrDefault(entry.key(), List.of())) {
                  candidates.add(
                      new Spending(outpoint, new Place(entry.height(), entry.position())));
                }
              }
              return candidates;
            });
  }

  private Future<Optional<Place>> one(
      Function<IndexedBlock, OptionalInt> inMemory,
      IndexKind kind,
      long key,
      BiPredicate<Transaction, List<Coin>> check) {
    return complete()
        .compose(
            v -> {
              // Taken before the runs are read, so that a block on its way from here to there is
              // seen in at least one of the two places.
              List<IndexedBlock> now = waiting;
              for (IndexedBlock block : now) {
                OptionalInt position = inMemory.apply(block);
                if (position.isPresent()) {
                  return Future.succeededFuture(
                      Optional.of(new Place(block.height(), position.getAsInt())));
                }
              }
              int above = now.isEmpty() ? Integer.MAX_VALUE : now.get(0).height();
              return runs.find(kind, Set.of(key), above)
                  .compose(entries -> checks.checked(places(entries), check, 1))
                  .map(places -> places.stream().findFirst());
            });
  }

  @Override
  public Future<List<Place>> history(Hash scriptHash, Optional<Place> before, int limit) {
    return complete()
        .compose(
            v -> {
              List<IndexedBlock> now = waiting;
              Place upTo = before.orElse(new Place(Integer.MAX_VALUE, 0));
              List<Place> found = new ArrayList<>();
              for (int i = now.size() - 1; i >= 0; i--) {
                int height = now.get(i).height();
                List<IndexedBlock.Touch> touches = now.get(i).touches(scriptHash);
                for (int j = touches.size() - 1; j >= 0 && found.size() < limit; j--) {
                  int position = touches.get(j).position();
                  if (isBefore(height, position, upTo)) {
                    found.add(new Place(height, position));
                  }
                }
              }
              if (!now.isEmpty() && now.get(0).height() < upTo.height()) {
                upTo = new Place(now.get(0).height(), 0);
              }
              return older(scriptHash, upTo, limit, found);
            });
  }

  @Override
  public Future<Set<Hash>> known(List<Hash> scriptHashes) {
    return complete()
        .compose(
            v -> {
              Set<Hash> known = new HashSet<>();
              List<Hash> asked = new ArrayList<>();
              List<IndexedBlock> now = waiting;
              for (Hash scriptHash : scriptHashes) {
                boolean waits = now.stream().anyMatch(block -> block.knows(scriptHash));
                (waits ? known : asked).add(scriptHash);
              }
              if (asked.isEmpty()) {
                return Future.succeededFuture(known);
              }
              return runs.known(asked)
                  .map(
                      onDisk -> {
                        known.addAll(onDisk);
                        return known;
                      });
            });
  }

  private static boolean isBefore(int height, int position, Place upTo) {
    return height < upTo.height() || (height == upTo.height() && position < upTo.position());
  }

  /** Adds places from disk until there are enough or no more. */
  private Future<List<Place>> older(Hash scriptHash, Place upTo, int limit, List<Place> found) {
    int missing = limit - found.size();
    if (missing <= 0) {
      return Future.succeededFuture(List.copyOf(found));
    }
    return runs.newest(
            IndexBatch.key(scriptHash),
            IndexBatch.check(scriptHash),
            upTo.height(),
            upTo.position(),
            missing)
        .compose(
            entries -> {
              List<Place> candidates = places(entries);
              return checks
                  .checked(
                      candidates,
                      (transaction, spent) -> IndexedBlock.touches(transaction, spent, scriptHash),
                      missing)
                  .compose(
                      good -> {
                        found.addAll(good);
                        return candidates.size() < missing
                            ? Future.succeededFuture(List.copyOf(found))
                            : older(
                                scriptHash, candidates.get(candidates.size() - 1), limit, found);
                      });
            });
  }

  @Override
  public Future<ScriptTotals> totals(Hash scriptHash, int height) {
    return complete()
        .compose(
            v -> {
              List<IndexedBlock> now;
              int onDisk;
              synchronized (this) {
                now = waiting;
                onDisk = now.isEmpty() ? cursor : now.get(0).height() - 1;
              }
              ScriptTotals recent = ScriptTotals.NONE;
              for (IndexedBlock block : now) {
                if (block.height() <= height) {
                  for (IndexedBlock.Touch touch : block.touches(scriptHash)) {
                    recent = recent.plus(touch.totals());
                  }
                }
              }
              return stored(scriptHash, Math.min(onDisk, height)).map(recent::plus);
            });
  }

  /** The sums on disk: what is known of them, and what has come since. */
  private Future<ScriptTotals> stored(Hash scriptHash, int height) {
    TotalsCache.Entry known = totals.upTo(scriptHash, height);
    if (known.height() == height) {
      return Future.succeededFuture(known.totals());
    }
    return runs.totals(
            IndexBatch.key(scriptHash), IndexBatch.check(scriptHash), known.height(), height)
        .map(
            since -> {
              ScriptTotals all = known.totals().plus(since);
              totals.keep(scriptHash, height, all);
              return all;
            });
  }

  private static List<Place> places(List<IndexEntry> entries) {
    return entries.stream().map(entry -> new Place(entry.height(), entry.position())).toList();
  }

  /** Writes nothing more. What was not written is read from the journal at the next start. */
  public Future<Void> close() {
    // First: a merge that ends because the store is closed is not to be begun again.
    Future<Void> stopped = compaction.close();
    closed = true;
    loop.vertx().cancelTimer(timer);
    return writer.close().eventually(() -> stopped).eventually(worker::close);
  }
}
