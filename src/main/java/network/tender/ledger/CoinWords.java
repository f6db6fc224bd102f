package network.tender.ledger;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import org.jspecify.annotations.Nullable;

/**
 * How a coin lies in flat arrays: {@value #WORDS} longs and {@value #NUMBERS} ints. A coin as
 * objects is seven of them, which the garbage collector visits and copies; arrays of numbers it
 * neither looks into nor moves.
 */
final class CoinWords {
  /** Longs of a coin: four of the txid, the amount, and the first {@value #INLINE} script bytes. */
  static final int WORDS = 10;

  /** The first longs of a coin: its txid. */
  static final int TXID_WORDS = 4;

  /** Ints of a coin: its number in the transaction, its height, and its {@code meta}. */
  static final int NUMBERS = 3;

  /** Scripts up to this length lie in the words; all standard ones but bare keys do. */
  static final int INLINE = 40;

  /** In {@code meta}: a coinbase made it. Below this bit is the script's length. */
  static final int COINBASE = 1 << 16;

  private static final int LENGTH_MASK = COINBASE - 1;
  private static final int AMOUNT = 4;
  private static final int SCRIPT = 5;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private CoinWords() {}

  static void putTxid(long[] words, int at, Hash txid) {
    words[at] = txid.a();
    words[at + 1] = txid.b();
    words[at + 2] = txid.c();
    words[at + 3] = txid.d();
  }

  static boolean isTxid(long[] words, int at, Hash txid) {
    return words[at] == txid.a()
        && words[at + 1] == txid.b()
        && words[at + 2] == txid.c()
        && words[at + 3] == txid.d();
  }

  static Outpoint outpoint(long[] words, int at, int index) {
    return new Outpoint(new Hash(words[at], words[at + 1], words[at + 2], words[at + 3]), index);
  }

  /**
   * Puts down what a coin is, beside its txid.
   *
   * @return its {@code meta}
   */
  static int putCoin(long[] words, int at, Amount amount, Script script, boolean coinbase) {
    words[at + AMOUNT] = amount.sat();
    if (script.length() <= INLINE) {
      byte[] bytes = new byte[INLINE];
      script.copyTo(0, bytes, 0, script.length());
      for (int i = 0; i < INLINE / Long.BYTES; i++) {
        words[at + SCRIPT + i] = (long) LONG.get(bytes, i * Long.BYTES);
      }
    }
    return script.length() | (coinbase ? COINBASE : 0);
  }

  static boolean isInline(int meta) {
    return (meta & LENGTH_MASK) <= INLINE;
  }

  static int scriptLength(int meta) {
    return meta & LENGTH_MASK;
  }

  static Script script(long[] words, int at, int meta) {
    byte[] bytes = new byte[INLINE];
    for (int i = 0; i < INLINE / Long.BYTES; i++) {
      LONG.set(bytes, i * Long.BYTES, words[at + SCRIPT + i]);
    }
    return Script.view(bytes, 0, meta & LENGTH_MASK);
  }

  /**
   * The coin.
   *
   * @param longScript its script, if it is longer than {@value #INLINE} bytes
   */
  static Coin coin(long[] words, int at, int height, int meta, @Nullable Script longScript) {
    return new Coin(
        Amount.ofSat(words[at + AMOUNT]),
        longScript != null ? longScript : script(words, at, meta),
        height,
        (meta & COINBASE) != 0);
  }
}
