package network.tender.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import network.tender.chain.Outpoint;
import network.tender.journal.CursorWrite.Statement;
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
      List<Statement> lookUps = new ArrayList<>();
      tables.lookUps(run).forEachRemaining(lookUps::add);
      made.add(new RunBatch.Made<>(run, pages.take(), lookUps));
    }
    return new RunBatch<>(changes.height(), List.copyOf(made));
  }

  /**
   * Entries in the order of their keys. Numbers are sorted several times faster than arrays are
   * compared, and most keys differ in what fits into a number beside the entry's place. Those that
   * don't, as the outputs of one transaction or the coins of one script, are compared wholly.
   */
  static byte[][] sorted(CoinKind kind, byte[][] entries) {
    int placeBits = Integer.SIZE - Integer.numberOfLeadingZeros(entries.length);
    long places = (1L << placeBits) - 1;
    long[] order = new long[entries.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (CoinRun.fence(CoinEntry.beginning(entries[i], 0)) & ~places) | i;
    }
    Arrays.sort(order);
    byte[][] sorted = new byte[entries.length][];
    int from = 0;
    for (int i = 0; i < order.length; i++) {
      sorted[i] = entries[(int) (order[i] & places)];
      if (i + 1 == order.length || (order[i] ^ order[i + 1]) >>> placeBits != 0) {
        if (i > from) {
          Arrays.sort(
              sorted, from, i + 1, (one, other) -> CoinEntry.compareKeys(kind, one, 0, other, 0));
        }
        from = i + 1;
      }
    }
    return sorted;
  }

  /** No coin is made and spent in one batch, so keys are different. */
  private static CoinPages pages(CoinKind kind, byte[][] entries) {
    CoinPages pages = new CoinPages(kind, entries.length);
    for (byte[] entry : sorted(kind, entries)) {
      CoinPageReader reader = new CoinPageReader(kind, entry);
      reader.next();
      pages.add(entry, 0, entry.length, reader.net(), reader.sat());
    }
    pages.end();
    return pages;
  }
}
