package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
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

  private static final Compaction.Pace AT_ONCE = Compaction.Pace.of(Duration.ZERO);
  private static final Compaction.Pace SOON = Compaction.Pace.of(Duration.ofSeconds(1));

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
    store = await(PgCoinStore.open(database, lease, QUICK, AT_ONCE));
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

  private int storedCoins() {
    return testDatabase.queryInt(
        "SELECT coalesce(sum(coins), 0)::int FROM coin_page"
            + " WHERE run IN (SELECT number FROM coin_run WHERE kind = 1)");
  }

  @Test
  void keepsCoinsInMoreThanOneStatementAndFindsThem() throws Exception {
    assertThat(await(store.cursor())).isZero();
    await(store.flush(new CoinChanges(10, coins(0, 5000), Map.of())));
    assertThat(await(store.cursor())).isEqualTo(10);
    assertThat(await(store.load(outpoints(0, 5000)))).isEqualTo(coins(0, 5000));
    assertThat(await(store.load(outpoints(4990, 5010)))).isEqualTo(coins(4990, 5000));
    assertThat(await(store.load(List.of()))).isEmpty();
    await(store.flush(new CoinChanges(12, coins(5000, 5003), coins(0, 4990))));
    assertThat(await(store.cursor())).isEqualTo(12);
    assertThat(await(store.load(outpoints(0, 5003)))).isEqualTo(coins(4990, 5003));
  }

  @Test
  void findsTheCoinsOfAScript() throws Exception {
    await(store.flush(new CoinChanges(1, coins(0, 100), Map.of())));
    Map<Outpoint, Coin> found = await(store.ofScript(TestChain.script(3).hash(), 50));
    assertThat(found).hasSize(10);
    assertThat(found.values()).allMatch(coin -> coin.script().equals(TestChain.script(3)));
    assertThat(await(store.ofScript(TestChain.script(3).hash(), 4))).hasSize(4);
    assertThat(await(store.ofScript(TestChain.script(77).hash(), 4))).isEmpty();
  }

  @Test
  void aFlushWhoseAnswerIsLostHappensOnce() throws Exception {
    for (FaultProxy.Cut cut : List.of(FaultProxy.Cut.AFTER_COMMIT, FaultProxy.Cut.BEFORE_COMMIT)) {
      int height = await(store.cursor()) + 1;
      int first = height * 100;
      proxy.arm(cut);
      await(store.flush(new CoinChanges(height, coins(first, first + 50), Map.of())));
      assertThat(proxy.cuts()).as("the cut happened").isEqualTo(height);
      assertThat(await(store.cursor())).isEqualTo(height);
      assertThat(await(store.load(outpoints(first, first + 50)))).hasSize(50);
      // Nothing in the tables forbids a coin to be there twice.
      assertThat(storedCoins()).isEqualTo(height * 50);
    }
  }

  /**
   * Whoever handed changes in takes them back when the store did not even try, and may then tell of
   * a coin as spent that never was there.
   */
  @Test
  void aSpentCoinThatNeverCameLeavesNothing() throws Exception {
    testDatabase.execute("ALTER TABLE coin_cursor RENAME TO away");
    assertThatThrownBy(() -> await(store.flush(new CoinChanges(1, coins(0, 2), Map.of()))));
    testDatabase.execute("ALTER TABLE away RENAME TO coin_cursor");
    await(store.flush(new CoinChanges(2, coins(1, 3), coins(0, 1))));
    assertThat(await(store.load(outpoints(0, 3)))).isEqualTo(coins(1, 3));
    assertThat(storedCoins()).isEqualTo(2);
    // What is certain again is taken as it is.
    await(store.flush(new CoinChanges(3, Map.of(), coins(1, 2))));
    assertThat(storedCoins()).isEqualTo(1);
  }

  @Test
  void aFlushThatIsHandedInAgainIsRefusedAndDoublesNothing() throws Exception {
    CoinChanges changes = new CoinChanges(1, coins(0, 50), Map.of());
    await(store.flush(changes));
    assertThatThrownBy(() -> await(store.flush(changes))).hasMessageContaining("stands at 1");
    assertThat(storedCoins()).isEqualTo(50);
  }

  /** Whoever tries long enough can make txids that begin with the same 8 bytes. */
  @Test
  void coinsWhoseKeysBeginAlikeAreApart() throws Exception {
    Hash first = new Hash(-77, 1, 2, 3);
    Outpoint one = new Outpoint(first, 4);
    Outpoint same = new Outpoint(new Hash(-77, 1, 2, 4), 4);
    Outpoint other = new Outpoint(first, -5);
    Outpoint absent = new Outpoint(new Hash(-77, 9, 2, 3), 4);
    Map<Outpoint, Coin> all = Map.of(one, coin(3), same, coin(13), other, coin(23));
    await(store.flush(new CoinChanges(1, all, Map.of())));
    assertThat(await(store.load(List.of(one, same, other, absent)))).isEqualTo(all);
    assertThat(await(store.load(List.of(same)))).isEqualTo(Map.of(same, coin(13)));
    assertThat(await(store.load(List.of(absent, new Outpoint(first, 5))))).isEmpty();
    assertThat(await(store.ofScript(TestChain.script(3).hash(), 9))).isEqualTo(all);

    await(store.flush(new CoinChanges(2, Map.of(), Map.of(one, coin(3)))));
    assertThat(await(store.load(List.of(one, same, other, absent))))
        .isEqualTo(Map.of(same, coin(13), other, coin(23)));
    await(store.flush(new CoinChanges(3, Map.of(one, coin(33)), Map.of(same, coin(13)))));
    assertThat(await(store.ofScript(TestChain.script(3).hash(), 9)))
        .isEqualTo(Map.of(one, coin(33), other, coin(23)));
  }

  /** More of them than fit on a page, and more than are looked for at a time. */
  @Test
  void oneScriptMayHaveVeryManyCoins() throws Exception {
    Script script = TestChain.script(3);
    Map<Outpoint, Coin> all = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      all.put(TestChain.outpoint(i), new Coin(Amount.ofSat(i), script, 1, false));
    }
    await(store.flush(new CoinChanges(1, all, Map.of())));
    Map<Outpoint, Coin> gone = new HashMap<>();
    for (int i = 0; i < 5_000; i += 3) {
      gone.put(TestChain.outpoint(i), all.remove(TestChain.outpoint(i)));
    }
    await(store.flush(new CoinChanges(2, coins(7_000, 7_050), gone)));
    coins(7_000, 7_050)
        .forEach(
            (outpoint, coin) -> {
              if (coin.script().equals(script)) {
                all.put(outpoint, coin);
              }
            });
    assertThat(await(store.ofScript(script.hash(), 10_000))).isEqualTo(all);
    assertThat(await(store.ofScript(script.hash(), 2_500)))
        .hasSize(2_500)
        .allSatisfy((outpoint, coin) -> assertThat(all).containsEntry(outpoint, coin));
  }

  @Test
  void scriptsOfEveryLengthAreKept() throws Exception {
    Map<Outpoint, Coin> all = new HashMap<>();
    for (int length : new int[] {0, 1, 22, 34, 40, 41, 1_900, 2_000, 8_192, 10_000}) {
      byte[] script = new byte[length];
      Arrays.fill(script, (byte) 0x61);
      all.put(TestChain.outpoint(length), new Coin(Amount.MAX, Script.of(script), 1 << 30, true));
    }
    all.put(TestChain.outpoint(-1), new Coin(Amount.ZERO, Script.EMPTY, 0, false));
    await(store.flush(new CoinChanges(1, all, Map.of())));
    assertThat(await(store.load(all.keySet()))).isEqualTo(all);
  }

  /** Else whoever spends one of them would have all of their pages read. */
  @Test
  void oneOutputOfThousandsIsOnAPageOrTwo() throws Exception {
    Map<Outpoint, Coin> all = new HashMap<>();
    Hash txid = new Hash(1, 2, 3, 4);
    Hash sameBeginning = new Hash(1, 2, 3, 5);
    for (int i = -500; i < 2_500; i++) {
      all.put(new Outpoint(txid, i), coin(i + 1_000));
      all.put(new Outpoint(sameBeginning, i), coin(i + 5_000));
    }
    await(store.flush(new CoinChanges(1, all, Map.of())));
    assertThat(await(store.load(all.keySet()))).isEqualTo(all);
    // What it asks for is what the run says can have it.
    CoinRuns runs = await(CoinRuns.open(database.pool()));
    CoinRun run = runs.list().of(CoinKind.OUTPOINT).get(0);
    for (int i = -500; i < 2_500; i++) {
      assertThat(run.select(CoinTargets.of(List.of(new Outpoint(txid, i))), new int[1])).isOne();
      assertThat(run.lastPage(1, i) - run.firstPage(1, i)).isLessThanOrEqualTo(1);
      assertThat(await(runs.find(List.of(new Outpoint(txid, i))))).hasSize(1);
    }
  }

  /** A new chain may get its coins faster than the database looks at them. */
  @Test
  void pagesAreFoundByTheIndexBeforeThereAreStatistics() throws Exception {
    testDatabase.execute(
        """
        ALTER TABLE coin_page SET (autovacuum_enabled = false);
        INSERT INTO coin_page (run, number, coins, sat, entries)
        SELECT 1, n, 0, 0, sha256(int8send(n)) FROM generate_series(1, 50000) AS n;
        """);
    assertThat(testDatabase.plan(CoinRuns.PAGES, "'{1}', '{0}'"))
        .contains("Index Scan using coin_page_pkey on coin_page");
  }

  @Test
  void anAuditCountsWhatIsStored() throws Exception {
    await(store.flush(new CoinChanges(1, coins(0, 500), Map.of())));
    await(store.flush(new CoinChanges(2, coins(500, 600), coins(0, 90))));
    long sat = coins(90, 600).values().stream().mapToLong(coin -> coin.amount().sat()).sum();
    testDatabase.execute(
        """
        INSERT INTO block
        SELECT 2, sha256('block'), sha256('a') || sha256('b') || '\\x00112233445566778899aabbccddeeff',
          0, 600, 600, 510, 1000000, 10, 1000010, '', '', ''""");
    CoinStore.Audit audit = await(store.audit());
    assertThat(audit.coins()).isEqualTo(510);
    assertThat(audit.sat()).isEqualTo(sat);
    assertThat(audit.missingCoins()).isZero();
    assertThat(audit.supplyDifferenceSat()).isEqualTo(1_000_000 - sat);
    testDatabase.execute("DELETE FROM coin_page WHERE run = 1 AND number = 3");
    assertThat(await(store.audit()).coins()).isLessThan(510);
  }

  /**
   * Thousands of flushes' worth of coming and going against a plain map: with merges under way,
   * with the store opened anew, and with flushes whose answers are lost.
   */
  @Test
  void isAPlainMapWhateverIsMergedMeanwhile() throws Exception {
    long seed = Long.getLong("coins.seed", 20_26);
    System.out.println("coins.seed=" + seed);
    Random random = new Random(seed);
    Map<Outpoint, Coin> truth = new HashMap<>();
    List<Outpoint> unspent = new ArrayList<>();
    int next = 0;
    for (int height = 1; height <= 120; height++) {
      Map<Outpoint, Coin> created = new HashMap<>();
      Map<Outpoint, Coin> spent = new HashMap<>();
      int most = random.nextInt(10) == 0 ? 3_000 : 200;
      for (int i = random.nextInt(most); i > 0 && !unspent.isEmpty(); i--) {
        int place = random.nextInt(unspent.size());
        Outpoint gone = unspent.get(place);
        unspent.set(place, unspent.get(unspent.size() - 1));
        unspent.remove(unspent.size() - 1);
        spent.put(gone, truth.remove(gone));
      }
      for (int i = random.nextInt(most); i > 0; i--) {
        Outpoint made = new Outpoint(new Hash(random.nextInt(40), next / 3, 0, 0), next % 3);
        created.put(made, coin(next++));
      }
      truth.putAll(created);
      unspent.addAll(created.keySet());
      if (random.nextInt(15) == 0) {
        proxy.arm(
            random.nextBoolean() ? FaultProxy.Cut.AFTER_COMMIT : FaultProxy.Cut.BEFORE_COMMIT);
      }
      await(store.flush(new CoinChanges(height, created, spent)));
      if (random.nextInt(20) == 0) {
        await(store.close());
        store = await(PgCoinStore.open(database, lease, QUICK, AT_ONCE));
      }
      Set<Outpoint> asked = new HashSet<>(spent.keySet());
      for (int i = 0; i < 50 && !unspent.isEmpty(); i++) {
        asked.add(unspent.get(random.nextInt(unspent.size())));
      }
      Map<Outpoint, Coin> expected = new HashMap<>(truth);
      expected.keySet().retainAll(asked);
      assertThat(await(store.load(asked))).as("height " + height).isEqualTo(expected);
      int number = random.nextInt(10);
      Map<Outpoint, Coin> ofScript = new HashMap<>(truth);
      ofScript.values().removeIf(coin -> !coin.script().equals(TestChain.script(number)));
      assertThat(await(store.ofScript(TestChain.script(number).hash(), 100_000)))
          .as("script " + number + " at height " + height)
          .isEqualTo(ofScript);
      assertThat(storedCoins()).isEqualTo(truth.size());
    }
    assertThat(proxy.cuts()).isPositive();
    assertThat(await(store.load(truth.keySet()))).isEqualTo(truth);
    until(vertx, "everything is merged", () -> !store.isMerging());
    assertThat(store.standing().runs()).isLessThan(40);
    assertThat(store.standing().mergeFailures()).isZero();
    until(vertx, "what was left over is removed", () -> unreadPages() == 0);
    assertThat(
            testDatabase.queryInt(
                "SELECT count(*) FROM coin_look_up WHERE run NOT IN (SELECT number FROM coin_run)"))
        .isZero();
  }

  /**
   * The same with a long merge under way, and short ones beside it: with answers lost, and with the
   * store closed in the midst of them.
   */
  @Test
  void isAPlainMapWhileTwoMergesAreUnderWay() throws Exception {
    long seed = Long.getLong("coins.seed", 20_27);
    System.out.println("coins.seed=" + seed);
    Random random = new Random(seed);
    await(store.close());
    Compaction.Pace pace = new Compaction.Pace(Duration.ZERO, Duration.ofSeconds(10), 20_000);
    store = await(PgCoinStore.open(database, lease, QUICK, pace));
    Map<Outpoint, Coin> truth = new HashMap<>();
    List<Outpoint> unspent = new ArrayList<>();
    int next = 0;
    int twoAtOnce = 0;
    int height = 0;
    int runs = MergePolicy.COIN_FACTOR;
    while (height < runs + 90) {
      height++;
      boolean large = height <= runs;
      // One after the other, so that there are many before the long merge has ended.
      boolean quick = !large && height <= runs + 50;
      Map<Outpoint, Coin> created = new HashMap<>();
      Map<Outpoint, Coin> spent = new HashMap<>();
      for (int i = large ? 0 : random.nextInt(quick ? 20 : 200); i > 0; i--) {
        int place = random.nextInt(unspent.size());
        Outpoint gone = unspent.get(place);
        unspent.set(place, unspent.get(unspent.size() - 1));
        unspent.remove(unspent.size() - 1);
        spent.put(gone, truth.remove(gone));
      }
      for (int i = large ? 15_000 : random.nextInt(quick ? 20 : 200); i > 0; i--) {
        Outpoint made =
            new Outpoint(new Hash(random.nextInt(5_000), next / 3, 0, random.nextLong()), next % 3);
        created.put(
            made,
            new Coin(Amount.ofSat(next), TestChain.script(next % 1_000), height, next % 2 == 0));
        next++;
      }
      truth.putAll(created);
      unspent.addAll(created.keySet());
      if (!large && random.nextInt(15) == 0) {
        proxy.arm(
            random.nextBoolean() ? FaultProxy.Cut.AFTER_COMMIT : FaultProxy.Cut.BEFORE_COMMIT);
      }
      await(store.flush(new CoinChanges(height, created, spent)));
      twoAtOnce += store.merges() == 2 ? 1 : 0;
      assertThat(store.standing().mergeFailures()).isZero();
      if (quick) {
        continue;
      }
      if (!large && random.nextInt(60) == 0) {
        await(store.close());
        store = await(PgCoinStore.open(database, lease, QUICK, pace));
      }
      Map<Outpoint, Coin> expected = new HashMap<>();
      Set<Outpoint> asked = new HashSet<>(spent.keySet());
      for (int i = 0; i < 50; i++) {
        Outpoint one = unspent.get(random.nextInt(unspent.size()));
        asked.add(one);
        expected.put(one, truth.get(one));
      }
      assertThat(await(store.load(asked))).as("height " + height).isEqualTo(expected);
      if (!large) {
        assertFindsScript(random.nextInt(1_000), truth);
        assertThat(storedCoins()).isEqualTo(truth.size());
      }
    }
    System.out.println(
        "two merges at once after "
            + twoAtOnce
            + " flushes of "
            + height
            + ", cuts "
            + proxy.cuts());
    proxy.arm(FaultProxy.Cut.NEVER);
    until(
        vertx,
        "everything is merged",
        () -> !store.isMerging() && store.standing().unreadPages() == 0);
    assertThat(store.standing().mergeFailures()).isZero();
    assertThat(await(store.load(truth.keySet()))).isEqualTo(truth);
    for (int script = 0; script < 1_000; script += 50) {
      assertFindsScript(script, truth);
    }
    assertThat(storedCoins()).isEqualTo(truth.size());
    assertThat(unreadPages()).isZero();
    assertThat(
            testDatabase.queryInt(
                "SELECT ((SELECT sum(pages) FROM coin_run) - count(*))::int FROM coin_page"))
        .as("pages that are missing")
        .isZero();
    // What the database says is what the node has in memory.
    PgCoinStore again = await(PgCoinStore.open(database, lease, QUICK, pace));
    assertThat(again.standing().runs()).isEqualTo(store.standing().runs());
    assertThat(await(again.load(truth.keySet()))).isEqualTo(truth);
    await(again.close());
  }

  private void assertFindsScript(int number, Map<Outpoint, Coin> truth) throws TimeoutException {
    Script script = TestChain.script(number);
    Map<Outpoint, Coin> ofScript = new HashMap<>();
    truth.forEach(
        (outpoint, coin) -> {
          if (coin.script().equals(script)) {
            ofScript.put(outpoint, coin);
          }
        });
    assertThat(await(store.ofScript(script.hash(), 100_000)))
        .as("script " + number)
        .isEqualTo(ofScript);
  }

  /** What is made and spent again and again leaves nothing behind for ever. */
  @Test
  void spentCoinsAreForgotten() throws Exception {
    for (int height = 1; height <= 40; height++) {
      await(
          store.flush(
              new CoinChanges(
                  height,
                  coins(height * 1_000, height * 1_000 + 1_000),
                  height == 1 ? Map.of() : coins(height * 1_000 - 1_000, height * 1_000))));
      until(vertx, "it is merged", () -> !store.isMerging());
    }
    assertThat(storedCoins()).isEqualTo(1_000);
    assertThat(testDatabase.queryInt("SELECT sum(entries)::int FROM coin_run WHERE kind = 1"))
        .isLessThan(20_000);
  }

  private int unreadPages() {
    return testDatabase.queryInt(
        "SELECT count(*) FROM coin_page WHERE run NOT IN (SELECT number FROM coin_run)");
  }

  /** Enough flushes for a merge of each kind. */
  private void flushUntilMerged(PgCoinStore store) throws TimeoutException {
    for (int height = 1; height <= MergePolicy.COIN_FACTOR; height++) {
      await(store.flush(new CoinChanges(height, coins(height * 50, height * 50 + 50), Map.of())));
    }
    until(vertx, "it is merged", () -> store.standing().runs() == 2);
  }

  /** Nobody may come with another flush for days. */
  @Test
  void pagesOfReplacedRunsGoWithoutAnotherFlush() throws Exception {
    PgCoinStore idle = await(PgCoinStore.open(database, lease, QUICK, SOON));
    flushUntilMerged(idle);
    until(vertx, "they are removed", () -> unreadPages() == 0);
    assertThat(await(idle.load(outpoints(50, 850)))).isEqualTo(coins(50, 850));
    await(idle.close());
  }

  @Test
  void pagesThatWereLeftOverGoWithoutAFlushAndNoOthersDo() throws Exception {
    PgCoinStore before = await(PgCoinStore.open(database, lease, QUICK));
    await(before.flush(new CoinChanges(1, coins(0, 100), Map.of())));
    await(before.close());
    testDatabase.execute(
        "INSERT INTO coin_page SELECT run, n, 0, 0, '\\x00'"
            + " FROM unnest(ARRAY[77, 90]) AS run, generate_series(0, 9999) AS n");
    PgCoinStore idle = await(PgCoinStore.open(database, lease, QUICK, SOON));
    assertThat(unreadPages()).as("a start does not wait for them").isEqualTo(20_000);
    await(idle.flush(new CoinChanges(2, coins(100, 200), Map.of())));
    assertThat(testDatabase.queryInt("SELECT min(number)::int FROM coin_run WHERE to_height = 2"))
        .as("a number that no run had")
        .isGreaterThan(90);
    until(vertx, "they are removed", () -> unreadPages() == 0);
    until(vertx, "none is counted", () -> idle.standing().unreadPages() == 0);
    assertThat(await(idle.load(outpoints(0, 200)))).isEqualTo(coins(0, 200));
    await(idle.close());
  }

  @Test
  void aClosedStoreRemovesNothing() throws Exception {
    Duration grace = Duration.ofSeconds(2);
    PgCoinStore closed = await(PgCoinStore.open(database, lease, QUICK, Compaction.Pace.of(grace)));
    flushUntilMerged(closed);
    until(vertx, "it waits", () -> !closed.isMerging());
    await(closed.close());
    int left = unreadPages();
    assumeThat(left).as("pages left; the machine stood still for %s", grace).isPositive();
    // A timer of its own would have come before this one, and failed for want of a connection.
    await(vertx.timer(grace.toMillis() + 500, TimeUnit.MILLISECONDS));
    assertThat(unreadPages()).isEqualTo(left);
    assertThat(closed.standing().mergeFailures()).isZero();
    assertThat(closed.isMerging()).isFalse();
  }

  /** Takes the pages of one of the first runs away, as a broken disk might; they are kept aside. */
  private void damage(PgCoinStore store) throws TimeoutException {
    for (int height = 1; height < MergePolicy.COIN_FACTOR; height++) {
      await(store.flush(new CoinChanges(height, coins(height * 50, height * 50 + 50), Map.of())));
    }
    testDatabase.execute(
        """
        CREATE TABLE aside AS SELECT * FROM coin_page
        WHERE run IN (SELECT number FROM coin_run WHERE kind = 1 AND from_height = 3);
        DELETE FROM coin_page USING aside WHERE coin_page.run = aside.run""");
  }

  @Test
  void whatIsDamagedIsNotMergedAfterEachFlush() throws Exception {
    testDatabase.execute(
        "INSERT INTO coin_page SELECT 7, n, 0, 0, '\\x00' FROM generate_series(0, 9) AS n");
    PgCoinStore damaged =
        await(
            PgCoinStore.open(
                database,
                lease,
                QUICK,
                new Compaction.Pace(Duration.ZERO, Duration.ofHours(1), 1_000)));
    damage(damaged);
    for (int height = MergePolicy.COIN_FACTOR; height < 40; height++) {
      await(damaged.flush(new CoinChanges(height, coins(height * 50, height * 50 + 9), Map.of())));
      until(vertx, "it waits", () -> !damaged.isMerging());
    }
    assertThat(damaged.standing().mergeFailures()).isEqualTo(1);
    assertThat(damaged.standing().unreadPages()).isZero();
    until(vertx, "those of the failed merge are removed too", () -> unreadPages() == 0);
    await(damaged.close());
  }

  @Test
  void anIdleStoreTriesAgainLessAndLessOften() throws Exception {
    PgCoinStore damaged =
        await(
            PgCoinStore.open(
                database,
                lease,
                QUICK,
                new Compaction.Pace(Duration.ZERO, Duration.ofMillis(100), 1_000)));
    damage(damaged);
    long begun = System.nanoTime();
    int last = MergePolicy.COIN_FACTOR;
    await(damaged.flush(new CoinChanges(last, coins(last * 50, last * 50 + 50), Map.of())));
    until(vertx, "it has failed", () -> damaged.standing().mergeFailures() >= 4);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(700));
    testDatabase.execute("INSERT INTO coin_page SELECT * FROM aside");
    until(vertx, "it is merged", () -> damaged.standing().runs() == 2);
    until(vertx, "pages are removed", () -> damaged.standing().unreadPages() == 0);
    assertThat(unreadPages()).isZero();
    assertThat(await(damaged.load(outpoints(50, 850)))).isEqualTo(coins(50, 850));
    await(damaged.close());
  }

  /**
   * Up to the eighteenth migration, each coin was a row. They are not taken over: the coins are
   * made anew from the journal.
   */
  @Test
  void coinsOfAnOlderDatabaseAreMadeAnew() throws Exception {
    TestDatabase older = TestDatabase.createEmpty();
    DatabaseOptions options = older.options();
    Flyway.configure(Database.class.getClassLoader())
        .dataSource(options.jdbcUrl(), options.user(), options.password())
        .locations("classpath:db/migration")
        .target("18")
        .load()
        .migrate();
    older.execute("UPDATE coin_cursor SET height = 7");
    Database migrated =
        await(
            Database.open(
                vertx, options, DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]))));
    WriterLease other =
        await(WriterLease.acquire(migrated, WriterLease.Options.DEFAULT, lost::add));
    PgCoinStore anew = await(PgCoinStore.open(migrated, other, QUICK));
    assertThat(await(anew.cursor())).isZero();
    await(anew.close());
    await(other.close());
    await(migrated.close());
  }

  @Test
  void aFlushMayTakeLongerThanTheLimitAsLongAsItIsAnswered() throws Exception {
    PgCoinStore impatient =
        await(
            PgCoinStore.open(
                database,
                lease,
                new RetryPolicy(
                    Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofSeconds(1))));
    // Half a MiB in each statement: an answer about every half of a second, for 4 s.
    proxy.slowDown(1_000_000);
    await(impatient.flush(new CoinChanges(1, coins(0, 40_000), Map.of())));
    assertThat(await(store.cursor())).isEqualTo(1);
    assertThat(storedCoins()).isEqualTo(40_000);
    await(impatient.close());
  }

  @Test
  void refusesChangesBehindItsCursor() throws Exception {
    await(store.flush(new CoinChanges(5, Map.of(), Map.of())));
    assertThatThrownBy(() -> await(store.flush(new CoinChanges(5, coins(0, 1), Map.of()))))
        .hasMessageContaining("stands at 5");
    assertThat(await(store.load(outpoints(0, 1)))).isEmpty();
  }

  @Test
  void writesNothingOnceTheLeaseIsLost() throws Exception {
    testDatabase.execute("UPDATE coin_cursor SET generation = generation + 1");
    assertThatThrownBy(() -> await(store.flush(new CoinChanges(1, coins(0, 1), Map.of()))))
        .hasMessageContaining("become the writer");
    assertThat(await(store.load(outpoints(0, 1)))).isEmpty();
    until(vertx, "the node is told", () -> lost.size() == 1);
  }
}
