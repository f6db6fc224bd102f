package network.tender.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Random;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.ledger.ChainTotals;
import org.junit.jupiter.api.Test;

class PackedBlocksTest {
  private static PackedBlock block(int height, int body, int certificate, int spent) {
    Random bytes = new Random(height);
    return new PackedBlock(
        height,
        new Hash(height, 1, 2, 3),
        bytes(bytes, body),
        1_700_000_000_000L + height,
        bytes(bytes, certificate),
        bytes(bytes, spent),
        new ChainTotals(
            height, 2L * height, Amount.ofSat(3L * height), Amount.ZERO, Amount.ofSat(4)));
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void assertKept(PackedBlocks blocks, PackedBlock block) {
    Optional<PackedBlock> kept = blocks.get(block.height());
    assertThat(kept).isPresent();
    assertThat(kept.get()).usingRecursiveComparison().isEqualTo(block);
  }

  @Test
  void aBlockComesBackAsItWasPut() {
    PackedBlocks blocks = new PackedBlocks(1_000);
    assertThat(blocks.get(1)).isEmpty();
    blocks.put(block(1, 500, 64, 300));
    assertKept(blocks, block(1, 500, 64, 300));
    assertThat(blocks.get(2)).isEmpty();
  }

  @Test
  void aBlockThatFillsAllRoomIsKeptAndALargerOneIsNot() {
    PackedBlocks blocks = new PackedBlocks(100);
    blocks.put(block(1, 10, 10, 10));
    blocks.put(block(2, 80, 10, 10));
    assertThat(blocks.get(1)).isEmpty();
    assertKept(blocks, block(2, 80, 10, 10));
    blocks.put(block(3, 81, 10, 10));
    assertThat(blocks.get(3)).isEmpty();
    assertKept(blocks, block(2, 80, 10, 10));
    blocks.put(block(4, 1, 0, 0));
    assertThat(blocks.get(2)).isEmpty();
    assertKept(blocks, block(4, 1, 0, 0));
  }

  @Test
  void aBlockThatIsPutAgainIsThereOnce() {
    PackedBlocks blocks = new PackedBlocks(100);
    blocks.put(block(1, 40, 0, 0));
    blocks.put(block(2, 10, 0, 0));
    blocks.put(block(1, 20, 0, 5));
    assertKept(blocks, block(1, 20, 0, 5));
    assertKept(blocks, block(2, 10, 0, 0));
  }

  /** Never a byte of another block, and never less than what fits whatever the sizes. */
  @Test
  void theNewestAreKeptHoweverOftenTheMemoryIsUsed() {
    long seed = 20_261_126;
    System.out.println("PackedBlocksTest: seed " + seed);
    Random random = new Random(seed);
    int capacity = 30_000;
    PackedBlocks blocks = new PackedBlocks(capacity);
    Deque<PackedBlock> put = new ArrayDeque<>();
    int kept = 0;
    for (int height = 1; height <= 400; height++) {
      int most = random.nextInt(20) == 0 ? 3_000 : 400;
      PackedBlock block =
          block(height, random.nextInt(most), random.nextInt(70), random.nextInt(most));
      blocks.put(block);
      put.addFirst(block);
      assertKept(blocks, block);
      // Lost is what is left at the end, and what is left of the block overwritten last.
      long certain = capacity - 2 * 6_100L;
      long sum = 0;
      boolean gone = false;
      for (PackedBlock one : put) {
        sum += one.bytes();
        if (blocks.get(one.height()).isPresent()) {
          assertThat(gone).as("newest first, and no gap").isFalse();
          assertThat(blocks.get(one.height()).get().body()).isEqualTo(one.body());
          assertThat(blocks.get(one.height()).get().spent()).isEqualTo(one.spent());
          kept++;
        } else {
          gone = true;
          assertThat(sum).isGreaterThan(certain);
        }
        if (sum > 2L * capacity) {
          break;
        }
      }
    }
    assertThat(kept).isGreaterThan(400 * 10);
  }
}
