package network.tender.journal;

import java.util.Optional;

/** Sorted entries packed into the pages of a run. */
final class CoinPages extends RunPages<CoinRun, CoinPages.Page> implements CoinWalk.Sink {
  /** Four pages with their row's other columns fit into a page of the database. */
  static final int MAX_BYTES = 1_970;

  /** A page. */
  static final class Page {
    private final byte[] entries;
    private final int coins;
    private final long sat;

    private Page(byte[] entries, int coins, long sat) {
      this.entries = entries;
      this.coins = coins;
      this.sat = sat;
    }

    /** Its bytes, which nobody changes. */
    byte[] entries() {
      return entries;
    }

    /** How many more coins its entries make than spend; 0 where they only count. */
    int coins() {
      return coins;
    }

    /** What those are worth together. */
    long sat() {
      return sat;
    }
  }

  private final CoinKind kind;
  private final Optional<CoinFilter> filter;
  private final Fences.Builder fences = new Fences.Builder();

  /** What the filter is told of together. */
  private final long[] hashes = new long[256];

  private int hashed;
  private byte[] buffer = new byte[MAX_BYTES];
  private int used;
  private int coins;
  private long sat;
  private long entries;

  /**
   * No entries yet.
   *
   * @param expected how many there will be at most
   */
  CoinPages(CoinKind kind, long expected) {
    this.kind = kind;
    this.filter =
        kind == CoinKind.OUTPOINT ? Optional.of(CoinFilter.sized(expected)) : Optional.empty();
  }

  @Override
  public void add(byte[] from, int start, int length, int net, long entrySat) {
    if (used > 0 && used + length > MAX_BYTES) {
      endPage();
    }
    long beginning = CoinEntry.beginning(from, start);
    int index = CoinEntry.index(kind, from, start);
    if (used == 0) {
      // Under a script nothing is looked for but all of it.
      fences.add(CoinRun.fence(beginning), kind == CoinKind.OUTPOINT ? index : 0, 0);
      if (buffer.length < length) {
        buffer = new byte[length];
      }
    }
    System.arraycopy(from, start, buffer, used, length);
    used += length;
    if (kind == CoinKind.OUTPOINT) {
      coins += net;
      sat += entrySat;
      hashes[hashed++] = CoinFilter.hash(beginning, index);
      if (hashed == hashes.length) {
        tellFilter();
      }
    }
    entries++;
  }

  private void tellFilter() {
    filter.ifPresent(all -> all.add(hashes, hashed));
    hashed = 0;
  }

  private void endPage() {
    byte[] page = new byte[used];
    System.arraycopy(buffer, 0, page, 0, used);
    ended(new Page(page, coins, sat));
    used = 0;
    coins = 0;
    sat = 0;
  }

  @Override
  public void end() {
    if (used > 0) {
      endPage();
    }
    tellFilter();
  }

  @Override
  long entries() {
    return entries;
  }

  @Override
  CoinRun run(long number, int fromHeight, int toHeight) {
    return new CoinRun(number, kind, fromHeight, toHeight, entries, fences.build(), filter);
  }
}
