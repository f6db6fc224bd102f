package network.tender.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import network.tender.chain.Outpoint;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;

/** What some consecutive blocks change in the coin store: a run of each kind. */
record CoinBatch(int toHeight, List<Made> runs) {
  /** A new run and its pages. */
  record Made(CoinRun run, List<CoinPages.Page> pages) {}

  /**
   * Lays changes out; for a worker thread.
   *
   * @param fromHeight height of the first block
   * @param numbers gives each run its number
   */
  static CoinBatch of(CoinChanges changes, int fromHeight, LongSupplier numbers) {
    int count = changes.createdCount() + changes.spentCount();
    if (count == 0) {
      return new CoinBatch(changes.height(), List.of());
    }
    CoinChanges sorted = changes.sorted();
    CoinPages byOutpoint = new CoinPages(CoinKind.OUTPOINT, count);
    byte[][] scripts = new byte[count][];
    CoinEntry entry = new CoinEntry();
    int made = 0;
    int spent = 0;
    for (int i = 0; i < count; i++) {
      if (isSpentNext(sorted, made, spent)) {
        Outpoint outpoint = sorted.spentOutpoint(spent);
        Coin coin = sorted.spentCoin(spent++);
        entry.spent(outpoint, coin);
        byOutpoint.add(entry, -1, -coin.amount().sat());
        scripts[i] = ofScript(entry, outpoint, coin, -1);
      } else {
        Outpoint outpoint = sorted.createdOutpoint(made);
        Coin coin = sorted.createdCoin(made++);
        entry.made(outpoint, coin);
        byOutpoint.add(entry, 1, coin.amount().sat());
        scripts[i] = ofScript(entry, outpoint, coin, 1);
      }
    }
    byOutpoint.end();
    Arrays.sort(scripts, Arrays::compareUnsigned);
    CoinPages byScript = new CoinPages(CoinKind.SCRIPT, count);
    for (byte[] script : scripts) {
      byScript.add(script, 0, script.length, 0, 0);
    }
    byScript.end();
    List<Made> runs = new ArrayList<>();
    for (CoinPages pages : List.of(byOutpoint, byScript)) {
      runs.add(
          new Made(pages.run(numbers.getAsLong(), fromHeight, changes.height()), pages.take()));
    }
    return new CoinBatch(changes.height(), List.copyOf(runs));
  }

  private static boolean isSpentNext(CoinChanges sorted, int made, int spent) {
    return spent < sorted.spentCount()
        && (made == sorted.createdCount()
            || sorted.spentOutpoint(spent).compareTo(sorted.createdOutpoint(made)) <= 0);
  }

  private static byte[] ofScript(CoinEntry entry, Outpoint outpoint, Coin coin, int net) {
    entry.ofScript(coin.script().hash().a(), outpoint.txid().a(), outpoint.index(), net);
    return entry.toBytes();
  }
}
