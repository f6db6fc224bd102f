package network.tender.journal;

import java.util.ArrayList;
import java.util.List;
import network.tender.chain.Amount;
import network.tender.chain.ByteReader;
import network.tender.chain.ByteWriter;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import network.tender.ledger.Coin;

/**
 * The format in which the coins that a block spends stand beside it in the journal. It begins with
 * a version byte, has exactly one encoding for a value, and is read strictly. Numbers are
 * little-endian, lengths are Bitcoin's CompactSize.
 */
final class BlockCodec {
  /** The first byte of the format. */
  static final int VERSION = 1;

  private static final int MINIMUM_COIN_BYTES = 8 + 4 + 1;

  private BlockCodec() {}

  /**
   * Version, number of transactions, then for each of them the number of its coins and for each
   * coin the amount in sat (8), the height times two plus one if a coinbase made it (4), and the
   * script behind its length.
   */
  static byte[] encodeSpent(List<List<Coin>> spent) {
    ByteWriter writer = new ByteWriter(16 + spent.size() * 48);
    writer.writeByte(VERSION).writeCompactSize(spent.size());
    for (List<Coin> coins : spent) {
      writer.writeCompactSize(coins.size());
      for (Coin coin : coins) {
        if (coin.height() < 0 || coin.height() > Integer.MAX_VALUE / 2) {
          throw new IllegalArgumentException("height out of range: " + coin.height());
        }
        writer.writeLong(coin.amount().sat());
        writer.writeInt(coin.height() << 1 | (coin.coinbase() ? 1 : 0));
        writer.writeSized(coin.script());
      }
    }
    return writer.toBytes();
  }

  /** The reverse of {@link #encodeSpent}; scripts are views of {@code bytes}. */
  static List<List<Coin>> decodeSpent(byte[] bytes) throws MalformedException {
    ByteReader reader = new ByteReader(bytes);
    expectVersion(reader);
    int transactions = reader.readCount(1);
    List<List<Coin>> spent = new ArrayList<>(transactions);
    for (int i = 0; i < transactions; i++) {
      int count = reader.readCount(MINIMUM_COIN_BYTES);
      List<Coin> coins = new ArrayList<>(count);
      for (int j = 0; j < count; j++) {
        coins.add(readCoin(reader));
      }
      spent.add(List.copyOf(coins));
    }
    reader.expectEnd();
    return List.copyOf(spent);
  }

  private static Coin readCoin(ByteReader reader) throws MalformedException {
    long sat = reader.readLong();
    if (!Amount.inRange(sat)) {
      throw new MalformedException("an amount is out of range");
    }
    int place = reader.readInt();
    if (place < 0) {
      throw new MalformedException("a height is out of range");
    }
    int length = reader.readCompactSize();
    int offset = reader.position();
    reader.skip(length);
    Script script = Script.view(reader.array(), offset, length);
    return new Coin(Amount.ofSat(sat), script, place >>> 1, (place & 1) == 1);
  }

  private static void expectVersion(ByteReader reader) throws MalformedException {
    int version = reader.readByte();
    if (version != VERSION) {
      throw new MalformedException("unknown version " + version);
    }
  }
}
