package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Amount;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;
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
    }
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
