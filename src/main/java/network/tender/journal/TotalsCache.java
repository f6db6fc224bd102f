package network.tender.journal;

import java.util.Iterator;
import java.util.LinkedHashMap;
import network.tender.chain.Hash;

/**
 * Sums over scripts' histories up to a height, those asked for last. What is below a height never
 * changes, so nothing in here is ever wrong, only short of what came later. Used from several
 * threads.
 */
final class TotalsCache {
  /** The sums in all blocks up to a height. */
  record Entry(int height, ScriptTotals totals) {
    private static final Entry NONE = new Entry(-1, ScriptTotals.NONE);
  }

  private final int maxEntries;
  private final LinkedHashMap<Hash, Entry> entries = new LinkedHashMap<>(64, 0.75f, true);

  TotalsCache(int maxEntries) {
    this.maxEntries = maxEntries;
  }

  /** What is known up to a height or, failing that, to a lower one. */
  synchronized Entry upTo(Hash scriptHash, int height) {
    Entry entry = entries.get(scriptHash);
    return entry == null || entry.height() > height ? Entry.NONE : entry;
  }

  synchronized void keep(Hash scriptHash, int height, ScriptTotals totals) {
    Entry before = entries.get(scriptHash);
    if (before == null || before.height() < height) {
      entries.put(scriptHash, new Entry(height, totals));
      Iterator<Hash> eldest = entries.keySet().iterator();
      while (entries.size() > maxEntries) {
        eldest.next();
        eldest.remove();
      }
    }
  }
}
