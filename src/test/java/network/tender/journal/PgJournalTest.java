package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.journal.Journal.Appended;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PgJournalTest {
  private static final Network REGTEST =
      DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]));
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(10), Duration.ofMillis(200), Duration.ofSeconds(3));

  private final Vertx vertx = Vertx.vertx();
  private final TestChain chain = new TestChain();
  private final List<String> lost = new CopyOnWriteArrayList<>();
  private final List<PgJournal> journals = new ArrayList<>();
  private TestDatabase testDatabase;
  private Database database;
  private FaultProxy proxy;
  private WriterLease lease;

  @BeforeEach
  void open() throws TimeoutException {
    testDatabase = TestDatabase.create();
    testDatabase.execute("CREATE TABLE note (height int PRIMARY KEY)");
    proxy = FaultProxy.start(vertx, testDatabase.options().port());
    database = await(Database.open(vertx, testDatabase.options().withPort(proxy.port()), REGTEST));
    lease = await(WriterLease.acquire(database, WriterLease.Options.DEFAULT, lost::add));
  }

  @AfterEach
  void close() throws TimeoutException {
    for (PgJournal journal : journals) {
      await(journal.close());
    }
    await(lease.close());
    await(database.close());
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private PgJournal journal(CommitParticipant... participants) throws TimeoutException {
    PgJournal journal = await(PgJournal.open(database, lease, List.of(participants), QUICK));
    journals.add(journal);
    return journal;
  }

  private static Future<Void> note(SqlConnection connection, SealedBlock block) {
    return connection
        .preparedQuery("INSERT INTO note VALUES ($1)")
        .execute(Tuple.of(block.height()))
        .mapEmpty();
  }

  private long count(String table) throws TimeoutException {
    return await(
        database
            .pool()
            .query("SELECT count(*) FROM " + table + " AS counted")
            .execute()
            .map(rows -> rows.iterator().next().getLong(0)));
  }

  @Test
  void beginsWithTheGenesisBlockAndKeepsIt() throws Exception {
    StoredBlock tip = await(journal().tip());
    assertThat(tip.height()).isZero();
    assertThat(tip.hash()).isEqualTo(Network.genesis().hash());
    assertThat(tip.block()).isEqualTo(Network.genesis());
    assertThat(await(journal().tip()).height()).isZero();
  }

  @Test
  void givesBackWhatWasAppended() throws Exception {
    PgJournal journal = journal();
    SealedBlock block =
        chain.next(
            TestChain.transfer(TestChain.outpoint(1), 1, 2),
            TestChain.transfer(TestChain.outpoint(2), 3));
    assertThat(await(journal.append(block))).isEqualTo(new Appended.Durable());
    // A reader of its own, so that the rows are read rather than the cache.
    BlockReader reader = new BlockReader(database);
    for (StoredBlock stored :
        List.of(
            await(reader.byHash(block.hash())).orElseThrow(),
            await(reader.tip()).orElseThrow(),
            await(reader.read(1, 10)).get(0),
            await(journal.byHeight(1)).orElseThrow())) {
      assertThat(stored.height()).isEqualTo(1);
      assertThat(stored.hash()).isEqualTo(block.hash());
      assertThat(stored.block()).isEqualTo(block.block());
      assertThat(stored.timeMillis()).isEqualTo(block.timeMillis());
      assertThat(stored.spent()).isEqualTo(block.spent());
      assertThat(stored.totals()).isEqualTo(block.totals());
      assertThat(stored.certificate().signatures().get(0).bytes())
          .isEqualTo(block.certificate().signatures().get(0).bytes());
    }
    assertThat(await(reader.byHeight(2))).isEmpty();
    assertThat(await(reader.read(2, 10))).isEmpty();
  }

  @Test
  void appendsTheBootstrapInFewTransactions() throws Exception {
    PgJournal journal = journal(PgJournalTest::note);
    List<SealedBlock> blocks = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      blocks.add(chain.next());
    }
    assertThat(await(journal.appendAll(blocks))).isEqualTo(new Appended.Durable());
    assertThat(await(journal.tip()).height()).isEqualTo(250);
    assertThat(count("note")).isEqualTo(250);
    assertThat(await(journal.read(0, 1000))).hasSize(251);
    assertThat(count("(SELECT DISTINCT xmin::text FROM block WHERE height > 0)"))
        .as("transactions")
        .isEqualTo(5);
  }

  @Test
  void largeBlocksAreReadInPiecesThatFitInMemory() throws Exception {
    PgJournal journal = journal();
    for (int i = 0; i < 6; i++) {
      await(journal.append(chain.next(TestChain.large(TestChain.outpoint(i), 3_900_000))));
    }
    List<StoredBlock> part = await(journal.read(1, 100));
    assertThat(part).hasSize(4);
    assertThat(await(journal.read(5, 100))).hasSize(2);
  }

  @Test
  void aConnectionCutBeforeCommitEndsDurableExactlyOnce() throws Exception {
    cutAt(FaultProxy.Cut.BEFORE_COMMIT);
  }

  @Test
  void aConnectionCutAfterCommitEndsDurableExactlyOnce() throws Exception {
    cutAt(FaultProxy.Cut.AFTER_COMMIT);
  }

  @Test
  void aConnectionThatFallsSilentBeforeCommitEndsDurableExactlyOnce() throws Exception {
    cutAt(FaultProxy.Cut.SILENCE_BEFORE_COMMIT);
  }

  private void cutAt(FaultProxy.Cut cut) throws TimeoutException {
    AtomicInteger writes = new AtomicInteger();
    AtomicInteger committed = new AtomicInteger();
    List<Boolean> availability = new CopyOnWriteArrayList<>();
    PgJournal journal =
        journal(
            new CommitParticipant() {
              @Override
              public Future<Void> write(SqlConnection connection, SealedBlock block) {
                writes.incrementAndGet();
                return note(connection, block);
              }

              @Override
              public void committed(SealedBlock block) {
                committed.incrementAndGet();
              }
            });
    journal.onAvailability(availability::add);
    await(journal.append(chain.next()));
    proxy.arm(cut);
    SealedBlock block = chain.next(TestChain.transfer(TestChain.outpoint(1), 1));
    assertThat(await(journal.append(block))).isEqualTo(new Appended.Durable());
    assertThat(proxy.cuts()).as("the cut happened").isEqualTo(1);
    // After COMMIT the answer is found by reading back; before it, by doing it again.
    assertThat(writes.get()).isEqualTo(cut == FaultProxy.Cut.AFTER_COMMIT ? 2 : 3);
    assertThat(committed.get()).isEqualTo(2);
    assertThat(availability).containsExactly(false, true);
    assertThat(await(journal.append(chain.next()))).isEqualTo(new Appended.Durable());
    assertThat(count("block")).isEqualTo(4);
    assertThat(count("note")).isEqualTo(3);
    assertThat(await(journal.tip()).height()).isEqualTo(3);
  }

  @Test
  void aFailingParticipantNeitherLoopsHotNorLetsTheBlockThrough() throws Exception {
    testDatabase.execute("INSERT INTO note VALUES (1)");
    AtomicInteger writes = new AtomicInteger();
    PgJournal journal =
        journal(
            (connection, block) -> {
              writes.incrementAndGet();
              return note(connection, block);
            });
    Future<Appended> append = journal.append(chain.next());
    until(vertx, "five attempts", () -> writes.get() >= 5);
    assertThat(append.isComplete()).isFalse();
    assertThat(journal.isAvailable()).isFalse();
    assertThat(await(journal.tip()).height()).isZero();
    int before = writes.get();
    await(vertx.timer(500, TimeUnit.MILLISECONDS));
    assertThat(writes.get() - before).as("attempts in half a second").isBetween(1, 4);
    testDatabase.execute("DELETE FROM note");
    assertThat(await(append)).isEqualTo(new Appended.Durable());
    assertThat(journal.isAvailable()).isTrue();
    assertThat(count("note")).isEqualTo(1);
  }

  @Test
  void aParticipantThatHidesItsErrorCommitsNothing() throws Exception {
    AtomicInteger writes = new AtomicInteger();
    PgJournal journal =
        journal(
            (connection, block) ->
                writes.incrementAndGet() == 1
                    ? connection.query("SELECT 1/0").execute().<Void>mapEmpty().otherwiseEmpty()
                    : note(connection, block));
    assertThat(await(journal.append(chain.next()))).isEqualTo(new Appended.Durable());
    assertThat(writes.get()).isEqualTo(2);
    assertThat(count("note")).isEqualTo(1);
    assertThat(count("block")).isEqualTo(2);
  }

  @Test
  void aBlockThatDoesNotFollowIsABugAndIsNotRepeatedForever() throws Exception {
    PgJournal journal = journal();
    chain.next();
    SealedBlock second = chain.next();
    assertThatThrownBy(() -> await(journal.append(second)))
        .hasMessageContaining("does not follow the journal's newest block");
    assertThat(await(journal.tip()).height()).isZero();
  }

  @Test
  void nothingIsCommittedAfterAnotherProcessTookTheLease() throws Exception {
    PgJournal journal = journal(PgJournalTest::note);
    await(journal.append(chain.next()));
    // As if this process had been paused for long: its lock is gone and another one wrote since.
    testDatabase.execute("UPDATE chain_head SET generation = generation + 1");
    Appended appended = await(journal.append(chain.next()));
    assertThat(appended).isInstanceOf(Appended.LeaseLost.class);
    assertThat(((Appended.LeaseLost) appended).explanation()).contains("become the writer");
    until(vertx, "the node is told", () -> lost.size() == 1);
    assertThat(lease.isHeld()).isFalse();
    assertThat(count("note")).isEqualTo(1);
    assertThat(await(journal.tip()).height()).isEqualTo(1);
  }

  @Test
  void aReadOnlyDatabaseIsAwayUntilItTakesWritesAgain() throws Exception {
    PgJournal journal = journal();
    String name = testDatabase.options().database();
    testDatabase.execute("ALTER DATABASE " + name + " SET default_transaction_read_only = on");
    TestDatabase.execute(
        TestDatabase.admin(),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
    // Nobody appends: the probe alone has to notice both.
    until(vertx, "unavailable", () -> !journal.isAvailable());
    assertThat(await(journal.tip()).height()).as("reads go on").isZero();
    Future<Appended> append = journal.append(chain.next());
    await(vertx.timer(300, TimeUnit.MILLISECONDS));
    assertThat(append.isComplete()).isFalse();
    TestDatabase.execute(
        TestDatabase.admin(),
        "ALTER DATABASE " + name + " SET default_transaction_read_only = off");
    assertThat(await(append)).isEqualTo(new Appended.Durable());
    until(vertx, "available", journal::isAvailable);
  }

  @Test
  void anAppendThatTheCloseOvertakesHasNoOutcome() throws Exception {
    PgJournal journal = journal();
    proxy.arm(FaultProxy.Cut.SILENCE_BEFORE_COMMIT);
    Future<Appended> append = journal.append(chain.next());
    until(vertx, "the link is silent", () -> proxy.cuts() == 1);
    await(journal.close());
    assertThat(await(append)).isEqualTo(new Appended.Closed());
  }
}
