package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * <p>The keys in the tables are 8 bytes of a hash. Anybody can make two hashes that agree in so few
 * bytes, so each hit is checked against the block itself.
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

  /** Most rows of one statement. */
  private static final int MAX_ROWS = 2000;

  /** Blocks read back from the journal at once. */
  private static final int CATCH_UP_BLOCKS = 50;

  /** Scripts whose sums are kept, so that only what is new has to be added. */
  private static final int MAX_CACHED_TOTALS = 10_000;

  /** Distinct blocks read at a time to check candidates. */
  private static final int PARALLEL_READS = 4;

  private static final String MOVE_CURSOR =
      "UPDATE index_cursor SET height = $2 WHERE generation = $1 AND height = $3";
  private static final String RESOLVE = "SELECT generation, height FROM index_cursor";

  private static final String SPENDERS =
      """
      SELECT place.height, place.position, wanted.number::int
      FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted(prefix, number)
      JOIN spender_place AS place ON place.outpoint_prefix = wanted.prefix
      WHERE place.height < $2
      ORDER BY wanted.number, place.height, place.position""";

  /** Keys alone are read; the rows of a long history are neighbours there. */
  private static final String TOTALS =
      """
      SELECT count(*), coalesce(sum(funded_count), 0)::bigint,
        coalesce(sum(funded_sat), 0)::bigint, coalesce(sum(spent_count), 0)::bigint,
        coalesce(sum(spent_sat), 0)::bigint
      FROM script_place
      WHERE script_prefix = $1 AND height > $3 AND height <= $4 AND script_check = $2""";

  private static final String NEWEST_FIRST =
      """
      SELECT height, position FROM script_place
      WHERE script_prefix = $1 AND (height, position) < ($3, $4) AND script_check = $2
      ORDER BY height DESC, position DESC LIMIT $5""";

  /** One probe of the key for each script, however many rows it has. */
  private static final String KNOWN =
      """
      SELECT asked.number
      FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY AS asked (prefix, script_check, number)
        CROSS JOIN LATERAL (
          SELECT FROM script_place p
          WHERE p.script_prefix = asked.prefix AND p.script_check = asked.script_check
          LIMIT 1) found""";

  private static final String INSERT_SCRIPTS =
      """
      INSERT INTO script_place (script_prefix, height, position, script_check, funded_count,
        funded_sat, spent_sat, spent_count)
      SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::int[], $6::bigint[],
        $7::bigint[], $8::int[])
      ON CONFLICT DO NOTHING""";

  private enum Table {
    TRANSFER("transfer_place", "txid_prefix"),
    SPENDER("spender_place", "outpoint_prefix");

    private final String insert;
    private final String find;

    Table(String table, String key) {
      insert =
          "INSERT INTO "
              + table
              + " ("
              + key
              + ", height, position) SELECT * FROM unnest($1::bigint[], $2::int[], $3::int[])"
              + " ON CONFLICT DO NOTHING";
      find =
          "SELECT height, position FROM "
              + table
              + " WHERE "
              + key
              + " = $1 AND height < $2 ORDER BY height, position";
    }
  }

  private record IndexRow(long key, int height, int position) implements Comparable<IndexRow> {
    @Override
    public int compareTo(IndexRow other) {
      int order = Long.compare(key, other.key);
      if (order == 0) {
        order = Integer.compare(height, other.height);
      }
      return order != 0 ? order : Integer.compare(position, other.position);
    }
  }

  private record ScriptRow(IndexRow place, int check, IndexedBlock.Touch touch)
      implements Comparable<ScriptRow> {
    @Override
    public int compareTo(ScriptRow other) {
      int order = place.compareTo(other.place);
      return order != 0 ? order : Integer.compare(check, other.check);
    }
  }

  /** A statement of a batch. */
  private record Statement(String sql, Tuple rows) {}

  private final EventLoop loop;
  private final Pool pool;
  private final WriterLease lease;
  private final BlockReader reader;
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
      WriterLease lease,
      Options options,
      RetryPolicy policy,
      int cursor,
      int told) {
    this.loop = EventLoop.current(database.vertx());
    this.pool = database.pool();
    this.lease = lease;
    this.reader = database.blocks();
    this.options = options;
    this.writer = new WriterConnection(database, "index", policy);
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
                                ? connection
                                    .query("TRUNCATE transfer_place, script_place, spender_place")
                                    .execute()
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
    return database
        .pool()
        .query(
            "SELECT index_cursor.height, chain_head.height FROM index_cursor CROSS JOIN chain_head")
        .execute()
        .map(
            rows -> {
              Row row = rows.iterator().next();
              PgChainIndex index =
                  new PgChainIndex(
                      database, lease, options, policy, row.getInteger(0), row.getInteger(1));
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
                        .executeBlocking(() -> new Batch(blocks, cursor))
                        .compose(batch -> writer.run(batch).onSuccess(done -> written(batch.to))))
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
            });
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
        block -> Optional.ofNullable(block.transfers().get(txid)),
        Table.TRANSFER,
        txid.a(),
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
                  Integer position = block.spenders().get(outpoint);
                  if (position != null) {
                    return Future.succeededFuture(
                        Optional.of(new Spending(outpoint, new Place(block.height(), position))));
                  }
                }
              }
              int above = now.isEmpty() ? Integer.MAX_VALUE : now.get(0).height();
              return candidates(outpoints, above).compose(candidates -> firstTrue(candidates, 0));
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
                  Integer position = block.spenders().get(outpoint);
                  if (position != null) {
                    found.put(outpoint, new Place(block.height(), position));
                  }
                }
              }
              int above = now.isEmpty() ? Integer.MAX_VALUE : now.get(0).height();
              List<Outpoint> older = new ArrayList<>(outpoints);
              older.removeAll(found.keySet());
              return older.isEmpty()
                  ? Future.succeededFuture(found)
                  : candidates(older, above).compose(all -> keepTrue(all, 0, found));
            });
  }

  /** Adds what really spends its output. */
  private Future<Map<Outpoint, Place>> keepTrue(
      List<Spending> candidates, int from, Map<Outpoint, Place> found) {
    if (from == candidates.size()) {
      return Future.succeededFuture(found);
    }
    List<Spending> part =
        candidates.subList(from, Math.min(candidates.size(), from + PARALLEL_READS));
    return blocks(part.stream().map(spending -> spending.place().height()).distinct().toList())
        .compose(
            blocks -> {
              for (Spending spending : part) {
                if (passes(
                    blocks,
                    spending.place(),
                    (transaction, spent) -> spends(transaction, spending.outpoint()))) {
                  found.put(spending.outpoint(), spending.place());
                }
              }
              return keepTrue(candidates, from + part.size(), found);
            });
  }

  /** What the table has under the keys of some outputs, in blocks below a height. */
  private Future<List<Spending>> candidates(List<Outpoint> outpoints, int above) {
    Long[] keys = outpoints.stream().map(PgChainIndex::key).toArray(Long[]::new);
    return pool.preparedQuery(SPENDERS)
        .execute(Tuple.tuple().addValue(keys).addInteger(above))
        .map(
            rows -> {
              List<Spending> candidates = new ArrayList<>(rows.size());
              for (Row row : rows) {
                candidates.add(
                    new Spending(
                        outpoints.get(row.getInteger(2) - 1),
                        new Place(row.getInteger(0), row.getInteger(1))));
              }
              return candidates;
            });
  }

  private Future<Optional<Spending>> firstTrue(List<Spending> candidates, int from) {
    if (from == candidates.size()) {
      return Future.succeededFuture(Optional.empty());
    }
    Spending candidate = candidates.get(from);
    return checked(
            List.of(candidate.place()),
            (transaction, spent) -> spends(transaction, candidate.outpoint()),
            1)
        .compose(
            good ->
                good.isEmpty()
                    ? firstTrue(candidates, from + 1)
                    : Future.succeededFuture(Optional.of(candidate)));
  }

  private static boolean spends(Transaction transaction, Outpoint outpoint) {
    for (int i = 0; i < transaction.inputCount(); i++) {
      if (transaction.prevout(i).equals(outpoint)) {
        return true;
      }
    }
    return false;
  }

  private Future<Optional<Place>> one(
      Function<IndexedBlock, Optional<Integer>> inMemory,
      Table table,
      long key,
      BiPredicate<Transaction, List<Coin>> check) {
    return complete()
        .compose(
            v -> {
              // Taken before the tables are read, so that a block on its way from here to there is
              // seen in at least one of the two places.
              List<IndexedBlock> now = waiting;
              for (IndexedBlock block : now) {
                Optional<Integer> position = inMemory.apply(block);
                if (position.isPresent()) {
                  return Future.succeededFuture(
                      Optional.of(new Place(block.height(), position.get())));
                }
              }
              int above = now.isEmpty() ? Integer.MAX_VALUE : now.get(0).height();
              return pool.preparedQuery(table.find)
                  .execute(Tuple.of(key, above))
                  .compose(rows -> checked(places(rows), check, 1))
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
                List<IndexedBlock.Touch> touches =
                    now.get(i).scripts().getOrDefault(scriptHash, List.of());
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
                boolean waits = now.stream().anyMatch(b -> b.scripts().containsKey(scriptHash));
                (waits ? known : asked).add(scriptHash);
              }
              if (asked.isEmpty()) {
                return Future.succeededFuture(known);
              }
              return pool.preparedQuery(KNOWN)
                  .execute(
                      Tuple.tuple()
                          .addArrayOfLong(asked.stream().map(Hash::a).toArray(Long[]::new))
                          .addArrayOfInteger(
                              asked.stream().map(PgChainIndex::check).toArray(Integer[]::new)))
                  .map(
                      rows -> {
                        rows.forEach(row -> known.add(asked.get(row.getInteger(0) - 1)));
                        return known;
                      });
            });
  }

  private static boolean isBefore(int height, int position, Place upTo) {
    return height < upTo.height() || (height == upTo.height() && position < upTo.position());
  }

  /** Adds places from the table until there are enough or no more. */
  private Future<List<Place>> older(Hash scriptHash, Place upTo, int limit, List<Place> found) {
    int missing = limit - found.size();
    if (missing <= 0) {
      return Future.succeededFuture(List.copyOf(found));
    }
    return pool.preparedQuery(NEWEST_FIRST)
        .execute(
            Tuple.of(scriptHash.a(), check(scriptHash), upTo.height(), upTo.position(), missing))
        .compose(
            rows -> {
              List<Place> candidates = places(rows);
              return checked(
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
                  for (IndexedBlock.Touch touch :
                      block.scripts().getOrDefault(scriptHash, List.of())) {
                    recent = recent.plus(touch.totals());
                  }
                }
              }
              return stored(scriptHash, Math.min(onDisk, height)).map(recent::plus);
            });
  }

  /** The sums in the table: what is known of them, and what has come since. */
  private Future<ScriptTotals> stored(Hash scriptHash, int height) {
    TotalsCache.Entry known = totals.upTo(scriptHash, height);
    if (known.height() == height) {
      return Future.succeededFuture(known.totals());
    }
    return pool.preparedQuery(TOTALS)
        .execute(Tuple.of(scriptHash.a(), check(scriptHash), known.height(), height))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              ScriptTotals all =
                  known
                      .totals()
                      .plus(
                          new ScriptTotals(
                              row.getLong(0),
                              row.getLong(1),
                              row.getLong(2),
                              row.getLong(3),
                              row.getLong(4)));
              totals.keep(scriptHash, height, all);
              return all;
            });
  }

  private static List<Place> places(RowSet<Row> rows) {
    List<Place> places = new ArrayList<>(rows.size());
    for (Row row : rows) {
      places.add(new Place(row.getInteger(0), row.getInteger(1)));
    }
    return places;
  }

  /**
   * Those of the candidates whose transaction really is meant, in the candidates' order.
   *
   * @param limit most that are returned
   */
  private Future<List<Place>> checked(
      List<Place> candidates, BiPredicate<Transaction, List<Coin>> check, int limit) {
    return checked(candidates, 0, check, limit, new ArrayList<>());
  }

  /** A few blocks at a time, as memory and the others who want to read have to be spared. */
  private Future<List<Place>> checked(
      List<Place> candidates,
      int from,
      BiPredicate<Transaction, List<Coin>> check,
      int limit,
      List<Place> good) {
    if (from == candidates.size() || good.size() >= limit) {
      return Future.succeededFuture(good);
    }
    Set<Integer> heights = new LinkedHashSet<>();
    int to = from;
    while (to < candidates.size() && to - from < limit - good.size()) {
      int height = candidates.get(to).height();
      if (heights.size() == PARALLEL_READS && !heights.contains(height)) {
        break;
      }
      heights.add(height);
      to++;
    }
    List<Place> part = candidates.subList(from, to);
    int next = to;
    return blocks(heights)
        .compose(
            blocks -> {
              for (Place place : part) {
                if (passes(blocks, place, check)) {
                  good.add(place);
                }
              }
              return checked(candidates, next, check, limit, good);
            });
  }

  private Future<Map<Integer, StoredBlock>> blocks(Collection<Integer> heights) {
    return Future.all(heights.stream().map(reader::byHeight).toList())
        .map(
            all -> {
              Map<Integer, StoredBlock> blocks = new HashMap<>();
              List<Optional<StoredBlock>> found = all.list();
              found.forEach(block -> block.ifPresent(b -> blocks.put(b.height(), b)));
              return blocks;
            });
  }

  private static boolean passes(
      Map<Integer, StoredBlock> blocks, Place place, BiPredicate<Transaction, List<Coin>> check) {
    StoredBlock block = blocks.get(place.height());
    return block != null
        && place.position() < block.block().transactions().size()
        && check.test(
            block.block().transactions().get(place.position()),
            block.spent().get(place.position()));
  }

  /** Neighbouring outputs of one transaction are neighbours in the table. */
  private static long key(Outpoint outpoint) {
    return outpoint.txid().a() + outpoint.index();
  }

  private static int check(Hash scriptHash) {
    return (int) (scriptHash.b() >>> Integer.SIZE);
  }

  /** Writes nothing more. What was not written is read from the journal at the next start. */
  public Future<Void> close() {
    closed = true;
    loop.vertx().cancelTimer(timer);
    return writer.close().eventually(worker::close);
  }

  /** Rows of some consecutive blocks, sorted for the tables' indexes. */
  private final class Batch implements WriterConnection.Work<Boolean> {
    private final int from;
    private final int to;
    private final List<Statement> statements = new ArrayList<>();

    Batch(List<IndexedBlock> blocks, int from) {
      this.from = from;
      this.to = blocks.get(blocks.size() - 1).height();
      List<IndexRow> transfers = new ArrayList<>();
      List<IndexRow> spenders = new ArrayList<>();
      List<ScriptRow> scripts = new ArrayList<>();
      for (IndexedBlock block : blocks) {
        int height = block.height();
        block
            .transfers()
            .forEach((txid, position) -> transfers.add(new IndexRow(txid.a(), height, position)));
        block
            .spenders()
            .forEach(
                (outpoint, position) ->
                    spenders.add(new IndexRow(key(outpoint), height, position)));
        block
            .scripts()
            .forEach(
                (hash, touches) ->
                    touches.forEach(
                        touch ->
                            scripts.add(
                                new ScriptRow(
                                    new IndexRow(hash.a(), height, touch.position()),
                                    check(hash),
                                    touch))));
      }
      addStatements(Table.TRANSFER, transfers);
      addStatements(Table.SPENDER, spenders);
      addScripts(scripts);
    }

    private void addScripts(List<ScriptRow> rows) {
      Collections.sort(rows);
      for (int start = 0; start < rows.size(); start += MAX_ROWS) {
        List<ScriptRow> part = rows.subList(start, Math.min(rows.size(), start + MAX_ROWS));
        Tuple tuple = Tuple.tuple();
        tuple.addValue(part.stream().map(row -> row.place().key()).toArray(Long[]::new));
        tuple.addValue(part.stream().map(row -> row.place().height()).toArray(Integer[]::new));
        tuple.addValue(part.stream().map(row -> row.place().position()).toArray(Integer[]::new));
        tuple.addValue(part.stream().map(ScriptRow::check).toArray(Integer[]::new));
        tuple.addValue(part.stream().map(row -> row.touch().fundedCount()).toArray(Integer[]::new));
        tuple.addValue(part.stream().map(row -> row.touch().fundedSat()).toArray(Long[]::new));
        tuple.addValue(part.stream().map(row -> row.touch().spentSat()).toArray(Long[]::new));
        tuple.addValue(part.stream().map(row -> row.touch().spentCount()).toArray(Integer[]::new));
        statements.add(new Statement(INSERT_SCRIPTS, tuple));
      }
    }

    private void addStatements(Table table, List<IndexRow> rows) {
      Collections.sort(rows);
      for (int start = 0; start < rows.size(); start += MAX_ROWS) {
        int count = Math.min(MAX_ROWS, rows.size() - start);
        Long[] keys = new Long[count];
        Integer[] heights = new Integer[count];
        Integer[] positions = new Integer[count];
        for (int i = 0; i < count; i++) {
          IndexRow row = rows.get(start + i);
          keys[i] = row.key();
          heights[i] = row.height();
          positions[i] = row.position();
        }
        statements.add(
            new Statement(
                table.insert, Tuple.tuple().addValue(keys).addValue(heights).addValue(positions)));
      }
    }

    @Override
    public Future<Optional<Boolean>> write(SqlConnection connection, Runnable answered) {
      Future<Boolean> moved =
          connection
              .preparedQuery(MOVE_CURSOR)
              .execute(Tuple.of(lease.generation(), to, from))
              .map(rows -> rows.rowCount() == 1);
      return moved.compose(
          ours -> {
            if (!ours) {
              return Future.succeededFuture(Optional.empty());
            }
            answered.run();
            List<Future<?>> all = new ArrayList<>();
            for (Statement statement : statements) {
              all.add(
                  connection
                      .preparedQuery(statement.sql())
                      .execute(statement.rows())
                      .onSuccess(done -> answered.run()));
            }
            return all.isEmpty()
                ? Future.succeededFuture(Optional.of(true))
                : Future.join(all).map(Optional.of(true));
          });
    }

    @Override
    public Future<Optional<Boolean>> resolve(SqlConnection connection) {
      return connection
          .query(RESOLVE)
          .execute()
          .map(
              rows -> {
                Row row = rows.iterator().next();
                if (row.getInteger("height") == to) {
                  return Optional.of(true);
                }
                if (row.getLong("generation") != lease.generation()) {
                  throw lease.takenOver(row.getLong("generation"));
                }
                if (row.getInteger("height") != from) {
                  throw new WriterConnection.HopelessException(
                      "The chain index stands at "
                          + row.getInteger("height")
                          + " instead of "
                          + from
                          + ".");
                }
                return Optional.empty();
              });
    }
  }
}
