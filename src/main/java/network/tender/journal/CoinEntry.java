package network.tender.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.ledger.Coin;

/**
 * One entry in its packed form, made anew by each call. An entry is its key, then numbers in groups
 * of 7 bits, the lowest first: of {@link CoinKind#OUTPOINT} the height with two flags, the amount
 * and, if the coin is made and not spent, its script; of {@link CoinKind#SCRIPT} how many more
 * coins were made than spent.
 */
final class CoinEntry {
  /** Flag of a coin that is made; without it, the entry says that it is spent. */
  static final int MADE = 1;

  /** Flag of a coinbase's coin. */
  static final int COINBASE = 2;

  /** The height begins above the flags. */
  static final int FLAG_BITS = 2;

  /** Beside the script, more than an entry takes. */
  private static final int ROOM = 64;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes = new byte[2 * ROOM];
  private int length;

  /** A coin that was made. */
  void made(Outpoint outpoint, Coin coin) {
    outpoint(outpoint, coin, MADE);
    int size = coin.script().length();
    number(size);
    coin.script().copyTo(0, bytes, length, size);
    length += size;
  }

  /** A stored coin that was spent. */
  void spent(Outpoint outpoint, Coin coin) {
    outpoint(outpoint, coin, 0);
  }

  private void outpoint(Outpoint outpoint, Coin coin, int made) {
    int room = ROOM + coin.script().length();
    if (bytes.length < room) {
      bytes = new byte[room];
    }
    Hash txid = outpoint.txid();
    LONG.set(bytes, 0, txid.a());
    putIndex(CoinKind.OUTPOINT, outpoint.index());
    int rest = CoinKind.OUTPOINT.indexAt() + Integer.BYTES;
    LONG.set(bytes, rest, txid.b());
    LONG.set(bytes, rest + Long.BYTES, txid.c());
    LONG.set(bytes, rest + 2 * Long.BYTES, txid.d());
    length = CoinKind.OUTPOINT.keyBytes();
    number(
        ((long) coin.height() & 0xffffffffL) << FLAG_BITS
            | (coin.coinbase() ? COINBASE : 0)
            | made);
    number(coin.amount().sat());
  }

  /**
   * Coins of a script.
   *
   * @param net how many were made, less how many were spent
   */
  void ofScript(long scriptKey, long txidKey, int index, int net) {
    LONG.set(bytes, 0, scriptKey);
    LONG.set(bytes, Long.BYTES, txidKey);
    putIndex(CoinKind.SCRIPT, index);
    length = CoinKind.SCRIPT.keyBytes();
    net(net);
  }

  /** The same with another count. */
  void ofScript(byte[] from, int start, int net) {
    length = CoinKind.SCRIPT.keyBytes();
    System.arraycopy(from, start, bytes, 0, length);
    net(net);
  }

  private void net(int net) {
    number(((net << 1) ^ (net >> 31)) & 0xffffffffL);
  }

  /** Bytes of a key compare as unsigned, but outputs' numbers as signed: {@link Fences} do. */
  private void putIndex(CoinKind kind, int index) {
    INT.set(bytes, kind.indexAt(), index ^ Integer.MIN_VALUE);
  }

  private void number(long value) {
    while ((value & ~0x7fL) != 0) {
      bytes[length++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    bytes[length++] = (byte) value;
  }

  /** Where the entry is, from the start on; until the next one is made. */
  byte[] bytes() {
    return bytes;
  }

  /** How long the entry is. */
  int length() {
    return length;
  }

  /** A copy of the entry. */
  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** The first 8 bytes of a key. */
  static long beginning(byte[] bytes, int start) {
    return (long) LONG.get(bytes, start);
  }

  /** The 8 bytes behind those. */
  static long continuation(byte[] bytes, int start) {
    return (long) LONG.get(bytes, start + Long.BYTES);
  }

  /** The txid in a key of {@link CoinKind#OUTPOINT}. */
  static Hash txid(byte[] bytes, int start) {
    int rest = start + CoinKind.OUTPOINT.indexAt() + Integer.BYTES;
    return new Hash(
        (long) LONG.get(bytes, start),
        (long) LONG.get(bytes, rest),
        (long) LONG.get(bytes, rest + Long.BYTES),
        (long) LONG.get(bytes, rest + 2 * Long.BYTES));
  }

  /** The number of the output in a key. */
  static int index(CoinKind kind, byte[] bytes, int start) {
    return (int) INT.get(bytes, start + kind.indexAt()) ^ Integer.MIN_VALUE;
  }

  /** The order of two entries' keys. */
  static int compareKeys(CoinKind kind, byte[] one, int start, byte[] other, int otherStart) {
    return Arrays.compareUnsigned(
        one, start, start + kind.keyBytes(), other, otherStart, otherStart + kind.keyBytes());
  }
}
