package network.tender.ledger;

import java.util.List;
import network.tender.chain.Block;
import network.tender.chain.Hash;

/**
 * A block that the ledger has assembled and certified but that may not be durable yet.
 *
 * @param height its height
 * @param hash its hash
 * @param block header and transactions, the coinbase first
 * @param timeMillis when it was sealed, Unix milliseconds (the header has only seconds)
 * @param certificate the validators' signatures
 * @param spent for each transaction, the coins its inputs spend, in order; empty for the coinbase
 * @param totals sums over the chain up to and including this block
 */
public record SealedBlock(
    int height,
    Hash hash,
    Block block,
    long timeMillis,
    Certificate certificate,
    List<List<Coin>> spent,
    ChainTotals totals) {
  /** Makes the lists unmodifiable. */
  public SealedBlock {
    spent = List.copyOf(spent);
  }

  /** Number of transfers: all transactions but the coinbase. */
  public int transferCount() {
    return block.transactions().size() - 1;
  }
}
