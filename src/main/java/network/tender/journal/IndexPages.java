package network.tender.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * Sorted entries packed into pages. A page begins with the height that its entries' heights are
 * counted from, and the key that the first one's is counted from; an entry is the distance of its
 * key from the one before, its height, its position and, for scripts, the check and the sums. All
 * numbers but the check are in groups of 7 bits, the lowest first.
 */
final class IndexPages extends RunPages<IndexRun, byte[]> implements RunWalk.Sink<IndexPageReader> {
  /** A page ends behind the first entry that reaches this size; two fit into a database page. */
  static final int TARGET_BYTES = 3_900;

  /** More than any entry takes. */
  private static final int MAX_ENTRY_BYTES = 64;

  private final IndexKind kind;
  private final int baseHeight;
  private final byte[] buffer = new byte[TARGET_BYTES + 2 * MAX_ENTRY_BYTES];
  private int used;
  private long lastKey;
  private final Fences.Builder fences = new Fences.Builder();
  private long entries;

  /**
   * No entries yet.
   *
   * @param baseHeight not above the height of any of them
   */
  IndexPages(IndexKind kind, int baseHeight) {
    this.kind = kind;
    this.baseHeight = baseHeight;
  }

  /** Adds the next entry in order. */
  void add(IndexEntry entry) {
    add(
        entry.key(),
        entry.height(),
        entry.position(),
        entry.check(),
        entry.fundedCount(),
        entry.fundedSat(),
        entry.spentCount(),
        entry.spentSat());
  }

  /** Adds the next entry in order, which need not be an object; see {@link IndexEntry}. */
  void add(
      long key,
      int height,
      int position,
      int check,
      int fundedCount,
      long fundedSat,
      int spentCount,
      long spentSat) {
    if (used >= TARGET_BYTES) {
      endPage();
    }
    if (used == 0) {
      fences.add(key, height, position);
      number(baseHeight);
      lastKey = key;
      for (int shift = 56; shift >= 0; shift -= 8) {
        buffer[used++] = (byte) (lastKey >>> shift);
      }
    }
    number(key - lastKey);
    lastKey = key;
    number(height - baseHeight);
    number(position);
    if (kind == IndexKind.SCRIPT) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        buffer[used++] = (byte) (check >>> shift);
      }
      sum(fundedCount, fundedSat);
      sum(spentCount, spentSat);
    }
    entries++;
  }

  private void sum(int count, long sat) {
    number(count);
    if (count > 0) {
      number(sat);
    }
  }

  private void number(long value) {
    while ((value & ~0x7fL) != 0) {
      buffer[used++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    buffer[used++] = (byte) value;
  }

  private void endPage() {
    byte[] page = new byte[used];
    System.arraycopy(buffer, 0, page, 0, used);
    ended(page);
    used = 0;
  }

  @Override
  public void add(IndexPageReader entry) {
    entry.addTo(this);
  }

  @Override
  public void end() {
    if (used > 0) {
      endPage();
    }
  }

  @Override
  long entries() {
    return entries;
  }

  @Override
  IndexRun run(long number, int fromHeight, int toHeight) {
    return new IndexRun(number, kind, fromHeight, toHeight, entries, fences.build());
  }

  /**
   * The entries of a page, in order.
   *
   * @throws IllegalArgumentException if it is damaged
   */
  static List<IndexEntry> read(IndexKind kind, byte[] page) {
    List<IndexEntry> entries = new ArrayList<>(page.length / 14);
    IndexPageReader reader = new IndexPageReader(kind, page);
    while (reader.next()) {
      entries.add(reader.entry());
    }
    return entries;
  }

  /**
   * Those entries of a page that are under some keys, in order.
   *
   * @param keys in ascending order
   * @throws IllegalArgumentException if it is damaged
   */
  static List<IndexEntry> read(IndexKind kind, byte[] page, long[] keys) {
    List<IndexEntry> entries = new ArrayList<>(2);
    IndexPageReader reader = new IndexPageReader(kind, page);
    while (reader.nextUnder(keys)) {
      entries.add(reader.entry());
    }
    return entries;
  }
}
