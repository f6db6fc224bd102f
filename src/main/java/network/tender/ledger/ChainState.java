package network.tender.ledger;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.Network;

/**
 * Where a chain stands: all that a ledger needs to go on from a block, beside the coins.
 *
 * @param height height of the newest block
 * @param hash its hash
 * @param timeMillis when it was sealed, Unix milliseconds
 * @param headerSeconds header times of the newest blocks, oldest first, the newest block's last: at
 *     least {@link #MEDIAN_BLOCKS} of them or all there are; more let older relative time locks be
 *     judged
 * @param totals sums over the chain
 */
public record ChainState(
    int height, Hash hash, long timeMillis, List<Long> headerSeconds, ChainTotals totals) {
  /** Number of header times whose median a new block's time must exceed. */
  public static final int MEDIAN_BLOCKS = 11;

  /** Refuses a state with too few or too many header times. */
  public ChainState {
    headerSeconds = List.copyOf(headerSeconds);
    if (height < 0
        || headerSeconds.size() > height + 1
        || headerSeconds.size() < Math.min(MEDIAN_BLOCKS, height + 1)) {
      throw new IllegalArgumentException(
          headerSeconds.size() + " header times don't fit height " + height);
    }
  }

  /** A chain of the genesis block only. */
  public static ChainState genesis() {
    BlockHeader header = Network.genesis().header();
    return new ChainState(
        0,
        header.hash(),
        header.unixSeconds() * 1_000,
        List.of(header.unixSeconds()),
        ChainTotals.NONE);
  }

  /** The state after one more block, with at most {@code maxTimes} header times. */
  public ChainState plus(SealedBlock block, int maxTimes) {
    List<Long> times = new ArrayList<>(headerSeconds);
    times.add(block.block().header().unixSeconds());
    int from = Math.max(0, times.size() - Math.max(maxTimes, MEDIAN_BLOCKS));
    return new ChainState(
        block.height(),
        block.hash(),
        block.timeMillis(),
        times.subList(from, times.size()),
        block.totals());
  }
}
