package network.tender.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.chain.XOnlyKey;
import network.tender.ledger.Certificate;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.SealedBlock;

/**
 * Makes blocks that follow each other. Their transfers have the right form, not valid signatures.
 */
final class TestChain {
  private int height;
  private Hash tip = Network.genesis().hash();
  private long transfers;

  /** A script that belongs to a number. */
  static Script script(int owner) {
    byte[] hash = new byte[20];
    ByteBuffer.wrap(hash).putInt(owner);
    return Script.p2wpkh(hash);
  }

  /** An outpoint that belongs to a number. */
  static Outpoint outpoint(int number) {
    return new Outpoint(Hashing.sha256d(ByteBuffer.allocate(4).putInt(number).array()), number % 3);
  }

  /** A transfer that spends one outpoint and pays each owner once. */
  static Transaction transfer(Outpoint from, int... owners) {
    List<TransferOutput> outputs = new ArrayList<>();
    for (int owner : owners) {
      outputs.add(new TransferOutput(Amount.ofSat(1000L + owner), script(owner)));
    }
    return Transaction.build(
        2, List.of(TransferInput.unsigned(from).withWitness(List.of(new byte[64]))), outputs, 0);
  }

  /** A transfer with a script of so many bytes, to make large blocks. */
  static Transaction large(Outpoint from, int bytes) {
    return Transaction.build(
        2,
        List.of(TransferInput.unsigned(from)),
        List.of(new TransferOutput(Amount.ZERO, Script.of(new byte[bytes]))),
        0);
  }

  /** The next block with these transfers; the coins they spend are made up. */
  SealedBlock next(Transaction... block) {
    height++;
    List<Transaction> transactions = new ArrayList<>();
    transactions.add(
        Transaction.build(
            2,
            List.of(
                new TransferInput(
                    Outpoint.NULL,
                    Script.of(ByteBuffer.allocate(5).put((byte) 4).putInt(height).array()),
                    TransferInput.SEQUENCE_FINAL,
                    List.of())),
            List.of(new TransferOutput(Amount.ofSat(height), script(0))),
            0));
    transactions.addAll(List.of(block));
    List<List<Coin>> spent = new ArrayList<>();
    spent.add(List.of());
    for (Transaction transaction : block) {
      List<Coin> coins = new ArrayList<>();
      for (int i = 0; i < transaction.inputCount(); i++) {
        coins.add(new Coin(Amount.ofSat(5000), script(900), 1, true));
      }
      spent.add(coins);
    }
    BlockHeader header =
        new BlockHeader(
            0x20000000,
            tip,
            MerkleTree.root(transactions.stream().map(Transaction::txid).toList()),
            1_700_000_000 + height,
            Network.BITS,
            0);
    transfers += block.length;
    tip = header.hash();
    return new SealedBlock(
        height,
        tip,
        new Block(header, transactions),
        1_700_000_000_123L + height * 1000L,
        new Certificate(
            List.of(
                new Certificate.Signature(
                    new XOnlyKey(Hashing.sha256d(new byte[] {1})), new byte[64]))),
        spent,
        new ChainTotals(
            transfers,
            height,
            Amount.ofSat(height * 50L),
            Amount.ofSat(height),
            Amount.ofSat(height * 51L)));
  }
}
