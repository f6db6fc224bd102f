package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;

/**
 * The coins in PostgreSQL. A flush either happens wholly, cursor included, or not at all, and its
 * Future completes only when that is certain: a flush that was repeated with other changes after an
 * unnoticed success would leave spent coins behind.
 */
public final class PgCoinStore implements CoinStore {
  /** Most rows of one statement. */
  private static final int MAX_ROWS = 2000;

  private static final String MOVE_CURSOR =
      "UPDATE coin_cursor SET height = $2 WHERE generation = $1 AND height = $3";

  private static final String RESOLVE = "SELECT generation, height FROM coin_cursor";

  private static final String INSERT =
      """
      INSERT INTO coin (
        outpoint_prefix, txid, index, amount_sat, height, coinbase, script, script_prefix)
      SELECT * FROM unnest(
        $1::bigint[], $2::bytea[], $3::int[], $4::bigint[], $5::int[], $6::boolean[], $7::bytea[],
        $8::bigint[])
      """;

  /** Spends coins; a test looks at its plan. */
  static final String DELETE =
      """
      DELETE FROM coin
      USING unnest($1::bigint[], $2::bytea[], $3::int[]) AS gone(outpoint_prefix, txid, index)
      WHERE coin.outpoint_prefix = gone.outpoint_prefix
        AND coin.txid = gone.txid AND coin.index = gone.index""";

  private static final String COLUMNS =
      "coin.txid, coin.index, coin.amount_sat, coin.height, coin.coinbase, coin.script";

  /** Finds coins; a test looks at its plan. */
  static final String LOAD =
      "SELECT "
          + COLUMNS
          + " FROM unnest($1::bigint[], $2::bytea[], $3::int[])"
          + " AS wanted(outpoint_prefix, txid, index)"
          + " JOIN coin ON coin.outpoint_prefix = wanted.outpoint_prefix"
          + " AND coin.txid = wanted.txid AND coin.index = wanted.index";

  private static final String OF_SCRIPT =
      "SELECT "
          + COLUMNS
          + " FROM coin WHERE script_prefix = $1 AND sha256(script) = $2"
          + " ORDER BY height, txid, index LIMIT $3";

  /** One statement sees one moment: the cursor, its block and all coins fit each other. */
  private static final String AUDIT =
      """
      SELECT place.height, stored.coins, stored.sat, block.total_transfers, block.total_coins,
        block.unspent_sat, block.burned_sat, block.issued_sat
      FROM coin_cursor AS place
      JOIN block ON block.height = place.height
      CROSS JOIN (
        SELECT count(*) AS coins, coalesce(sum(amount_sat), 0)::bigint AS sat FROM coin) AS stored""";

  private final Vertx vertx;
  private final Pool pool;
  private final WriterLease lease;
  private final WriterConnection writer;

  /** The store of a database; writes under a lease. */
  public PgCoinStore(Database database, WriterLease lease, RetryPolicy policy) {
    this.vertx = database.vertx();
    this.pool = database.pool();
    this.lease = lease;
    this.writer = new WriterConnection(database, "coins", policy);
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
    if (outpoints.isEmpty()) {
      return Future.succeededFuture(Map.of());
    }
    List<Outpoint> sorted = outpoints.stream().sorted().toList();
    return pool.preparedQuery(LOAD).execute(keys(sorted)).map(PgCoinStore::coins);
  }

  @Override
  public Future<Map<Outpoint, Coin>> ofScript(Hash scriptHash, int limit) {
    return pool.preparedQuery(OF_SCRIPT)
        .execute(Tuple.of(scriptHash.a(), Buffer.buffer(scriptHash.toBytes()), limit))
        .map(PgCoinStore::coins);
  }

  private static Map<Outpoint, Coin> coins(RowSet<Row> rows) {
    Map<Outpoint, Coin> coins = new HashMap<>(rows.size() * 2);
    for (Row row : rows) {
      coins.put(
          new Outpoint(Hash.of(row.getBuffer(0).getBytes()), row.getInteger(1)),
          new Coin(
              Amount.ofSat(row.getLong(2)),
              Script.of(row.getBuffer(5).getBytes()),
              row.getInteger(3),
              row.getBoolean(4)));
    }
    return coins;
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
            height -> {
              if (changes.height() <= height) {
                return Future.failedFuture(
                    new IllegalArgumentException(
                        "the coin store stands at " + height + ", not below " + changes.height()));
              }
              // Sorting and hashing many coins is too long a step for an event loop.
              return vertx.executeBlocking(() -> new Flush(changes, height), false);
            })
        .compose(writer::run)
        .onFailure(
            error -> {
              if (error instanceof LeaseLostException lost) {
                lease.lost(lost.explanation());
              }
            })
        .mapEmpty();
  }

  /** Closes the store's own connection. */
  public Future<Void> close() {
    return writer.close();
  }

  /**
   * What the index of coins is over: short, so that many fit on a page. Two outpoints may have the
   * same, and anybody can make such, so that it finds what is then to be compared wholly.
   */
  static long prefix(Outpoint outpoint) {
    return outpoint.txid().a() ^ outpoint.index();
  }

  private static Tuple keys(List<Outpoint> outpoints) {
    int count = outpoints.size();
    Long[] prefixes = new Long[count];
    Buffer[] txids = new Buffer[count];
    Integer[] indexes = new Integer[count];
    for (int i = 0; i < count; i++) {
      prefixes[i] = prefix(outpoints.get(i));
      txids[i] = Buffer.buffer(outpoints.get(i).txid().toBytes());
      indexes[i] = outpoints.get(i).index();
    }
    return Tuple.tuple().addValue(prefixes).addValue(txids).addValue(indexes);
  }

  private static Tuple rows(List<Map.Entry<Outpoint, Coin>> coins) {
    int count = coins.size();
    Long[] amounts = new Long[count];
    Integer[] heights = new Integer[count];
    Boolean[] coinbases = new Boolean[count];
    Buffer[] scripts = new Buffer[count];
    Long[] prefixes = new Long[count];
    for (int i = 0; i < count; i++) {
      Coin coin = coins.get(i).getValue();
      amounts[i] = coin.amount().sat();
      heights[i] = coin.height();
      coinbases[i] = coin.coinbase();
      scripts[i] = Buffer.buffer(coin.script().toBytes());
      prefixes[i] = coin.script().hash().a();
    }
    return keys(coins.stream().map(Map.Entry::getKey).toList())
        .addValue(amounts)
        .addValue(heights)
        .addValue(coinbases)
        .addValue(scripts)
        .addValue(prefixes);
  }

  /** One set of changes, laid out for the database piece by piece. */
  private final class Flush implements WriterConnection.Work<Boolean> {
    private final int from;
    private final int to;
    private final CoinChanges changes;

    Flush(CoinChanges changes, int from) {
      this.from = from;
      this.to = changes.height();
      // Sorted, so that neighbours in the index are written together.
      this.changes = changes.sorted();
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
            return each(
                    changes.spentCount(),
                    (first, end) -> keys(changes.spent(first, end)),
                    keys -> connection.preparedQuery(DELETE).execute(keys),
                    answered)
                .compose(
                    deleted ->
                        each(
                            changes.createdCount(),
                            (first, end) -> rows(changes.created(first, end)),
                            rows -> connection.preparedQuery(INSERT).execute(rows),
                            answered))
                .map(Optional.of(true));
          });
    }

    /**
     * Writes some rows after the other. What a statement takes is made when it is its turn: all of
     * them together would be a hundred thousand objects that wait.
     */
    private Future<Void> each(
        int count,
        BiFunction<Integer, Integer, Tuple> values,
        Function<Tuple, Future<RowSet<Row>>> statement,
        Runnable answered) {
      Future<Void> written = Future.succeededFuture();
      for (int i = 0; i < count; i += MAX_ROWS) {
        int first = i;
        int end = Math.min(count, i + MAX_ROWS);
        written =
            written
                .compose(before -> vertx.executeBlocking(() -> values.apply(first, end), false))
                .compose(statement)
                .onSuccess(done -> answered.run())
                .mapEmpty();
      }
      return written;
    }

    @Override
    public Future<Optional<Boolean>> resolve(SqlConnection connection) {
      return connection
          .query(RESOLVE)
          .execute()
          .map(
              rows -> {
                Row row = rows.iterator().next();
                int height = row.getInteger("height");
                if (height == to) {
                  return Optional.of(true);
                }
                if (row.getLong("generation") != lease.generation()) {
                  throw lease.takenOver(row.getLong("generation"));
                }
                if (height != from) {
                  throw new WriterConnection.HopelessException(
                      "The coin store stands at " + height + " instead of " + from + ".");
                }
                return Optional.empty();
              });
    }
  }
}
