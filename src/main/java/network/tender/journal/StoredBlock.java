package network.tender.journal;

import java.util.List;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.ledger.Certificate;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;

/**
 * A durable block as read back from the journal.
 *
 * @param height its height
 * @param hash its hash
 * @param block header and transactions
 * @param timeMillis when it was sealed, Unix milliseconds
 * @param certificate the validators' signatures; none on the genesis block
 * @param spent for each transaction, the coins its inputs spend; empty for the coinbase
 * @param totals sums over the chain up to and including it
 */
public record StoredBlock(
    int height,
    Hash hash,
    Block block,
    long timeMillis,
    Certificate certificate,
    List<List<Coin>> spent,
    ChainTotals totals) {
  /** Makes the list unmodifiable. */
  public StoredBlock {
    spent = List.copyOf(spent);
  }
}
