package network.tender.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import network.tender.chain.Outpoint;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;

/** Lays out what some consecutive blocks change in the coin store: a run of each kind. */
final class CoinBatch {
  private CoinBatch() {}

  /**
   * Lays changes out; for a worker thread.
   *
   * @param fromHeight height of the first block
   * @param numbers gives each run its number
   */
  static RunBatch<CoinRun, CoinPages.Page> of(
      CoinChanges changes, int fromHeight, CoinTables tables, LongSupplier numbers) {
    int count = changes.createdCount() + changes.spentCount();
    if (count == 0) {
      return new RunBatch<>(changes.height(), List.of());
    }
    byte[][] outpoints = new byte[count][];
    byte[][] scripts = new byte[count][];
    CoinEntry entry = new CoinEntry();
    for (int i = 0; i < count; i++) {
      int made = i - changes.spentCount();
      Outpoint outpoint = made < 0 ? changes.spentOutpoint(i) : changes.createdOutpoint(made);
      Coin coin = made < 0 ? changes.spentCoin(i) : changes.createdCoin(made);
      if (made < 0) {
        entry.spent(outpoint, coin);
      } else {
        entry.made(outpoint, coin);
      }
      outpoints[i] = entry.toBytes();
      entry.ofScript(
          coin.script().hash().a(), outpoint.txid().a(), outpoint.index(), made < 0 ? -1 : 1);
      scripts[i] = entry.toBytes();
    }
    CoinPages byOutpoint = pages(CoinKind.OUTPOINT, outpoints);
    CoinPages byScript = pages(CoinKind.SCRIPT, scripts);
    List<RunBatch.Made<CoinRun, CoinPages.Page>> made = new ArrayList<>();
    for (CoinPages pages : List.of(byOutpoint, byScript)) {
      CoinRun run = pages.run(numbers.getAsLong(), fromHeight, changes.height());
      made.add(new RunBatch.Made<>(run, pages.take(), tables.lookUps(run)));
    }
    return new RunBatch<>(changes.height(), List.copyOf(made));
  }

  /** No coin is made and spent in one batch, so keys are different. */
  private static CoinPages pages(CoinKind kind, byte[][] entries) {
    Arrays.sort(entries, (one, other) -> CoinEntry.compareKeys(kind, one, 0, other, 0));
    CoinPages pages = new CoinPages(kind, entries.length);
    for (byte[] entry : entries) {
      CoinPageReader reader = new CoinPageReader(kind, entry);
      reader.next();
      pages.add(entry, 0, entry.length, reader.net(), reader.sat());
    }
    pages.end();
    return pages;
  }
}
