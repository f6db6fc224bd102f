package network.tender.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;

/** Lays out what some consecutive blocks add to the chain index: a run of each kind. */
final class IndexBatch {
  private IndexBatch() {}

  /**
   * Lays blocks out; for a worker thread.
   *
   * @param blocks at least one, consecutive, oldest first
   * @param numbers gives each run its number
   */
  static RunBatch<IndexRun, byte[]> of(List<IndexedBlock> blocks, LongSupplier numbers) {
    int from = blocks.get(0).height();
    int to = blocks.get(blocks.size() - 1).height();
    List<RunBatch.Made<IndexRun, byte[]>> made = new ArrayList<>();
    for (IndexKind kind : List.of(IndexKind.TRANSFER, IndexKind.SPENDER, IndexKind.SCRIPT)) {
      IndexPages pages = new IndexPages(kind, from);
      add(pages, blocks, kind);
      pages.end();
      if (pages.entries() > 0) {
        IndexRun run = pages.run(numbers.getAsLong(), from, to);
        made.add(new RunBatch.Made<>(run, pages.take(), List.of()));
      }
    }
    return new RunBatch<>(to, made);
  }

  /** Adds all blocks' rows in the index's order. Each block's are in order already. */
  private static void add(IndexPages pages, List<IndexedBlock> blocks, IndexKind kind) {
    PriorityQueue<Next> queue = new PriorityQueue<>(blocks.size());
    for (IndexedBlock block : blocks) {
      Next next = new Next(block.height(), block.rows(kind));
      if (next.isThere()) {
        queue.add(next);
      }
    }
    for (Next next = queue.poll(); next != null; next = queue.poll()) {
      Next other = queue.peek();
      do {
        next.addTo(pages);
      } while (next.isThere() && (other == null || next.compareTo(other) < 0));
      if (next.isThere()) {
        queue.add(next);
      }
    }
  }

  /** The next row of a block. */
  private static final class Next implements Comparable<Next> {
    private final int height;
    private final BlockRows rows;
    private int row;

    Next(int height, BlockRows rows) {
      this.height = height;
      this.rows = rows;
    }

    boolean isThere() {
      return row < rows.size();
    }

    void addTo(IndexPages pages) {
      rows.addTo(pages, row, height);
      // Two outputs that one transaction spends may have one key: it is to be found once.
      int added = row++;
      while (isThere() && rows.isSameEntry(added, row)) {
        row++;
      }
    }

    /** By key, then from old to new; one block's rows are never compared with each other. */
    @Override
    public int compareTo(Next other) {
      int order = Long.compare(rows.key(row), other.rows.key(other.row));
      return order != 0 ? order : Integer.compare(height, other.height);
    }
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
