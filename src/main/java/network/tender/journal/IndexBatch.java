package network.tender.journal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;

/** What some consecutive blocks add to the chain index: a run of each kind. */
record IndexBatch(int toHeight, List<IndexWrites.Made> runs) {

  /**
   * Lays blocks out; for a worker thread.
   *
   * @param blocks at least one
   * @param numbers gives each run its number
   */
  static IndexBatch of(List<IndexedBlock> blocks, LongSupplier numbers) {
    List<IndexEntry> transfers = new ArrayList<>();
    List<IndexEntry> spenders = new ArrayList<>();
    List<IndexEntry> scripts = new ArrayList<>();
    for (IndexedBlock block : blocks) {
      int height = block.height();
      block
          .transfers()
          .forEach((txid, position) -> transfers.add(IndexEntry.at(key(txid), height, position)));
      block
          .spenders()
          .forEach(
              (outpoint, position) -> spenders.add(IndexEntry.at(key(outpoint), height, position)));
      block
          .scripts()
          .forEach(
              (hash, touches) ->
                  touches.forEach(
                      touch ->
                          scripts.add(
                              new IndexEntry(
                                  key(hash),
                                  height,
                                  touch.position(),
                                  check(hash),
                                  touch.fundedCount(),
                                  touch.fundedSat(),
                                  touch.spentCount(),
                                  touch.spentSat()))));
    }
    int from = blocks.get(0).height();
    int to = blocks.get(blocks.size() - 1).height();
    List<IndexWrites.Made> runs = new ArrayList<>();
    add(runs, IndexKind.TRANSFER, from, to, transfers, numbers);
    add(runs, IndexKind.SPENDER, from, to, spenders, numbers);
    add(runs, IndexKind.SCRIPT, from, to, scripts, numbers);
    return new IndexBatch(to, runs);
  }

  private static void add(
      List<IndexWrites.Made> runs,
      IndexKind kind,
      int from,
      int to,
      List<IndexEntry> entries,
      LongSupplier numbers) {
    if (entries.isEmpty()) {
      return;
    }
    Collections.sort(entries);
    IndexPages pages = new IndexPages(kind, from);
    IndexEntry last = null;
    for (IndexEntry entry : entries) {
      // Two outputs that one transaction spends may have one key: it is to be found once.
      if (last == null || entry.compareTo(last) != 0) {
        pages.add(entry);
      }
      last = entry;
    }
    pages.end();
    runs.add(
        new IndexWrites.Made(
            new IndexRun(numbers.getAsLong(), kind, from, to, pages.entries(), pages.fences()),
            pages.take()));
  }

  /** The first 8 bytes of a txid or of a script's hash. */
  static long key(Hash hash) {
    return hash.a();
  }

  /** Neighbouring outputs of one transaction are neighbours in the index. */
  static long key(Outpoint outpoint) {
    return outpoint.txid().a() + outpoint.index();
  }

  /** The 4 bytes of a script's hash behind its key. */
  static int check(Hash scriptHash) {
    return (int) (scriptHash.b() >>> Integer.SIZE);
  }
}
