package network.tender.chain;

import java.util.ArrayList;
import java.util.List;

/**
 * A block: header and transactions, the coinbase first.
 *
 * @param header the 80-byte header
 * @param transactions the transactions in order
 */
public record Block(BlockHeader header, List<Transaction> transactions) {
  /** The most that a block may weigh (BIP141). */
  public static final int MAX_WEIGHT = 4_000_000;

  private static final int MINIMUM_TRANSACTION_BYTES = 10;

  /** Makes the list unmodifiable. */
  public Block {
    transactions = List.copyOf(transactions);
  }

  /**
   * Parses exactly one block; its transactions are windows into {@code raw}, which must not change.
   *
   * @throws MalformedException if the bytes are not one block in canonical form
   */
  public static Block parse(byte[] raw) throws MalformedException {
    ByteReader reader = new ByteReader(raw);
    BlockHeader header = BlockHeader.read(reader);
    int count = reader.readCount(MINIMUM_TRANSACTION_BYTES);
    List<Transaction> transactions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      transactions.add(Transaction.read(reader));
    }
    reader.expectEnd();
    return new Block(header, transactions);
  }

  /** The serialised block, witnesses included. */
  public byte[] toBytes() {
    int size = BlockHeader.SIZE_BYTES + ByteWriter.compactSizeLength(transactions.size());
    for (Transaction transaction : transactions) {
      size += transaction.size();
    }
    ByteWriter writer = new ByteWriter(size);
    writer.write(header.toBytes()).writeCompactSize(transactions.size());
    for (Transaction transaction : transactions) {
      transaction.writeTo(writer);
    }
    return writer.takeBytes();
  }

  /** The block's hash. */
  public Hash hash() {
    return header.hash();
  }

  /** The txids in order. */
  public List<Hash> txids() {
    return transactions.stream().map(Transaction::txid).toList();
  }

  /** Weight of the whole block in weight units (BIP141). */
  public int weight() {
    int framing = BlockHeader.SIZE_BYTES + ByteWriter.compactSizeLength(transactions.size());
    int weight = framing * Transaction.WITNESS_SCALE;
    for (Transaction transaction : transactions) {
      weight += transaction.weight();
    }
    return weight;
  }
}
