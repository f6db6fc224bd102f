package network.tender.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CoinFilterTest {
  private static final int ASKED = 20_000;

  @Test
  void shortRunsHardlyEverHaveAPageReadInVain() {
    assertThat(wrongOnes(1)).isLessThan(ASKED / 200);
    assertThat(wrongOnes(60_000)).isLessThan(ASKED / 200);
  }

  @Test
  void longRunsSeldomHave() {
    assertThat(wrongOnes(1_000_001)).isBetween(ASKED / 1_000, ASKED / 50);
  }

  /** Notes so many entries, and says how many others it takes for noted. */
  private static int wrongOnes(int entries) {
    SplittableRandom random = new SplittableRandom(entries);
    CoinFilter filter = CoinFilter.sized(entries);
    long[] noted = new long[entries];
    for (int i = 0; i < entries; i++) {
      noted[i] = CoinFilter.hash(random.nextLong(), i % 3);
    }
    filter.add(noted, entries);
    CoinFilter read = CoinFilter.parse(filter.toBytes());
    int[] some = new int[entries];
    assertThat(read.select(noted, some)).isEqualTo(entries);
    int[] all = new int[entries];
    Arrays.setAll(all, i -> i);
    assertThat(some).isEqualTo(all);

    long[] others = random.longs(ASKED).map(beginning -> CoinFilter.hash(beginning, 0)).toArray();
    return read.select(others, new int[ASKED]);
  }
}
