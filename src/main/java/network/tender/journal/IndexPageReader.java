package network.tender.journal;

/** Walks over the entries of a page of the chain index, in order. */
final class IndexPageReader implements PageCursor<IndexPageReader> {
  private final IndexKind kind;
  private final byte[] page;
  private int at;
  private int baseHeight;
  private int wanted;
  private long key;
  private int height;
  private int position;
  private int check;
  private int fundedCount;
  private long fundedSat;
  private int spentCount;
  private long spentSat;

  /** Before the first entry. */
  IndexPageReader(IndexKind kind, byte[] page) {
    this.kind = kind;
    this.page = page;
  }

  @Override
  public boolean next() {
    try {
      if (nextKey()) {
        rest();
        return true;
      }
      return false;
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("a page of the chain index is cut off", e);
    }
  }

  /**
   * Goes on to the next entry that is under one of some keys; false if there is none. Nothing is
   * made of the others: whoever sends transfers of coins that never were has many pages looked
   * through.
   *
   * @param keys in ascending order, the same at each call
   * @throws IllegalArgumentException if the page is damaged
   */
  boolean nextUnder(long[] keys) {
    try {
      while (nextKey()) {
        while (wanted < keys.length && keys[wanted] < key) {
          wanted++;
        }
        if (wanted == keys.length) {
          return false;
        }
        if (keys[wanted] == key) {
          rest();
          return true;
        }
        skipRest();
      }
      return false;
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("a page of the chain index is cut off", e);
    }
  }

  private boolean nextKey() {
    if (at == 0) {
      baseHeight = (int) number();
      for (int i = 0; i < Long.BYTES; i++) {
        key = key << 8 | (page[at++] & 0xff);
      }
    }
    if (at >= page.length) {
      return false;
    }
    key += number();
    return true;
  }

  private void rest() {
    height = baseHeight + (int) number();
    position = (int) number();
    if (kind == IndexKind.SCRIPT) {
      check = 0;
      for (int i = 0; i < Integer.BYTES; i++) {
        check = check << 8 | (page[at++] & 0xff);
      }
      fundedCount = (int) number();
      fundedSat = fundedCount > 0 ? number() : 0;
      spentCount = (int) number();
      spentSat = spentCount > 0 ? number() : 0;
    }
  }

  private void skipRest() {
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

  /** The entry. */
  IndexEntry entry() {
    return new IndexEntry(
        key, height, position, check, fundedCount, fundedSat, spentCount, spentSat);
  }

  /** Adds the entry to others. */
  void addTo(IndexPages pages) {
    pages.add(key, height, position, check, fundedCount, fundedSat, spentCount, spentSat);
  }

  @Override
  public int compareKeys(IndexPageReader other) {
    int order = IndexEntry.compare(key, height, position, other.key, other.height, other.position);
    return order != 0 ? order : Integer.compare(check, other.check);
  }
}
