package network.tender.fuzz;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;

/** Small transactions and blocks for seeds, and an encoder that only uses what decoding gives. */
final class Shapes {
  private static final Hash SOME_HASH = new Hash(1, 2, 3, 4);

  private Shapes() {}

  /** One input without a witness, one output. */
  static Transaction plain() {
    return Transaction.build(
        1,
        List.of(
            new TransferInput(
                new Outpoint(SOME_HASH, 1), Script.push(new byte[] {7}), -1, List.of())),
        List.of(new TransferOutput(Amount.ofSat(50_000), Script.p2pkh(new byte[20]))),
        0);
  }

  /** Two inputs, of which one has a witness, and outputs of several types. */
  static Transaction segwit() {
    return Transaction.build(
        2,
        List.of(
            new TransferInput(
                new Outpoint(SOME_HASH, 0), Script.EMPTY, -3, List.of(new byte[71], new byte[33])),
            new TransferInput(new Outpoint(SOME_HASH, 7), Script.EMPTY, 5, List.of())),
        List.of(
            new TransferOutput(Amount.ofSat(1), Script.p2wpkh(new byte[20])),
            new TransferOutput(Amount.MAX, Script.p2tr(new byte[32])),
            new TransferOutput(Amount.ZERO, Script.of(new byte[] {0x6a, 1, 9}))),
        500_000_001);
  }

  /** Lengths at the borders of CompactSize's forms. */
  static Transaction wide() {
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < 0xfd; i++) {
      outputs.add(new TransferOutput(Amount.ofSat(i), Script.of(new byte[] {0x51})));
    }
    return Transaction.build(
        2,
        List.of(
            new TransferInput(
                new Outpoint(SOME_HASH, 0), Script.of(new byte[0xfc]), 0, List.of(new byte[0xfd]))),
        outputs,
        0);
  }

  /** What a block begins with. */
  static Transaction coinbase() {
    return Transaction.build(
        1,
        List.of(
            new TransferInput(
                Outpoint.NULL, Script.of(new byte[] {1, 1, 0}), -1, List.of(new byte[32]))),
        List.of(new TransferOutput(Amount.ofSat(5_000_000_000L), Script.of(new byte[] {0x51}))),
        0);
  }

  /** A block of these transactions. */
  static Block block(Transaction... transactions) {
    List<Transaction> all = List.of(transactions);
    Hash root =
        all.isEmpty() ? Hash.ZERO : MerkleTree.root(all.stream().map(Transaction::txid).toList());
    return new Block(new BlockHeader(1, SOME_HASH, root, 1_700_000_000, Network.BITS, 3), all);
  }

  /**
   * Serialises a transaction from its parts, one by one: a second way beside the bytes that it is a
   * window of.
   */
  static void encode(Transaction transaction, boolean withWitness, ByteWriter writer) {
    boolean segwit = withWitness && transaction.hasWitness();
    writer.writeInt(transaction.version());
    if (segwit) {
      writer.writeByte(0).writeByte(1);
    }
    writer.writeCompactSize(transaction.inputCount());
    for (int i = 0; i < transaction.inputCount(); i++) {
      Outpoint prevout = transaction.prevout(i);
      writer.writeHash(prevout.txid()).writeInt(prevout.index());
      writer.writeSized(transaction.scriptSig(i)).writeInt(transaction.sequence(i));
    }
    writer.writeCompactSize(transaction.outputCount());
    for (int i = 0; i < transaction.outputCount(); i++) {
      writer.writeLong(transaction.outputSat(i)).writeSized(transaction.script(i));
    }
    if (segwit) {
      for (int i = 0; i < transaction.inputCount(); i++) {
        List<byte[]> witness = transaction.witness(i);
        writer.writeCompactSize(witness.size());
        witness.forEach(writer::writeSized);
      }
    }
    writer.writeInt(transaction.lockTime());
  }

  /** The whole encoding, or the one that the txid is the hash of. */
  static byte[] encode(Transaction transaction, boolean withWitness) {
    ByteWriter writer = new ByteWriter(transaction.size());
    encode(transaction, withWitness, writer);
    return writer.toBytes();
  }
}
