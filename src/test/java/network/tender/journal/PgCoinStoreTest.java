package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PgCoinStoreTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofSeconds(3));

  private final Vertx vertx = Vertx.vertx();
  private final List<String> lost = new CopyOnWriteArrayList<>();
  private TestDatabase testDatabase;
  private Database database;
  private FaultProxy proxy;
  private WriterLease lease;
  private PgCoinStore store;

  @BeforeEach
  void open() throws TimeoutException {
    testDatabase = TestDatabase.create();
    proxy = FaultProxy.start(vertx, testDatabase.options().port());
    database =
        await(
            Database.open(
                vertx,
                testDatabase.options().withPort(proxy.port()),
                DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]))));
    lease = await(WriterLease.acquire(database, WriterLease.Options.DEFAULT, lost::add));
    store = new PgCoinStore(database, lease, QUICK);
  }

  @AfterEach
  void close() throws TimeoutException {
    await(store.close());
    await(lease.close());
    await(database.close());
    await(vertx.close());
  }

  private static Coin coin(int number) {
    return new Coin(
        Amount.ofSat(number * 7L), TestChain.script(number % 10), number, number % 2 == 0);
  }

  private static Map<Outpoint, Coin> coins(int from, int to) {
    Map<Outpoint, Coin> coins = new HashMap<>();
    for (int i = from; i < to; i++) {
      coins.put(TestChain.outpoint(i), coin(i));
    }
    return coins;
  }

  private static List<Outpoint> outpoints(int from, int to) {
    return List.copyOf(coins(from, to).keySet());
  }

  @Test
  void keepsCoinsInMoreThanOneStatementAndFindsThem() throws Exception {
    assertThat(await(store.cursor())).isZero();
    await(store.flush(new CoinChanges(10, coins(0, 5000), List.of())));
    assertThat(await(store.cursor())).isEqualTo(10);
    assertThat(await(store.load(outpoints(0, 5000)))).isEqualTo(coins(0, 5000));
    assertThat(await(store.load(outpoints(4990, 5010)))).isEqualTo(coins(4990, 5000));
    assertThat(await(store.load(List.of()))).isEmpty();
    await(store.flush(new CoinChanges(12, coins(5000, 5003), outpoints(0, 4990))));
    assertThat(await(store.cursor())).isEqualTo(12);
    assertThat(await(store.load(outpoints(0, 5003)))).isEqualTo(coins(4990, 5003));
  }

  @Test
  void findsTheCoinsOfAScript() throws Exception {
    await(store.flush(new CoinChanges(1, coins(0, 100), List.of())));
    Map<Outpoint, Coin> found = await(store.ofScript(TestChain.script(3).hash(), 50));
    assertThat(found).hasSize(10);
    assertThat(found.values()).allMatch(coin -> coin.script().equals(TestChain.script(3)));
    assertThat(await(store.ofScript(TestChain.script(3).hash(), 4))).hasSize(4);
    assertThat(await(store.ofScript(TestChain.script(77).hash(), 4))).isEmpty();
  }

  @Test
  void anotherScriptWithTheSamePrefixIsNotFound() throws Exception {
    await(store.flush(new CoinChanges(1, coins(0, 10), List.of())));
    testDatabase.execute(
        "UPDATE coin SET script_prefix = " + TestChain.script(3).hash().a() + " WHERE height < 6");
    assertThat(await(store.ofScript(TestChain.script(3).hash(), 50)).values())
        .containsExactly(coin(3));
  }

  @Test
  void aFlushWhoseAnswerIsLostHappensOnce() throws Exception {
    for (FaultProxy.Cut cut : List.of(FaultProxy.Cut.AFTER_COMMIT, FaultProxy.Cut.BEFORE_COMMIT)) {
      int height = await(store.cursor()) + 1;
      int first = height * 100;
      proxy.arm(cut);
      await(store.flush(new CoinChanges(height, coins(first, first + 50), List.of())));
      assertThat(proxy.cuts()).as("the cut happened").isEqualTo(height);
      assertThat(await(store.cursor())).isEqualTo(height);
      assertThat(await(store.load(outpoints(first, first + 50)))).hasSize(50);
      // Nothing in the table forbids a coin to be there twice.
      assertThat(testDatabase.queryInt("SELECT count(*) FROM coin")).isEqualTo(height * 50);
    }
  }

  @Test
  void aFlushThatIsHandedInAgainIsRefusedAndDoublesNothing() throws Exception {
    CoinChanges changes = new CoinChanges(1, coins(0, 50), List.of());
    await(store.flush(changes));
    assertThatThrownBy(() -> await(store.flush(changes))).hasMessageContaining("stands at 1");
    assertThat(testDatabase.queryInt("SELECT count(*) FROM coin")).isEqualTo(50);
  }

  /** Whoever tries long enough can make txids that begin with the same 8 bytes. */
  @Test
  void coinsWhoseKeysAreEqualAreApart() throws Exception {
    Hash first = new Hash(-77, 1, 2, 3);
    Outpoint one = new Outpoint(first, 4);
    Outpoint same = new Outpoint(new Hash(-77, 1, 2, 4), 4);
    // Its other number makes up for the other beginning.
    Outpoint other = new Outpoint(new Hash(-77 ^ 4 ^ 5, 1, 2, 3), 5);
    Outpoint absent = new Outpoint(new Hash(-77, 9, 2, 3), 4);
    assertThat(List.of(same, other, absent))
        .extracting(PgCoinStore::prefix)
        .containsOnly(PgCoinStore.prefix(one));
    Map<Outpoint, Coin> all = Map.of(one, coin(3), same, coin(13), other, coin(23));
    await(store.flush(new CoinChanges(1, all, List.of())));
    assertThat(testDatabase.queryInt("SELECT count(DISTINCT outpoint_prefix) FROM coin")).isOne();
    assertThat(await(store.load(List.of(one, same, other, absent)))).isEqualTo(all);
    assertThat(await(store.load(List.of(same)))).isEqualTo(Map.of(same, coin(13)));
    assertThat(await(store.load(List.of(absent, new Outpoint(first, 5))))).isEmpty();
    assertThat(await(store.ofScript(TestChain.script(3).hash(), 9))).isEqualTo(all);

    await(store.flush(new CoinChanges(2, Map.of(), List.of(one, absent))));
    assertThat(await(store.load(List.of(one, same, other, absent))))
        .isEqualTo(Map.of(same, coin(13), other, coin(23)));
    await(store.flush(new CoinChanges(3, Map.of(one, coin(33)), List.of(same))));
    assertThat(await(store.ofScript(TestChain.script(3).hash(), 9)))
        .isEqualTo(Map.of(one, coin(33), other, coin(23)));
  }

  /** A new chain may get its coins faster than the database looks at them. */
  @Test
  void coinsAreFoundByTheIndexBeforeThereAreStatistics() throws Exception {
    testDatabase.execute(
        """
        ALTER TABLE coin SET (autovacuum_enabled = false);
        INSERT INTO coin (
          outpoint_prefix, amount_sat, script_prefix, index, height, coinbase, txid, script)
        SELECT hashint8extended(n, 7), n, n, 0, 1, false, sha256(int8send(n)), '\\x0014'
        FROM generate_series(1, 50000) AS n;
        """);
    for (String statement : List.of(PgCoinStore.LOAD, PgCoinStore.DELETE)) {
      String plan = testDatabase.plan(statement, "'{1}', '{\\\\x01}', '{0}'");
      assertThat(plan).contains("Index Scan using coin_outpoint on coin");
    }
  }

  /** Up to the sixth migration, the key was the whole txid. */
  @Test
  void coinsOfAnOlderDatabaseAreKept() throws Exception {
    TestDatabase older = TestDatabase.createEmpty();
    DatabaseOptions options = older.options();
    Flyway.configure(Database.class.getClassLoader())
        .dataSource(options.jdbcUrl(), options.user(), options.password())
        .locations("classpath:db/migration")
        .target("6")
        .load()
        .migrate();
    Map<Outpoint, Coin> coins = new HashMap<>();
    for (long beginning : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      for (int index : new int[] {0, 1, 70_000, Integer.MAX_VALUE, -1}) {
        coins.put(
            new Outpoint(new Hash(beginning, index, 2, 3), index), coin(3 + 10 * coins.size()));
      }
    }
    StringBuilder rows = new StringBuilder();
    coins.forEach(
        (outpoint, coin) ->
            rows.append(rows.isEmpty() ? "" : ", ")
                .append("('\\x" + HexFormat.of().formatHex(outpoint.txid().toBytes()) + "', ")
                .append(outpoint.index() + ", " + coin.amount().sat() + ", " + coin.height() + ", ")
                .append(coin.coinbase() + ", '\\x")
                .append(HexFormat.of().formatHex(coin.script().toBytes()) + "', ")
                .append(coin.script().hash().a() + ")"));
    older.execute("INSERT INTO coin VALUES " + rows);
    Database migrated =
        await(
            Database.open(
                vertx, options, DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]))));
    WriterLease other =
        await(WriterLease.acquire(migrated, WriterLease.Options.DEFAULT, lost::add));
    PgCoinStore kept = new PgCoinStore(migrated, other, QUICK);
    assertThat(await(kept.load(coins.keySet()))).isEqualTo(coins);
    assertThat(await(kept.ofScript(TestChain.script(3).hash(), 100))).isEqualTo(coins);
    await(kept.flush(new CoinChanges(1, Map.of(), List.copyOf(coins.keySet()))));
    assertThat(older.queryInt("SELECT count(*) FROM coin")).isZero();
    await(kept.close());
    await(other.close());
    await(migrated.close());
  }

  @Test
  void aFlushMayTakeLongerThanTheLimitAsLongAsItIsAnswered() throws Exception {
    PgCoinStore impatient =
        new PgCoinStore(
            database,
            lease,
            new RetryPolicy(Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofSeconds(1)));
    // Some 200 kB for each 2,000 coins: an answer about every fifth of a second, for 4 s.
    proxy.slowDown(1_000_000);
    await(impatient.flush(new CoinChanges(1, coins(0, 40_000), List.of())));
    assertThat(await(store.cursor())).isEqualTo(1);
    assertThat(testDatabase.queryInt("SELECT count(*) FROM coin")).isEqualTo(40_000);
    await(impatient.close());
  }

  @Test
  void refusesChangesBehindItsCursor() throws Exception {
    await(store.flush(new CoinChanges(5, Map.of(), List.of())));
    assertThatThrownBy(() -> await(store.flush(new CoinChanges(5, coins(0, 1), List.of()))))
        .hasMessageContaining("stands at 5");
    assertThat(await(store.load(outpoints(0, 1)))).isEmpty();
  }

  @Test
  void writesNothingOnceTheLeaseIsLost() throws Exception {
    testDatabase.execute("UPDATE coin_cursor SET generation = generation + 1");
    assertThatThrownBy(() -> await(store.flush(new CoinChanges(1, coins(0, 1), List.of()))))
        .hasMessageContaining("become the writer");
    assertThat(await(store.load(outpoints(0, 1)))).isEmpty();
    until(vertx, "the node is told", () -> lost.size() == 1);
  }
}
