package network.tender.ledger;

import java.util.List;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.Transaction;

/**
 * Proof that a transfer is settled, verifiable offline with the validators' public keys alone.
 *
 * @param network name of the network
 * @param txid the transfer
 * @param height height of its block
 * @param header the block's header
 * @param position the transfer's place in the block, the coinbase being 0
 * @param branch merkle siblings from the txid up to the header's root
 * @param coinbase the block's first transaction without its witness: its script bears the network's
 *     name, the height and the time, so these are proved too
 * @param coinbaseBranch merkle siblings from the coinbase up to the same root; as long as {@code
 *     branch}, so that no inner node of the tree can pass for a transfer (CVE-2017-12842)
 * @param timeMillis when the block was sealed, Unix milliseconds
 * @param certificate the validators' signatures over the block
 */
public record Receipt(
    String network,
    Hash txid,
    int height,
    BlockHeader header,
    int position,
    List<Hash> branch,
    Transaction coinbase,
    List<Hash> coinbaseBranch,
    long timeMillis,
    Certificate certificate) {
  /** Makes the branches unmodifiable. */
  public Receipt {
    branch = List.copyOf(branch);
    coinbaseBranch = List.copyOf(coinbaseBranch);
  }

  /** Hash of the block that holds the transfer. */
  public Hash blockHash() {
    return header.hash();
  }
}
