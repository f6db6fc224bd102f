package network.tender.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MerkleTree;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.chain.WitnessCommitment;

/** Blocks that are put together by hand: changed in one place, and mended in the others. */
final class BlockDraft {
  private BlockDraft() {}

  /** A block of these transactions whose commitment, root and work are right. */
  static Block mended(BlockHeader header, List<Transaction> transactions) {
    List<Transaction> all = new ArrayList<>(transactions);
    Hash commitment = WitnessCommitment.compute(all, Hash.ZERO);
    Transaction coinbase = all.get(0);
    List<TransferOutput> outputs = outputs(coinbase);
    if (WitnessCommitment.find(coinbase).isPresent()) {
      outputs.set(
          outputs.size() - 1,
          new TransferOutput(Amount.ZERO, WitnessCommitment.script(commitment)));
    }
    all.set(
        0, Transaction.build(coinbase.version(), inputs(coinbase), outputs, coinbase.lockTime()));
    return rooted(header, all);
  }

  /** A block whose root and work are right. */
  static Block rooted(BlockHeader header, List<Transaction> transactions) {
    List<Hash> txids = transactions.stream().map(Transaction::txid).toList();
    return worked(
        header,
        h ->
            new BlockHeader(
                h.version(), h.previous(), MerkleTree.root(txids), h.timeSeconds(), h.bits(), 0),
        transactions);
  }

  /** A block whose work is right. */
  static Block worked(
      BlockHeader header, UnaryOperator<BlockHeader> change, List<Transaction> transactions) {
    BlockHeader changed = change.apply(header).withNonce(0);
    while (!changed.meetsTarget()) {
      changed = changed.withNonce(changed.nonce() + 1);
    }
    return new Block(changed, transactions);
  }

  static List<TransferInput> inputs(Transaction transaction) {
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < transaction.inputCount(); i++) {
      inputs.add(
          new TransferInput(
              transaction.prevout(i),
              transaction.scriptSig(i),
              transaction.sequence(i),
              transaction.witness(i)));
    }
    return inputs;
  }

  static List<TransferOutput> outputs(Transaction transaction) {
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < transaction.outputCount(); i++) {
      outputs.add(transaction.output(i));
    }
    return outputs;
  }
}
