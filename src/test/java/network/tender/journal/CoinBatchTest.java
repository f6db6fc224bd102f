package network.tender.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CoinBatchTest {
  @Test
  void entriesAreInTheOrderOfAllBytesOfTheirKeys() {
    Random random = new Random(7);
    for (int count : new int[] {0, 1, 2, 3, 255, 256, 257, 5_000}) {
      for (int differ : new int[] {1, 2, 8, 20}) {
        byte[][] entries = new byte[count][];
        for (int i = 0; i < count; i++) {
          entries[i] = new byte[24];
          byte[] some = new byte[differ];
          random.nextBytes(some);
          // Differ in the last bytes of the key, or in all of it.
          System.arraycopy(some, 0, entries[i], CoinKind.SCRIPT.keyBytes() - differ, differ);
        }
        byte[][] expected = entries.clone();
        Arrays.sort(
            expected, (one, other) -> CoinEntry.compareKeys(CoinKind.SCRIPT, one, 0, other, 0));
        assertThat(CoinBatch.sorted(CoinKind.SCRIPT, entries)).isEqualTo(expected);
      }
    }
  }
}
