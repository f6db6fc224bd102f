package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.journal.ChainIndex.Place;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many small runs on a real PostgreSQL, merged while they are read. */
class IndexMergeTest {
  private static final long SEED = 20_261_126;
  private static final int BLOCKS = 300;
  private static final int OWNERS = 40;
  private static final RetryPolicy RETRIES = RetryPolicy.beyond(Duration.ofSeconds(30));

  /** Each block is a run of its own. */
  private static final PgChainIndex.Options SMALL =
      new PgChainIndex.Options(Duration.ofMillis(5), 5, 1_000, 1, Duration.ofSeconds(20));

  private final Vertx vertx = Vertx.vertx();
  private final TestChain chain = new TestChain();
  private final Random random = new Random(SEED);
  private final Map<Integer, List<Place>> historyByOwner = new HashMap<>();
  private final Map<Hash, Place> places = new HashMap<>();
  private final Map<Outpoint, Place> spenders = new HashMap<>();
  private OpenJournal open;

  @BeforeEach
  void open() throws TimeoutException {
    System.out.println("IndexMergeTest: seed " + SEED);
    open = OpenJournal.create(vertx, RETRIES);
  }

  @AfterEach
  void close() throws TimeoutException {
    open.close();
    await(vertx.close());
  }

  private SealedBlock block(int height) {
    Transaction[] transfers = new Transaction[1 + random.nextInt(4)];
    for (int i = 0; i < transfers.length; i++) {
      int owner = 1 + random.nextInt(OWNERS);
      Outpoint spent = TestChain.outpoint(10 * height + i);
      // A unique one beside it, so that no two transfers are alike.
      transfers[i] = TestChain.transfer(spent, owner, 10_000 + 10 * height + i);
      Place place = new Place(height, i + 1);
      historyByOwner.computeIfAbsent(owner, o -> new ArrayList<>()).add(0, place);
      places.put(transfers[i].txid(), place);
      spenders.put(spent, place);
    }
    return chain.next(transfers);
  }

  private void assertFindsEverything(PgChainIndex index) throws TimeoutException {
    for (Map.Entry<Integer, List<Place>> entry : historyByOwner.entrySet()) {
      Hash script = TestChain.script(entry.getKey()).hash();
      List<Place> all = entry.getValue();
      assertThat(await(index.history(script, Optional.empty(), 1_000))).isEqualTo(all);
      assertThat(await(index.totals(script, BLOCKS)).fundedCount()).isEqualTo(all.size());
      if (all.size() > 3) {
        assertThat(await(index.history(script, Optional.of(all.get(1)), 2)))
            .isEqualTo(all.subList(2, 4));
      }
    }
    for (Map.Entry<Hash, Place> entry : places.entrySet()) {
      assertThat(await(index.find(entry.getKey()))).contains(entry.getValue());
    }
    assertThat(await(index.spenders(List.copyOf(spenders.keySet())))).isEqualTo(spenders);
  }

  @Test
  void runsAreMergedWhileTheyAreReadAndNothingIsLost() throws TimeoutException {
    PgChainIndex index = await(PgChainIndex.open(open.database(), open.lease(), SMALL, RETRIES));
    for (int height = 1; height <= BLOCKS; height++) {
      SealedBlock block = block(height);
      await(open.journal().append(block));
      index.onBlock(block);
      // Asked all the time, so that pages go away under the questions.
      int owner = 1 + random.nextInt(OWNERS);
      assertThat(await(index.history(TestChain.script(owner).hash(), Optional.empty(), 1_000)))
          .isEqualTo(historyByOwner.getOrDefault(owner, List.of()));
      assertThat(await(index.find(block.block().transactions().get(1).txid())))
          .contains(new Place(height, 1));
    }
    until(vertx, "written and merged", () -> index.lagBlocks() == 0 && !index.isMerging());
    assertThat(index.runs()).isLessThan(3 * 2 * MergePolicy.FACTOR);
    assertThat(open.where().queryInt("SELECT count(DISTINCT run) FROM index_page"))
        .isEqualTo(index.runs());
    assertFindsEverything(index);
    await(index.close());

    PgChainIndex again = await(PgChainIndex.open(open.database(), open.lease(), SMALL, RETRIES));
    assertFindsEverything(again);
    await(again.close());
  }

  @Test
  void pagesOfAMergeThatWasCutOffAreRemovedAndTheirNumbersNotUsedAgain() throws TimeoutException {
    open.where()
        .execute(
            "INSERT INTO index_page SELECT 77, number, '\\x00' FROM generate_series(0, 4999) number");
    PgChainIndex index = await(PgChainIndex.open(open.database(), open.lease(), SMALL, RETRIES));
    SealedBlock block = block(1);
    await(open.journal().append(block));
    index.onBlock(block);
    until(
        vertx,
        "written and swept",
        () ->
            index.lagBlocks() == 0
                && !index.isMerging()
                && open.where().queryInt("SELECT count(*) FROM index_page WHERE run = 77") == 0);
    assertThat(open.where().queryInt("SELECT min(number) FROM index_run")).isGreaterThan(77);
    assertFindsEverything(index);
    await(index.close());
  }

  @Test
  void mergesThatFailLeaveNothingBehind() throws TimeoutException {
    // Pages that nobody reads, and runs that are due, one of which lacks its last page.
    open.where()
        .execute(
            "INSERT INTO index_page SELECT 7, number, '\\x00' FROM generate_series(0, 9) number");
    for (int run = 0; run < MergePolicy.FACTOR; run++) {
      IndexPages pages = new IndexPages(IndexKind.TRANSFER, run);
      for (int i = 0; i < 20_000; i++) {
        pages.add(IndexEntry.at((long) i << 40, run, 0));
      }
      pages.end();
      insert(pages.run(100 + run, run, run), pages.take());
    }
    open.where()
        .execute(
            "DELETE FROM index_page WHERE run = 100"
                + " AND number = (SELECT max(number) FROM index_page WHERE run = 100)");
    PgChainIndex index = await(PgChainIndex.open(open.database(), open.lease(), SMALL, RETRIES));
    for (int height = 1; height <= 5; height++) {
      SealedBlock block = block(height);
      await(open.journal().append(block));
      index.onBlock(block);
      until(vertx, "written", () -> index.lagBlocks() == 0 && !index.isMerging());
    }
    assertThat(
            open.where()
                .queryInt(
                    "SELECT count(DISTINCT run) FROM index_page"
                        + " WHERE run NOT IN (SELECT number FROM index_run)"))
        .as("of the last attempt at most")
        .isLessThanOrEqualTo(1);
    await(index.close());
  }

  private void insert(IndexRun run, List<byte[]> pages) throws TimeoutException {
    Integer[] numbers = new Integer[pages.size()];
    Buffer[] entries = new Buffer[pages.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
      entries[i] = Buffer.buffer(pages.get(i));
    }
    await(
        open.database()
            .pool()
            .preparedQuery(
                "INSERT INTO index_page SELECT $1, * FROM unnest($2::int[], $3::bytea[])")
            .execute(Tuple.tuple().addLong(run.number()).addValue(numbers).addValue(entries)));
    await(
        open.database()
            .pool()
            .preparedQuery("INSERT INTO index_run VALUES ($1, $2, $3, $4, $5, $6)")
            .execute(
                Tuple.of(
                    run.number(),
                    (short) run.kind().code(),
                    run.fromHeight(),
                    run.toHeight(),
                    run.entries(),
                    Buffer.buffer(run.fences().toBytes()))));
  }
}
