package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Hash;
import network.tender.chain.Transaction;
import network.tender.journal.ChainIndex.Place;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A script with a long history, walked from page to page to its end. What a page takes is printed;
 * {@code -Dhistory.entries=100000} makes the history longer.
 */
class LongHistoryTest {
  private static final int ENTRIES = Integer.getInteger("history.entries", 20_000);
  private static final int PER_BLOCK = 1_000;
  private static final int PAGE = 25;

  /** Paid by every transfer, and by one transfer of each block. */
  private static final int BUSY = 7;

  private static final int RARE = 8;

  private final Vertx vertx = Vertx.vertx();
  private final TestChain chain = new TestChain();
  private OpenJournal open;
  private PgChainIndex index;

  @BeforeEach
  void open() throws TimeoutException {
    RetryPolicy retries = RetryPolicy.beyond(Duration.ofSeconds(30));
    open = OpenJournal.create(vertx, retries);
    for (int made = 0; made < ENTRIES; made += PER_BLOCK) {
      await(open.journal().append(block(made)));
    }
    index =
        await(
            PgChainIndex.open(
                open.database(), open.lease(), PgChainIndex.Options.DEFAULT, retries));
    until(vertx, "indexed", () -> index.lagBlocks() == 0);
  }

  private SealedBlock block(int made) {
    Transaction[] transfers = new Transaction[Math.min(PER_BLOCK, ENTRIES - made)];
    for (int i = 0; i < transfers.length; i++) {
      int other = i == 0 ? RARE : 1_000 + made + i;
      transfers[i] = TestChain.transfer(TestChain.outpoint(made + i), BUSY, other);
    }
    return chain.next(transfers);
  }

  @AfterEach
  void close() throws TimeoutException {
    await(index.close());
    open.close();
    await(vertx.close());
  }

  /** The whole history, page by page; what each page took goes into the list. */
  private int walk(int owner, List<Long> nanos) throws TimeoutException {
    Hash script = TestChain.script(owner).hash();
    Optional<Place> last = Optional.empty();
    int count = 0;
    while (true) {
      long from = System.nanoTime();
      List<Place> page = await(index.history(script, last, PAGE));
      nanos.add(System.nanoTime() - from);
      for (Place place : page) {
        last.ifPresent(before -> assertThat(isOlder(place, before)).isTrue());
        last = Optional.of(place);
      }
      count += page.size();
      if (page.size() < PAGE) {
        return count;
      }
    }
  }

  private static boolean isOlder(Place place, Place before) {
    return place.height() < before.height()
        || (place.height() == before.height() && place.position() < before.position());
  }

  @Test
  void everyPageOfALongHistoryIsFoundInItsPlace() throws TimeoutException {
    List<Long> busy = new ArrayList<>();
    assertThat(walk(BUSY, busy)).isEqualTo(ENTRIES);
    List<Long> rare = new ArrayList<>();
    int blocks = (ENTRIES + PER_BLOCK - 1) / PER_BLOCK;
    assertThat(walk(RARE, rare)).isEqualTo(blocks);
    long from = System.nanoTime();
    ScriptTotals totals = await(index.totals(TestChain.script(BUSY).hash(), blocks));
    long cold = System.nanoTime() - from;
    assertThat(totals.fundedCount()).isEqualTo(ENTRIES);
    from = System.nanoTime();
    ScriptTotals same = await(index.totals(TestChain.script(BUSY).hash(), blocks));
    long again = System.nanoTime() - from;
    assertThat(same).isEqualTo(totals);
    System.out.printf(
        Locale.ROOT,
        "LongHistoryTest: %d entries; a page: %s; pages over %d blocks each: %s; sums: %.1f ms, again %.2f ms%n",
        ENTRIES,
        spread(busy),
        PAGE,
        spread(rare),
        cold / 1e6,
        again / 1e6);
  }

  private static String spread(List<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "p50 %.2f ms, p99 %.2f ms, worst %.2f ms of %d",
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        sorted[sorted.length - 1] / 1e6,
        Arrays.stream(sorted).count());
  }
}
