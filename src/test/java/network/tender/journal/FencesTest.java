package network.tender.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against a look at every page, with keys that are spread evenly, not at all, and not evenly. */
class FencesTest {
  private static final long SEED = 26;

  private record Fence(long key, int height, int position) {
    boolean isBelow(long otherKey, int otherHeight, int otherPosition) {
      return IndexEntry.compare(key, height, position, otherKey, otherHeight, otherPosition) < 0;
    }
  }

  @Test
  void pagesAreFoundHoweverKeysAreSpread() {
    System.out.println("FencesTest: seed " + SEED);
    Random random = new Random(SEED);
    for (int round = 0; round < 400; round++) {
      int shape = round % 5;
      List<Fence> all = new ArrayList<>();
      for (int i = random.nextInt(round < 20 ? 3 : 900); i > 0; i--) {
        all.add(new Fence(key(random, shape), random.nextInt(3) - 1, random.nextInt(3)));
      }
      all.sort(
          Comparator.comparingLong(Fence::key)
              .thenComparingInt(Fence::height)
              .thenComparingInt(Fence::position));
      Fences.Builder builder = new Fences.Builder();
      all.forEach(fence -> builder.add(fence.key(), fence.height(), fence.position()));
      Fences fences = builder.build();
      for (int i = 0; i < 60; i++) {
        long key = key(random, i % 2 == 0 ? shape : 0);
        if (!all.isEmpty() && i % 3 == 0) {
          key = all.get(random.nextInt(all.size())).key();
        }
        int height = random.nextInt(3) - 1;
        int position = random.nextInt(3);
        assertThat(fences.lastPage(key, height, position))
            .isEqualTo(below(all, key, height, position) - 1);
        assertThat(fences.firstPage(key, height))
            .isEqualTo(Math.max(0, below(all, key, height, 0) - 1));
      }
    }
  }

  private static int below(List<Fence> all, long key, int height, int position) {
    return (int) all.stream().filter(fence -> fence.isBelow(key, height, position)).count();
  }

  private static long key(Random random, int shape) {
    return switch (shape) {
      case 0 -> random.nextLong();
      case 1 -> random.nextInt(4);
      case 2 -> Long.MAX_VALUE - random.nextInt(1_000);
      case 3 -> random.nextInt(20) == 0 ? random.nextLong() : 77 + random.nextInt(50);
      default -> 1L << random.nextInt(Long.SIZE);
    };
  }
}
