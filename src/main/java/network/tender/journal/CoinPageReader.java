package network.tender.journal;

import network.tender.chain.Amount;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.ledger.Coin;

/** Walks over the entries of a page, in order. Nothing is made of those that are only passed. */
final class CoinPageReader implements PageCursor<CoinPageReader> {
  private final CoinKind kind;
  private final byte[] page;
  private int start;
  private long beginning;
  private int end;
  private int net;
  private long sat;
  private long head;
  private int scriptStart;

  /** Before the first entry. */
  CoinPageReader(CoinKind kind, byte[] page) {
    this.kind = kind;
    this.page = page;
  }

  @Override
  public boolean next() {
    if (end == page.length) {
      return false;
    }
    try {
      start = end;
      end += kind.keyBytes();
      beginning = CoinEntry.beginning(page, start);
      head = number();
      if (kind == CoinKind.SCRIPT) {
        net = (int) (head >>> 1) ^ -(int) (head & 1);
        return true;
      }
      boolean made = (head & CoinEntry.MADE) != 0;
      long amount = number();
      net = made ? 1 : -1;
      sat = made ? amount : -amount;
      if (made) {
        int length = (int) number();
        scriptStart = end;
        end += length;
        if (length < 0 || end > page.length) {
          throw new IllegalArgumentException("a page of coins is cut off");
        }
      }
      return true;
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("a page of coins is cut off", e);
    }
  }

  private long number() {
    long value = 0;
    int shift = 0;
    byte group;
    do {
      group = page[end++];
      value |= (long) (group & 0x7f) << shift;
      shift += 7;
    } while (group < 0);
    return value;
  }

  @Override
  public int compareKeys(CoinPageReader other) {
    return beginning != other.beginning
        ? Long.compareUnsigned(beginning, other.beginning)
        : CoinEntry.compareKeys(kind, page, start, other.page, other.start);
  }

  /** The page's bytes. */
  byte[] page() {
    return page;
  }

  /** Where the entry begins, with its key. */
  int start() {
    return start;
  }

  /** Where it ends. */
  int end() {
    return end;
  }

  /** How many coins it adds; negative if it takes some away. */
  int net() {
    return net;
  }

  /** What they are worth together, in sat; 0 where that is not kept. */
  long sat() {
    return sat;
  }

  /** The first 8 bytes of the key. */
  long beginning() {
    return beginning;
  }

  /** The number of the output. */
  int index() {
    return CoinEntry.index(kind, page, start);
  }

  /** The coin's outpoint; of {@link CoinKind#OUTPOINT} only. */
  Outpoint outpoint() {
    return new Outpoint(CoinEntry.txid(page, start), index());
  }

  /** What the coin is; of {@link CoinKind#OUTPOINT} only, and if it is made. */
  Coin coin() {
    byte[] script = new byte[end - scriptStart];
    System.arraycopy(page, scriptStart, script, 0, script.length);
    return new Coin(
        Amount.ofSat(sat),
        Script.view(script, 0, script.length),
        (int) (head >>> CoinEntry.FLAG_BITS),
        (head & CoinEntry.COINBASE) != 0);
  }
}
