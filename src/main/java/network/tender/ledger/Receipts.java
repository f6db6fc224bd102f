package network.tender.ledger;

import java.util.List;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.MerkleNodes;
import network.tender.chain.Transaction;

/** Makes the receipts of one block; its merkle tree is computed once. */
public final class Receipts {
  private final String network;
  private final int height;
  private final BlockHeader header;
  private final long timeMillis;
  private final Certificate certificate;
  private final MerkleNodes nodes;
  private final Transaction coinbase;
  private final List<Hash> coinbaseBranch;

  /**
   * Of a block read back or sealed.
   *
   * @param network name of the network
   */
  public Receipts(
      String network, int height, Block block, long timeMillis, Certificate certificate) {
    this.network = network;
    this.height = height;
    this.header = block.header();
    this.timeMillis = timeMillis;
    this.certificate = certificate;
    this.nodes = MerkleNodes.of(block.txids());
    this.coinbase = stripped(block.transactions().get(0));
    this.coinbaseBranch = nodes.branch(0);
  }

  private static Transaction stripped(Transaction coinbase) {
    try {
      return Transaction.parse(coinbase.toStrippedBytes());
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Of a sealed block. */
  public static Receipts of(String network, SealedBlock block) {
    return new Receipts(
        network, block.height(), block.block(), block.timeMillis(), block.certificate());
  }

  /**
   * The receipt of one transaction.
   *
   * @param position its number in the block, the coinbase being 0
   */
  public Receipt receipt(int position) {
    return new Receipt(
        network,
        nodes.node(0, position),
        height,
        header,
        position,
        nodes.branch(position),
        coinbase,
        coinbaseBranch,
        timeMillis,
        certificate);
  }
}
