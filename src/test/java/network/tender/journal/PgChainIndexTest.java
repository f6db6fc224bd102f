package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.journal.ChainIndex.Place;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PgChainIndexTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofSeconds(3));

  /** Writes at once, or never while the test runs. */
  private static final Duration SOON = Duration.ofMillis(10);

  private static final Duration NEVER = Duration.ofHours(1);

  private final Vertx vertx = Vertx.vertx();
  private final TestChain chain = new TestChain();
  private final List<PgChainIndex> indexes = new ArrayList<>();
  private OpenJournal open;

  @BeforeEach
  void open() throws TimeoutException {
    open = OpenJournal.create(vertx, QUICK);
  }

  @AfterEach
  void close() throws TimeoutException {
    for (PgChainIndex index : indexes) {
      await(index.close());
    }
    open.close();
    await(vertx.close());
  }

  private PgChainIndex index(Duration writeEvery, int maxWaitingBlocks) throws TimeoutException {
    PgChainIndex index =
        await(
            PgChainIndex.open(
                open.database(),
                open.lease(),
                new PgChainIndex.Options(
                    writeEvery, maxWaitingBlocks, 100_000, 5, Duration.ofSeconds(2)),
                QUICK));
    indexes.add(index);
    return index;
  }

  private SealedBlock append(Transaction... transfers) throws TimeoutException {
    SealedBlock block = chain.next(transfers);
    await(open.journal().append(block));
    return block;
  }

  private static Transaction pay(int number, int... owners) {
    return TestChain.transfer(TestChain.outpoint(number), owners);
  }

  private void assertFindsEverything(ChainIndex index) throws TimeoutException {
    // Height 1 pays 1 and 2, height 2 pays 2 and (in another transfer) 3 and 2, height 3 pays 3.
    assertThat(await(index.find(pay(1, 1, 2).txid()))).contains(new Place(1, 1));
    assertThat(await(index.find(pay(3, 3, 2).txid()))).contains(new Place(2, 2));
    assertThat(await(index.find(Hash.ZERO))).isEmpty();
    assertThat(await(index.spender(TestChain.outpoint(3)))).contains(new Place(2, 2));
    assertThat(await(index.spender(TestChain.outpoint(99)))).isEmpty();
    List<Outpoint> some =
        List.of(TestChain.outpoint(98), TestChain.outpoint(99), TestChain.outpoint(4));
    assertThat(await(index.spending(some)))
        .contains(new ChainIndex.Spending(TestChain.outpoint(4), new Place(3, 1)));
    assertThat(await(index.spending(some.subList(0, 2)))).isEmpty();
    Hash second = TestChain.script(2).hash();
    assertThat(await(index.history(second, Optional.empty(), 10)))
        .containsExactly(new Place(2, 2), new Place(2, 1), new Place(1, 1));
    assertThat(await(index.history(second, Optional.empty(), 2)))
        .containsExactly(new Place(2, 2), new Place(2, 1));
    assertThat(await(index.history(second, Optional.of(new Place(2, 1)), 2)))
        .containsExactly(new Place(1, 1));
    assertThat(await(index.history(second, Optional.of(new Place(1, 1)), 2))).isEmpty();
    Hash third = TestChain.script(3).hash();
    assertThat(await(index.known(List.of(Hash.ZERO, second, third, TestChain.script(77).hash()))))
        .containsExactlyInAnyOrder(second, third);
    assertThat(await(index.known(List.of(Hash.ZERO)))).isEmpty();
    assertThat(await(index.known(List.of()))).isEmpty();
    assertThat(await(index.spenders(some)))
        .isEqualTo(Map.of(TestChain.outpoint(4), new Place(3, 1)));
    assertThat(await(index.spenders(List.of(TestChain.outpoint(1), TestChain.outpoint(3)))))
        .isEqualTo(
            Map.of(TestChain.outpoint(1), new Place(1, 1), TestChain.outpoint(3), new Place(2, 2)));
    // The script of every coin that the test chain's transfers spend.
    assertThat(await(index.history(TestChain.script(900).hash(), Optional.empty(), 10)))
        .containsExactly(new Place(3, 1), new Place(2, 2), new Place(2, 1), new Place(1, 1));
  }

  private static void assertSumsUp(ChainIndex index) throws TimeoutException {
    Hash second = TestChain.script(2).hash();
    // Asked twice, as the answer is kept.
    for (int i = 0; i < 2; i++) {
      assertThat(await(index.totals(second, 3))).isEqualTo(new ScriptTotals(3, 3, 3_006, 0, 0));
      assertThat(await(index.totals(second, 1))).isEqualTo(new ScriptTotals(1, 1, 1_002, 0, 0));
      assertThat(await(index.totals(second, 2))).isEqualTo(new ScriptTotals(3, 3, 3_006, 0, 0));
      assertThat(await(index.totals(TestChain.script(900).hash(), 3)))
          .isEqualTo(new ScriptTotals(4, 0, 0, 4, 20_000));
      assertThat(await(index.totals(Hash.ZERO, 3))).isEqualTo(ScriptTotals.NONE);
    }
  }

  private void appendThree(Optional<ChainIndex> index) throws TimeoutException {
    for (Transaction[] transfers :
        new Transaction[][] {
          {pay(1, 1, 2)}, {pay(2, 2), pay(3, 3, 2)}, {pay(4, 3)},
        }) {
      SealedBlock block = append(transfers);
      index.ifPresent(told -> told.onBlock(block));
    }
  }

  /** A follower makes many blocks durable together and tells of them one by one. */
  @Test
  void aBlockThatNobodyHasToldOfIsNotFound() throws Exception {
    // No room in memory, so that all is read back from the journal.
    PgChainIndex index =
        await(
            PgChainIndex.open(
                open.database(),
                open.lease(),
                new PgChainIndex.Options(SOON, 0, 100_000, 50_000, Duration.ofSeconds(2)),
                QUICK));
    indexes.add(index);
    SealedBlock first = append(pay(1, 1, 2));
    SealedBlock second = append(pay(2, 2));
    index.onBlock(first);
    assertThat(await(index.find(pay(1, 1, 2).txid()))).contains(new Place(1, 1));
    assertThat(await(index.find(pay(2, 2).txid()))).isEmpty();
    assertThat(index.cursor()).isEqualTo(1);
    index.onBlock(second);
    assertThat(await(index.find(pay(2, 2).txid()))).contains(new Place(2, 1));
  }

  @Test
  void answersFromMemoryWhatIsNotWritten() throws Exception {
    PgChainIndex index = index(NEVER, 100);
    until(vertx, "genesis written", () -> index.cursor() == 0);
    appendThree(Optional.of(index));
    assertFindsEverything(index);
    assertSumsUp(index);
    assertThat(index.cursor()).isZero();
    assertThat(index.lagBlocks()).isEqualTo(3);
  }

  @Test
  void answersFromTheTablesWhatIsWritten() throws Exception {
    PgChainIndex index = index(SOON, 100);
    appendThree(Optional.of(index));
    until(vertx, "written", () -> index.cursor() == 3);
    assertFindsEverything(index);
    assertSumsUp(index);
    assertThat(index.lagBlocks()).isZero();
  }

  @Test
  void catchesUpWithTheJournalWhenOpened() throws Exception {
    appendThree(Optional.empty());
    PgChainIndex index = index(NEVER, 100);
    assertFindsEverything(index);
    assertThat(index.cursor()).isEqualTo(3);
  }

  @Test
  void readsBackNoMoreThanOneTransactionShouldWrite() throws Exception {
    appendThree(Optional.empty());
    open.where()
        .execute(
            """
        CREATE TABLE moved (height int);
        CREATE FUNCTION note_move() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO moved VALUES (NEW.height); RETURN NEW; END $$;
        CREATE TRIGGER moved AFTER UPDATE OF height ON index_cursor
        FOR EACH ROW EXECUTE FUNCTION note_move()""");
    PgChainIndex index = index(NEVER, 100);
    until(vertx, "written", () -> index.cursor() == 3);
    // Each block but the genesis block alone has more rows than the five of a batch.
    assertThat(open.where().queryInt("SELECT count(*) FROM moved")).isEqualTo(3);
  }

  @Test
  void answersAcrossMemoryAndTables() throws Exception {
    PgChainIndex first = index(SOON, 100);
    SealedBlock one = append(pay(1, 1, 2));
    first.onBlock(one);
    until(vertx, "written", () -> first.cursor() == 1);
    await(first.close());
    PgChainIndex index = index(NEVER, 100);
    index.onBlock(append(pay(2, 2), pay(3, 3, 2)));
    index.onBlock(append(pay(4, 3)));
    assertThat(index.cursor()).isEqualTo(1);
    assertFindsEverything(index);
    assertSumsUp(index);
  }

  @Test
  void readsBackFromTheJournalWhatDidNotFitInMemory() throws Exception {
    PgChainIndex index = index(Duration.ofMillis(200), 1);
    until(vertx, "genesis written", () -> index.cursor() == 0);
    appendThree(Optional.of(index));
    assertFindsEverything(index);
    until(vertx, "written", () -> index.cursor() == 3);
    assertFindsEverything(index);
  }

  @Test
  void saysSoWhenItDoesNotCoverTheNewestBlocks() throws Exception {
    PgChainIndex index = index(NEVER, 1);
    until(vertx, "genesis written", () -> index.cursor() == 0);
    appendThree(Optional.of(index));
    assertThatThrownBy(() -> await(index.find(pay(1, 1, 2).txid())))
        .isInstanceOf(IndexBehindException.class)
        .hasMessageContaining("3 blocks are missing");
  }

  @Test
  void aHashWithTheSamePrefixIsNotMistaken() throws Exception {
    PgChainIndex index = index(SOON, 100);
    appendThree(Optional.of(index));
    until(vertx, "written", () -> index.cursor() == 3);
    Hash real = pay(1, 1, 2).txid();
    Hash twin = new Hash(real.a(), real.b() + 1, real.c(), real.d());
    assertThat(await(index.find(twin))).isEmpty();
    Outpoint spent = TestChain.outpoint(3);
    Hash other = new Hash(spent.txid().a(), 1, 2, 3);
    assertThat(await(index.spender(new Outpoint(other, spent.index())))).isEmpty();
    // Foreign places under the prefix of script 2, in front of, between and behind its own: first
    // of a script that has 8 bytes in common with it, then of one that has 12.
    Hash second = TestChain.script(2).hash();
    int check = IndexBatch.check(second);
    for (int foreign : new int[] {check + 1, check}) {
      for (int[] place : new int[][] {{3, 1}, {2, 2}, {2, 0}, {1, 0}}) {
        addToRun(place[0], new IndexEntry(second.a(), place[0], place[1], foreign, 9, 9, 9, 9));
      }
      PgChainIndex changed = index(NEVER, 100);
      assertFindsEverything(changed);
      if (foreign != check) {
        assertSumsUp(changed);
      }
    }
  }

  /** Adds an entry to the run of scripts that covers a block, unless it is there. */
  private void addToRun(int height, IndexEntry entry) throws TimeoutException {
    IndexRuns runs = await(IndexRuns.open(open.database().pool()));
    IndexRun run =
        runs.list().of(IndexKind.SCRIPT).stream()
            .filter(some -> some.fromHeight() <= height && height <= some.toHeight())
            .findFirst()
            .orElseThrow();
    byte[] page =
        await(runs.stored(List.of(new SortedRun.Page(run.number(), 0)))).values().iterator().next();
    Set<IndexEntry> entries = new TreeSet<>(IndexPages.read(IndexKind.SCRIPT, page));
    entries.add(entry);
    IndexPages pages = new IndexPages(IndexKind.SCRIPT, run.fromHeight());
    entries.forEach(pages::add);
    pages.end();
    open.where()
        .execute(
            "UPDATE index_page SET entries = '\\x%s' WHERE run = %d; UPDATE index_run SET fences = '\\x%s' WHERE number = %d"
                .formatted(
                    HexFormat.of().formatHex(pages.take().get(0)),
                    run.number(),
                    HexFormat.of().formatHex(pages.run(0, 0, 0).fences().toBytes()),
                    run.number()));
  }

  @Test
  void genesisIsFound() throws Exception {
    PgChainIndex index = index(SOON, 100);
    assertThat(await(index.find(network.tender.chain.Network.genesis().txids().get(0))))
        .contains(new Place(0, 0));
  }
}
