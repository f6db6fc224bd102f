package network.tender.journal;

import java.util.stream.IntStream;
import java.util.stream.Stream;

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

  /** All pieces of a run, each made when it is asked for: together they are tens of MB. */
  static Stream<CoinLookUp> of(CoinRun run) {
    return Stream.concat(
        pieces(FENCES, run.fences().bytes(), run.fences()::toBytes),
        run.filter()
            .map(filter -> pieces(FILTER, filter.bytes(), filter::toBytes))
            .orElse(Stream.empty()));
  }

  private static Stream<CoinLookUp> pieces(int part, long length, Range range) {
    return IntStream.range(0, (int) ((length + PIECE_BYTES - 1) / PIECE_BYTES))
        .mapToObj(
            number -> {
              int from = number * PIECE_BYTES;
              int to = (int) Math.min(length, from + PIECE_BYTES);
              return new CoinLookUp(part, number, range.toBytes(from, to));
            });
  }

  /** Some bytes of a part. */
  private interface Range {
    byte[] toBytes(int from, int to);
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
