package network.tender.cli;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Notices when something that should move on stands still. */
final class CursorWatch {
  private final long limitNanos;
  private final LongSupplier clockNanos;
  private int cursor;
  private long movedNanos;

  /**
   * A watch that begins now.
   *
   * @param cursor where it stands now
   * @param limit how long it may stand still
   * @param clockNanos a clock that never goes back, in nanoseconds from any moment
   */
  CursorWatch(int cursor, Duration limit, LongSupplier clockNanos) {
    this.cursor = cursor;
    this.limitNanos = limit.toNanos();
    this.clockNanos = clockNanos;
    this.movedNanos = clockNanos.getAsLong();
  }

  /** True if it has stood still for the limit. */
  boolean isStuck(int now) {
    long nanos = clockNanos.getAsLong();
    if (now != cursor) {
      cursor = now;
      movedNanos = nanos;
    }
    return nanos - movedNanos >= limitNanos;
  }
}
