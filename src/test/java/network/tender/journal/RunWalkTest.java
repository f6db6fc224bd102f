package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs of bytes, of which each page has some, in the order in which a walk goes through them. */
class RunWalkTest {
  private static final long SEED = 20_261_127;
  private static final int RUNS_OF_A_TEST = 300;

  private final Random random = new Random(SEED);
  private final Vertx vertx = Vertx.vertx();
  private final WorkerExecutor worker = vertx.createSharedWorkerExecutor("walk", 1);
  private final Map<SortedRun.Page, byte[]> pages = new HashMap<>();
  private int reads;

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  /** An entry is one byte, its key; which run it is of tells apart those that are alike. */
  private static final class Cursor implements PageCursor<Cursor> {
    private final byte[] page;
    private int at = 0;

    Cursor(byte[] page) {
      this.page = page;
    }

    @Override
    public boolean next() {
      return ++at < page.length;
    }

    @Override
    public int compareKeys(Cursor other) {
      return Byte.compare(page[at], other.page[other.at]);
    }
  }

  /** What an entry says. */
  private record Entry(int run, int key) {}

  /** Takes a few entries at a time. */
  private static final class Taken implements RunWalk.Sink<Cursor> {
    private final List<Entry> entries = new ArrayList<>();
    private int room;
    private boolean ended;

    @Override
    public void add(Cursor entry) {
      assertThat(ended).isFalse();
      entries.add(new Entry(entry.page[0], entry.page[entry.at]));
      room--;
    }

    @Override
    public boolean isFull() {
      return room <= 0;
    }

    @Override
    public void end() {
      assertThat(ended).isFalse();
      ended = true;
    }
  }

  /** A run of so many pages, of one entry to three; all of it is part of the walk, or a piece. */
  private RunWalk.Part makeRun(int run, int pageCount, List<Entry> all) {
    int from = pageCount == 0 ? 0 : random.nextInt(Math.min(3, pageCount));
    int key = random.nextInt(4);
    for (int number = 0; number < pageCount; number++) {
      byte[] page = new byte[2 + random.nextInt(3)];
      page[0] = (byte) run;
      for (int i = 1; i < page.length; i++) {
        page[i] = (byte) key;
        if (number >= from) {
          all.add(new Entry(run, key));
        }
        key = Math.min(Byte.MAX_VALUE, key + random.nextInt(3));
      }
      pages.put(new SortedRun.Page(run, number), page);
    }
    return new RunWalk.Part(run, from, pageCount);
  }

  private Future<Map<SortedRun.Page, byte[]>> read(Collection<SortedRun.Page> wanted) {
    reads++;
    Map<SortedRun.Page, byte[]> found = new HashMap<>(pages);
    found.keySet().retainAll(wanted);
    return Future.succeededFuture(found);
  }

  @Test
  void entriesComeInOrderAndOfEqualOnesTheOlderRunsFirst() throws Exception {
    System.out.println("RunWalkTest: seed " + SEED);
    int equal = 0;
    int readOften = 0;
    for (int round = 0; round < RUNS_OF_A_TEST; round++) {
      pages.clear();
      reads = 0;
      List<Entry> all = new ArrayList<>();
      List<RunWalk.Part> parts = new ArrayList<>();
      // None, one, and many; not only powers of two. Now and then a run without a page.
      int runs = round % 20;
      for (int run = 0; run < runs; run++) {
        parts.add(makeRun(run, random.nextInt(round % 3 == 0 ? 3 : 40), all));
      }
      all.sort(Comparator.comparingInt(Entry::key));
      RunWalk<Cursor> walk = new RunWalk<>("test", 1 << 20, this::read, Cursor::new, worker, parts);
      Taken taken = new Taken();
      boolean more = true;
      while (more) {
        taken.room = 1 + random.nextInt(50);
        more = await(walk.fill(taken));
      }
      assertThat(taken.ended).isTrue();
      assertThat(taken.entries).as("round %d", round).isEqualTo(all);
      equal += all.size() - (int) all.stream().map(Entry::key).distinct().count();
      readOften += reads > 2 ? 1 : 0;
    }
    assertThat(equal).isGreaterThan(10_000);
    assertThat(readOften).isGreaterThan(100);
  }

  @Test
  void aPageThatIsGoneEndsTheWalk() {
    List<RunWalk.Part> parts = List.of(makeRun(0, 30, new ArrayList<>()));
    pages.remove(new SortedRun.Page(0, 29));
    RunWalk<Cursor> walk = new RunWalk<>("test", 1 << 20, this::read, Cursor::new, worker, parts);
    Taken taken = new Taken();
    taken.room = Integer.MAX_VALUE;
    assertThatThrownBy(() -> await(walk.fill(taken))).isInstanceOf(RunReplacedException.class);
    assertThat(taken.ended).isFalse();
  }
}
