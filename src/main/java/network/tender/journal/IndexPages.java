package network.tender.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sorted entries packed into pages. A page begins with the height that its entries' heights are
 * counted from, and the key that the first one's is counted from; an entry is the distance of its
 * key from the one before, its height, its position and, for scripts, the check and the sums. All
 * numbers but the check are in groups of 7 bits, the lowest first.
 */
final class IndexPages {
  /** A page ends behind the first entry that reaches this size; two fit into a database page. */
  static final int TARGET_BYTES = 3_900;

  /** More than any entry takes. */
  private static final int MAX_ENTRY_BYTES = 64;

  private final IndexKind kind;
  private final int baseHeight;
  private final byte[] buffer = new byte[TARGET_BYTES + 2 * MAX_ENTRY_BYTES];
  private int used;
  private long lastKey;
  private final List<byte[]> full = new ArrayList<>();
  private Fences.Builder fences = new Fences.Builder();
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
    full.add(page);
    used = 0;
  }

  /** Ends the last page. */
  void end() {
    if (used > 0) {
      endPage();
    }
  }

  /** The pages that are full and were not taken before. */
  List<byte[]> take() {
    List<byte[]> taken = List.copyOf(full);
    full.clear();
    return taken;
  }

  /** How many pages could be taken. */
  int fullPages() {
    return full.size();
  }

  /** How many entries were added. */
  long entries() {
    return entries;
  }

  /** The first entries of all pages. */
  Fences fences() {
    return fences.build();
  }

  /**
   * The entries of a page, in order.
   *
   * @throws IllegalArgumentException if it is damaged
   */
  static List<IndexEntry> read(IndexKind kind, byte[] page) {
    return new Reader(kind, page).entries(Optional.empty());
  }

  /**
   * Those entries of a page that are under some keys, in order. Nothing is made of the others:
   * whoever sends transfers of coins that never were has many pages looked through.
   *
   * @param keys in ascending order
   * @throws IllegalArgumentException if it is damaged
   */
  static List<IndexEntry> read(IndexKind kind, byte[] page, long[] keys) {
    return new Reader(kind, page).entries(Optional.of(keys));
  }

  private static final class Reader {
    private static final long[] NONE = {};

    private final IndexKind kind;
    private final byte[] page;
    private int at;

    Reader(IndexKind kind, byte[] page) {
      this.kind = kind;
      this.page = page;
    }

    List<IndexEntry> entries(Optional<long[]> wanted) {
      try {
        List<IndexEntry> entries = new ArrayList<>(wanted.isPresent() ? 2 : page.length / 14);
        long[] keys = wanted.orElse(NONE);
        int nextKey = 0;
        int baseHeight = (int) number();
        long key = 0;
        for (int i = 0; i < Long.BYTES; i++) {
          key = key << 8 | (page[at++] & 0xff);
        }
        while (at < page.length) {
          key += number();
          while (nextKey < keys.length && keys[nextKey] < key) {
            nextKey++;
          }
          if (wanted.isEmpty() || (nextKey < keys.length && keys[nextKey] == key)) {
            entries.add(entry(key, baseHeight + (int) number(), (int) number()));
          } else if (nextKey < keys.length) {
            skipEntry();
          } else {
            return entries;
          }
        }
        return entries;
      } catch (IndexOutOfBoundsException e) {
        throw new IllegalArgumentException("a page of the chain index is cut off", e);
      }
    }

    private IndexEntry entry(long key, int height, int position) {
      if (kind != IndexKind.SCRIPT) {
        return IndexEntry.at(key, height, position);
      }
      int check = 0;
      for (int i = 0; i < Integer.BYTES; i++) {
        check = check << 8 | (page[at++] & 0xff);
      }
      int fundedCount = (int) number();
      long fundedSat = fundedCount > 0 ? number() : 0;
      int spentCount = (int) number();
      long spentSat = spentCount > 0 ? number() : 0;
      return new IndexEntry(
          key, height, position, check, fundedCount, fundedSat, spentCount, spentSat);
    }

    private void skipEntry() {
      skipNumber();
      skipNumber();
      if (kind == IndexKind.SCRIPT) {
        at += Integer.BYTES;
        skipSum();
        skipSum();
      }
    }

    private void skipSum() {
      if (number() > 0) {
        skipNumber();
      }
    }

    private void skipNumber() {
      while (page[at++] < 0) {
        // Its last byte is not negative.
      }
    }

    private long number() {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        byte next = page[at++];
        value |= (next & 0x7fL) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IllegalArgumentException("a page of the chain index holds a number without end");
    }
  }
}
