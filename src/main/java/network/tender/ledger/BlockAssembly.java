package network.tender.ledger;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Transaction;

/** Puts a block together: coinbase, merkle root, header, proof of work, certificate. */
final class BlockAssembly {
  /** Version 0x20000000: BIP9 with no bits set. */
  static final int VERSION = 0x20000000;

  /**
   * Header, transaction count, and a coinbase with the longest tag, without its treasury script.
   */
  private static final int RESERVED_WEIGHT = 2_000;

  private final Network network;
  private final BlockSigner signer;

  BlockAssembly(Network network, BlockSigner signer) {
    this.network = network;
    this.signer = signer;
  }

  /** Weight units of a block that its transfers can't have. */
  static int reserve(Network network) {
    return RESERVED_WEIGHT + network.treasury().length() * Transaction.WITNESS_SCALE;
  }

  /** Signature operation cost of a block that its transfers can't have. */
  static int sigopReserve(Network network) {
    return SigopCost.legacy(network.treasury()) * Transaction.WITNESS_SCALE;
  }

  /**
   * Assembles the block that follows {@code tip}.
   *
   * @param medianTimePast of the tip
   * @param transfers parents before children
   * @param spent the coins that each of them spends
   * @param pay what the coinbase pays the treasury
   * @param fees the part of it that is the transfers' fees
   * @param timeMillis Unix milliseconds
   */
  SealedBlock assemble(
      ChainState tip,
      long medianTimePast,
      List<Transaction> transfers,
      List<List<Coin>> spent,
      Amount pay,
      Amount fees,
      long timeMillis) {
    int height = tip.height() + 1;
    int count = transfers.size() + 1;
    List<Hash> hashes = new ArrayList<>(count);
    hashes.add(Hash.ZERO);
    for (int i = 0; i < transfers.size(); i++) {
      hashes.add(transfers.get(i).wtxid());
    }
    Transaction coinbase =
        Coinbase.build(network, height, timeMillis, pay, MerkleTree.root(hashes));

    Tally tally = new Tally(tip.totals());
    List<Transaction> transactions = new ArrayList<>(count);
    List<List<Coin>> allSpent = new ArrayList<>(count);
    transactions.add(coinbase);
    allSpent.add(List.of());
    tally.coinbase(coinbase, fees.sat());
    hashes.set(0, coinbase.txid());
    for (int i = 0; i < transfers.size(); i++) {
      Transaction transfer = transfers.get(i);
      transactions.add(transfer);
      allSpent.add(spent.get(i));
      tally.transfer(transfer, spent.get(i));
      hashes.set(i + 1, transfer.txid());
    }
    ChainTotals totals = tally.after();

    long seconds = Math.max(Math.floorDiv(timeMillis, 1_000L), medianTimePast + 1);
    BlockHeader header =
        work(
            new BlockHeader(
                VERSION, tip.hash(), MerkleTree.root(hashes), (int) seconds, Network.BITS, 0));
    Hash hash = header.hash();
    return new SealedBlock(
        height,
        hash,
        new Block(header, transactions),
        timeMillis,
        signer.sign(hash, height),
        allSpent,
        totals);
  }

  /** The header with the first nonce that meets the target. */
  private static BlockHeader work(BlockHeader header) {
    BlockHeader tried = header;
    // Each try succeeds with probability 1/2, so this ends.
    while (!tried.meetsTarget()) {
      tried = tried.withNonce(tried.nonce() + 1);
    }
    return tried;
  }
}
