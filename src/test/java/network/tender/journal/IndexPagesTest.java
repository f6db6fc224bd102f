package network.tender.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IndexPagesTest {
  private static final int BASE = 1_000;

  private static List<IndexEntry> random(IndexKind kind, long seed, int count) {
    System.out.println("IndexPagesTest: seed " + seed);
    Random random = new Random(seed);
    TreeSet<IndexEntry> entries = new TreeSet<>();
    long[] extremes = {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE};
    while (entries.size() < count) {
      // Many places under a few keys, as busy scripts have them, and many keys with one place.
      long key = random.nextInt(3) == 0 ? extremes[random.nextInt(5)] : random.nextLong();
      int height = BASE + (random.nextInt(50) == 0 ? random.nextInt() >>> 1 : random.nextInt(500));
      height = Math.max(BASE, height);
      int position = random.nextInt(30_000);
      if (kind == IndexKind.SCRIPT) {
        int funded = random.nextInt(3);
        int spent = random.nextInt(3);
        entries.add(
            new IndexEntry(
                key,
                height,
                position,
                random.nextInt(),
                funded,
                funded == 0 ? 0 : random.nextLong() >>> (1 + random.nextInt(60)),
                spent,
                spent == 0 ? 0 : random.nextLong() >>> (1 + random.nextInt(60))));
      } else {
        entries.add(IndexEntry.at(key, height, position));
      }
    }
    return List.copyOf(entries);
  }

  @ParameterizedTest
  @EnumSource(IndexKind.class)
  void whatIsPackedIsReadAgainAndFoundByTheFences(IndexKind kind) {
    List<IndexEntry> entries = random(kind, 20_261_126 + kind.code(), 5_000);
    IndexPages packed = new IndexPages(kind, BASE);
    entries.forEach(packed::add);
    packed.end();
    List<byte[]> pages = packed.take();
    Fences fences = Fences.parse(packed.run(0, BASE, BASE).fences().toBytes());
    assertThat(packed.entries()).isEqualTo(entries.size());
    assertThat(fences.pages()).isEqualTo(pages.size()).isGreaterThan(5);
    assertThat(pages)
        .allSatisfy(page -> assertThat(page.length).isLessThan(IndexPages.TARGET_BYTES + 64));
    List<IndexEntry> read = new ArrayList<>();
    for (int number = 0; number < pages.size(); number++) {
      List<IndexEntry> page = IndexPages.read(kind, pages.get(number));
      for (IndexEntry entry : page) {
        assertThat(number)
            .isBetween(
                fences.firstPage(entry.key(), entry.height()),
                fences.lastPage(entry.key(), entry.height(), entry.position() + 1));
      }
      read.addAll(page);
    }
    assertThat(read).isEqualTo(entries);
    long[] some = {Long.MIN_VALUE, -1, 1, entries.get(2_500).key(), Long.MAX_VALUE};
    Arrays.sort(some);
    List<IndexEntry> found = new ArrayList<>();
    pages.forEach(page -> found.addAll(IndexPages.read(kind, page, some)));
    assertThat(found)
        .isNotEmpty()
        .isEqualTo(entries.stream().filter(e -> Arrays.binarySearch(some, e.key()) >= 0).toList());
  }

  @Test
  void thePagesOfManyKeysAreThoseOfEachKey() {
    long seed = 20_261_127;
    System.out.println("IndexPagesTest: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      Fences fences = randomFences(random);
      long[] keys = random.longs(random.nextInt(80), 0, 60).sorted().toArray();
      int below = random.nextInt(8);
      TreeSet<Integer> oneByOne = new TreeSet<>();
      for (long key : keys) {
        int last = fences.lastPage(key, below, 0);
        for (int page = fences.firstPage(key, 0); page <= last; page++) {
          oneByOne.add(page);
        }
      }
      List<Integer> together = new ArrayList<>();
      fences.eachPage(keys, below, together::add);
      assertThat(together).containsExactlyElementsOf(oneByOne);
    }
  }

  /** Of up to 40 pages, some of which begin with the key of the one before. */
  private static Fences randomFences(Random random) {
    Fences.Builder builder = new Fences.Builder();
    long key = random.nextInt(3);
    int height = 0;
    for (int page = random.nextInt(40); page > 0; page--) {
      if (random.nextInt(3) > 0) {
        key += 1 + random.nextInt(3);
        height = random.nextInt(3);
      } else {
        height += 1 + random.nextInt(2);
      }
      builder.add(key, height, random.nextInt(3));
    }
    return builder.build();
  }

  @Test
  void whatIsInFrontOfARunIsOnNoPage() {
    IndexPages packed = new IndexPages(IndexKind.TRANSFER, 5);
    packed.add(IndexEntry.at(10, 7, 3));
    packed.end();
    Fences fences = packed.run(0, BASE, BASE).fences();
    assertThat(fences.lastPage(9, Integer.MAX_VALUE, 0)).isEqualTo(-1);
    assertThat(fences.lastPage(10, 7, 3)).isEqualTo(-1);
    assertThat(fences.lastPage(10, 7, 4)).isZero();
    assertThat(fences.firstPage(11, 0)).isZero();
  }

  @Test
  void aDamagedPageIsAnError() {
    IndexPages packed = new IndexPages(IndexKind.SCRIPT, 5);
    packed.add(new IndexEntry(10, 7, 3, 4, 1, 1_000_000, 0, 0));
    packed.end();
    byte[] page = packed.take().get(0);
    for (int length = 0; length < page.length; length++) {
      byte[] cut = Arrays.copyOf(page, length);
      if (length > 9) {
        assertThatThrownBy(() -> IndexPages.read(IndexKind.SCRIPT, cut))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    assertThatThrownBy(() -> Fences.parse(new byte[17]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void runsOfOneSizeBecomeOneAndTheNumberOfRunsStaysSmall() {
    List<IndexRun> runs = new ArrayList<>();
    long written = 0;
    int most = 0;
    for (int i = 0; i < 100_000; i++) {
      runs.add(run(i, i, 1_000));
      List<IndexRun> due = MergePolicy.ofOneSize(runs, Set.of(), Long.MAX_VALUE);
      if (!due.isEmpty()) {
        assertThat(runs.subList(runs.size() - due.size(), runs.size())).isEqualTo(due);
        long entries = due.stream().mapToLong(IndexRun::entries).sum();
        int from = due.get(0).fromHeight();
        runs.subList(runs.size() - due.size(), runs.size()).clear();
        runs.add(run(from, i, entries));
        written += entries;
      }
      most = Math.max(most, runs.size());
    }
    assertThat(most).isLessThanOrEqualTo(50);
    // Each entry is written again a few times only: 100 million entries are six sizes.
    assertThat(written).isLessThan(8L * 100_000 * 1_000);
  }

  @Test
  void runsOfNearlyOneSizeBecomeOneWhateverThatSizeIs() {
    Random random = new Random(3);
    for (int size = 100; size < 10_000_000; size = size * 3 / 2) {
      List<IndexRun> runs = new ArrayList<>();
      for (int i = 0; i < MergePolicy.FACTOR; i++) {
        runs.add(run(i, i, size + random.nextInt(size)));
      }
      assertThat(MergePolicy.ofOneSize(runs, Set.of(), Long.MAX_VALUE)).isEqualTo(runs);
    }
  }

  @Test
  void thereAreNeverTooManyRunsForOneMerge() {
    List<IndexRun> runs = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      runs.add(run(i, i, 1_000));
    }
    assertThat(MergePolicy.ofOneSize(runs, Set.of(), Long.MAX_VALUE))
        .isEqualTo(runs.subList(0, MergePolicy.MAX_PARTS));
  }

  /** A long merge takes minutes; what is added meanwhile must not stay in a hundred pieces. */
  @Test
  void runsThatAreAddedDuringALongMergeBecomeOneBesideIt() {
    List<IndexRun> runs = new ArrayList<>();
    for (int i = 0; i < MergePolicy.FACTOR; i++) {
      runs.add(run(i, i, 1_000_000));
    }
    List<IndexRun> all = MergePolicy.ofOneSize(runs, Set.of(), Long.MAX_VALUE);
    assertThat(all).isEqualTo(runs);
    assertThat(MergePolicy.ofOneSize(runs, Set.of(), Compaction.SHORT_ENTRIES)).isEmpty();
    Set<Long> merging = all.stream().map(IndexRun::number).collect(Collectors.toSet());
    int most = 0;
    for (int i = runs.size(); i < 200; i++) {
      runs.add(run(i, i, 60_000));
      List<IndexRun> due = MergePolicy.ofOneSize(runs, merging, Compaction.SHORT_ENTRIES);
      assertThat(due).doesNotContainAnyElementsOf(all);
      if (!due.isEmpty()) {
        assertThat(MergePolicy.entries(due)).isLessThanOrEqualTo(Compaction.SHORT_ENTRIES);
        int from = due.get(0).fromHeight();
        long entries = MergePolicy.entries(due);
        runs.removeAll(due);
        runs.add(run(from, i, entries));
      }
      most = Math.max(most, runs.size() - all.size());
    }
    // 192 were added.
    assertThat(most).isLessThan(40);
    assertThat(runs).containsAll(all);
  }

  /** Else each four that are behind a merge would be taken for all that there are. */
  @Test
  void coinsBehindAMergeWaitForOthersOfTheirSize() {
    List<IndexRun> runs = new ArrayList<>(List.of(run(0, 0, 1_000_000)));
    for (int i = 1; i < MergePolicy.COIN_FACTOR; i++) {
      runs.add(run(i, i, 100_000));
    }
    assertThat(MergePolicy.cancelling(runs, Set.of(), Long.MAX_VALUE)).isEqualTo(runs);
    assertThat(MergePolicy.cancelling(runs, Set.of(0L), Long.MAX_VALUE)).isEmpty();
    runs.add(run(MergePolicy.COIN_FACTOR, MergePolicy.COIN_FACTOR, 100_000));
    assertThat(MergePolicy.cancelling(runs, Set.of(0L), Long.MAX_VALUE))
        .isEqualTo(runs.subList(1, runs.size()));
  }

  private static IndexRun run(int from, int to, long entries) {
    return new IndexRun(from, IndexKind.TRANSFER, from, to, entries, new Fences.Builder().build());
  }
}
