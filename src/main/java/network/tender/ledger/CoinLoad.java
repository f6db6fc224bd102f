package network.tender.ledger;

import java.util.Set;
import network.tender.chain.Outpoint;

/**
 * A load of coins from the coin store, as begun by the writer. It is of no use any more once a
 * flush has ended after it began: what was read may have been spent in that flush.
 *
 * @param epoch number of flushes that had ended when it began
 * @param outpoints what is asked for
 */
public record CoinLoad(long epoch, Set<Outpoint> outpoints) {
  /** Makes the set unmodifiable. */
  public CoinLoad {
    outpoints = Set.copyOf(outpoints);
  }
}
