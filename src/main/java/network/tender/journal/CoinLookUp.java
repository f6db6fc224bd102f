package network.tender.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * A piece of what is in memory of a run, to find its coins by: its fences, or its filter. They are
 * written in pieces, as a run of a hundred million coins has 100 MB of them.
 */
final class CoinLookUp {
  /** Number of fences in the database. */
  static final int FENCES = 1;

  /** Number of filters in the database. */
  static final int FILTER = 2;

  private static final int PIECE_BYTES = 1 << 18;

  private final int part;
  private final int number;
  private final byte[] bytes;

  private CoinLookUp(int part, int number, byte[] bytes) {
    this.part = part;
    this.number = number;
    this.bytes = bytes;
  }

  /** All pieces of a run; for a worker thread. */
  static List<CoinLookUp> of(CoinRun run) {
    List<CoinLookUp> pieces = new ArrayList<>();
    add(pieces, FENCES, run.fences().toBytes());
    run.filter().ifPresent(filter -> add(pieces, FILTER, filter.toBytes()));
    return pieces;
  }

  private static void add(List<CoinLookUp> pieces, int part, byte[] all) {
    for (int from = 0; from < all.length; from += PIECE_BYTES) {
      byte[] bytes = new byte[Math.min(PIECE_BYTES, all.length - from)];
      System.arraycopy(all, from, bytes, 0, bytes.length);
      pieces.add(new CoinLookUp(part, from / PIECE_BYTES, bytes));
    }
  }

  /** {@link #FENCES} or {@link #FILTER}. */
  int part() {
    return part;
  }

  /** Which piece of the part it is, from 0. */
  int number() {
    return number;
  }

  /** What it is; nobody changes it. */
  byte[] bytes() {
    return bytes;
  }
}
