package network.tender.ledger;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.MerkleTree;
import network.tender.chain.Transaction;

/** Makes the receipts of one block; its merkle tree is computed once. */
public final class Receipts {
  private final String network;
  private final int height;
  private final BlockHeader header;
  private final long timeMillis;
  private final Certificate certificate;
  private final List<List<Hash>> levels;
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
    this.levels = MerkleTree.levels(block.txids());
    this.coinbase = stripped(block.transactions().get(0));
    this.coinbaseBranch = branch(0);
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
    Hash txid = levels.get(0).get(position);
    return new Receipt(
        network,
        txid,
        height,
        header,
        position,
        branch(position),
        coinbase,
        coinbaseBranch,
        timeMillis,
        certificate);
  }

  private List<Hash> branch(int position) {
    List<Hash> branch = new ArrayList<>(levels.size() - 1);
    int at = position;
    for (int i = 0; i + 1 < levels.size(); i++) {
      List<Hash> level = levels.get(i);
      branch.add(level.get(Math.min(at ^ 1, level.size() - 1)));
      at >>= 1;
    }
    return List.copyOf(branch);
  }
}
