package network.tender.ledger;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import org.jspecify.annotations.Nullable;

/** Coins in flat memory, one after the other; once made, they are read only. */
final class CoinRows {
  private final long[] words;
  private final int[] numbers;
  private final Map<Integer, Script> longScripts = new HashMap<>();
  private int count;

  CoinRows(int capacity) {
    words = new long[capacity * CoinWords.WORDS];
    numbers = new int[capacity * CoinWords.NUMBERS];
  }

  static CoinRows of(Map<Outpoint, Coin> coins) {
    CoinRows rows = new CoinRows(coins.size());
    long[] one = new long[CoinWords.WORDS];
    coins.forEach(
        (outpoint, coin) -> {
          CoinWords.putTxid(one, 0, outpoint.txid());
          int meta = CoinWords.putCoin(one, 0, coin.amount(), coin.script(), coin.coinbase());
          Script longScript = CoinWords.isInline(meta) ? null : coin.script();
          rows.add(one, 0, outpoint.index(), coin.height(), meta, longScript);
        });
    return rows;
  }

  int count() {
    return count;
  }

  Outpoint outpoint(int row) {
    return CoinWords.outpoint(words, row * CoinWords.WORDS, numbers[row * CoinWords.NUMBERS]);
  }

  Coin coin(int row) {
    int number = row * CoinWords.NUMBERS;
    return CoinWords.coin(
        words,
        row * CoinWords.WORDS,
        numbers[number + 1],
        numbers[number + 2],
        longScripts.get(row));
  }

  void add(long[] from, int at, int index, int height, int meta, @Nullable Script longScript) {
    System.arraycopy(from, at, words, count * CoinWords.WORDS, CoinWords.WORDS);
    int number = count * CoinWords.NUMBERS;
    numbers[number] = index;
    numbers[number + 1] = height;
    numbers[number + 2] = meta;
    if (longScript != null) {
      longScripts.put(count, longScript);
    }
    count++;
  }

  Map<Outpoint, Coin> toMap() {
    Map<Outpoint, Coin> coins = new LinkedHashMap<>(count * 2);
    for (int i = 0; i < count; i++) {
      coins.put(outpoint(i), coin(i));
    }
    return coins;
  }
}
