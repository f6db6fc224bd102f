package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import network.tender.chain.Amount;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Merges of coins on a real PostgreSQL, which end when the test lets them. */
class CompactionTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofSeconds(3));
  private static final int SHORT_ENTRIES = 50;

  private final Vertx vertx = Vertx.vertx();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final Map<Outpoint, Coin> truth = new HashMap<>();
  private final Promise<Boolean> longMay = Promise.promise();
  private volatile boolean storeClosed;
  private TestDatabase testDatabase;
  private Database database;
  private WriterLease lease;
  private WriterConnection writer;
  private WorkerExecutor worker;
  private CoinRuns runs;
  private RunWrites<CoinRun, CoinPages.Page> writes;

  /** Two large runs and four small ones, of each kind. */
  @BeforeEach
  void open() throws TimeoutException {
    testDatabase = TestDatabase.create();
    database =
        await(
            Database.open(
                vertx,
                testDatabase.options(),
                DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]))));
    lease = await(WriterLease.acquire(database, WriterLease.Options.DEFAULT, lost -> {}));
    PgCoinStore store = await(PgCoinStore.open(database, lease, QUICK));
    for (int height = 1; height <= 6; height++) {
      Map<Outpoint, Coin> made = new HashMap<>();
      for (int i = 0; i < (height <= 2 ? 100 : 10); i++) {
        int number = height * 100 + i;
        made.put(
            TestChain.outpoint(number),
            new Coin(Amount.ofSat(number), TestChain.script(i), height, false));
      }
      truth.putAll(made);
      await(store.flush(new CoinChanges(height, made, Map.of())));
    }
    await(store.close());
    writer = new WriterConnection(database, "coins", QUICK);
    worker = vertx.createSharedWorkerExecutor("merges", 1);
    writes = new RunWrites<>(writer, lease, new CoinTables());
    runs = await(CoinRuns.open(database.pool()));
  }

  @AfterEach
  void close() throws TimeoutException {
    await(writer.close());
    await(worker.close());
    await(lease.close());
    await(database.close());
    await(vertx.close());
  }

  private Compaction<CoinKind, CoinRun, CoinPages.Page> compaction(
      Compaction.Due<CoinRun, CoinPages.Page> due) {
    return new Compaction<>(
        EventLoop.current(vertx),
        writes,
        runs.list(),
        new Compaction.Pace(Duration.ZERO, Duration.ofMillis(10), SHORT_ENTRIES),
        due,
        failures::add);
  }

  /** A merge of runs by outpoint, which reads once the first Future has ended. */
  private RunMerge<CoinRun, CoinPages.Page> merge(
      List<CoinRun> parts, Supplier<Future<Boolean>> first) {
    CoinPages pages = new CoinPages(CoinKind.OUTPOINT, MergePolicy.entries(parts));
    CoinWalk walk =
        new CoinWalk(
            CoinKind.OUTPOINT, runs, worker, parts.stream().map(RunWalk.Part::whole).toList());
    return new RunMerge<>(
        writes,
        worker,
        () -> storeClosed,
        parts,
        runs.list().newNumber(),
        pages,
        () -> first.get().compose(done -> walk.fill(pages)));
  }

  /** The long merge of the two large runs, then one at a time of two small ones each. */
  private Optional<RunMerge<CoinRun, CoinPages.Page>> due(
      boolean longUnderWay, Supplier<Future<Boolean>> first) {
    List<CoinRun> all = runs.list().of(CoinKind.OUTPOINT);
    if (!longUnderWay) {
      return all.get(0).toHeight() == 1
          ? Optional.of(merge(all.subList(0, 2), longMay::future))
          : Optional.empty();
    }
    int from = all.size() - (all.size() == 6 ? 4 : 2);
    return all.size() >= 5
        ? Optional.of(merge(List.copyOf(all.subList(from, from + 2)), first))
        : Optional.empty();
  }

  private List<Integer> heights() {
    return runs.list().of(CoinKind.OUTPOINT).stream().map(CoinRun::fromHeight).toList();
  }

  private void assertNothingIsLost() throws TimeoutException {
    assertThat(await(runs.find(truth.keySet()))).isEqualTo(truth);
    CoinRuns stored = await(CoinRuns.open(database.pool()));
    assertThat(stored.list().all().stream().map(CoinRun::number))
        .containsExactlyInAnyOrderElementsOf(
            runs.list().all().stream().map(CoinRun::number).toList());
    assertThat(await(stored.find(truth.keySet()))).isEqualTo(truth);
    assertThat(
            testDatabase.queryInt(
                "SELECT count(*) FROM coin_page WHERE run NOT IN (SELECT number FROM coin_run)"))
        .isZero();
  }

  /** A merge of a closed store ends at once, and is then as due as before. */
  @Test
  void aStoreThatIsClosedWhileItLooksForAMergeLooksForNoOther() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<Compaction<CoinKind, CoinRun, CoinPages.Page>> itself = new AtomicReference<>();
    itself.set(
        compaction(
            (merging, maxEntries) -> {
              if (asked.incrementAndGet() > 100) {
                throw new IllegalStateException("it goes on looking");
              }
              storeClosed = true;
              Objects.requireNonNull(itself.get()).close();
              return due(!merging.isEmpty(), () -> Future.succeededFuture(true));
            }));
    itself.get().run();
    until(vertx, "it has looked", () -> asked.get() > 0 && !itself.get().isBusy());
    await(itself.get().close());
    assertThat(asked).hasValue(1);
    assertThat(failures).isEmpty();
    assertThat(heights()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void shortMergesGoOnBesideALongOneThatEndsLast() throws Exception {
    Compaction<CoinKind, CoinRun, CoinPages.Page> compaction =
        compaction(
            (merging, maxEntries) -> due(!merging.isEmpty(), () -> Future.succeededFuture(true)));
    compaction.run();
    until(vertx, "the short ones have ended", () -> heights().equals(List.of(1, 2, 3, 5)));
    assertThat(compaction.merging()).isOne();
    until(vertx, "their pages are removed", () -> compaction.unreadPages() == 0);
    assertThat(await(runs.find(truth.keySet()))).isEqualTo(truth);
    longMay.complete(true);
    until(vertx, "all have ended", () -> !compaction.isBusy() && compaction.unreadPages() == 0);
    assertThat(heights()).containsExactly(1, 3, 5);
    assertThat(failures).isEmpty();
    assertNothingIsLost();
    await(compaction.close());
  }

  @Test
  void aShortMergeThatFailsLeavesTheLongOneAlone() throws Exception {
    Compaction<CoinKind, CoinRun, CoinPages.Page> compaction =
        compaction(
            (merging, maxEntries) ->
                due(
                    !merging.isEmpty(),
                    () ->
                        failures.size() < 3
                            ? Future.failedFuture("damaged")
                            : Future.succeededFuture(true)));
    compaction.run();
    until(vertx, "the short ones have ended", () -> heights().equals(List.of(1, 2, 3, 5)));
    assertThat(failures).hasSize(3);
    assertThat(compaction.merging()).isOne();
    longMay.complete(true);
    until(vertx, "all have ended", () -> !compaction.isBusy() && compaction.unreadPages() == 0);
    assertThat(heights()).containsExactly(1, 3, 5);
    assertNothingIsLost();
    await(compaction.close());
  }

  @Test
  void aLongMergeThatFailsLeavesTheShortOneAlone() throws Exception {
    Promise<Boolean> shortMay = Promise.promise();
    Compaction<CoinKind, CoinRun, CoinPages.Page> compaction =
        compaction(
            (merging, maxEntries) ->
                failures.isEmpty() ? due(!merging.isEmpty(), shortMay::future) : Optional.empty());
    compaction.run();
    until(vertx, "two are under way", () -> compaction.merging() == 2);
    longMay.fail("damaged");
    until(vertx, "one has failed", () -> compaction.merging() == 1);
    assertThat(failures).hasSize(1);
    shortMay.complete(true);
    until(vertx, "all have ended", () -> !compaction.isBusy() && compaction.unreadPages() == 0);
    assertThat(heights()).containsExactly(1, 2, 3, 5, 6);
    assertNothingIsLost();
    await(compaction.close());
  }

  @Test
  void whoCannotSayWhatIsDueIsAskedAgain() throws Exception {
    List<Long> asked = new CopyOnWriteArrayList<>();
    Compaction<CoinKind, CoinRun, CoinPages.Page> compaction =
        compaction(
            (merging, maxEntries) -> {
              asked.add(maxEntries);
              if (asked.size() <= 2) {
                throw new IllegalStateException("no memory for a filter");
              }
              return Optional.empty();
            });
    compaction.run();
    until(vertx, "it is asked again", () -> asked.size() == 3);
    assertThat(failures).hasSize(2);
    assertThat(compaction.failures()).isEqualTo(2);
    await(compaction.close());
  }
}
