package network.tender.ledger;

/**
 * How fast blocks may follow each other: a token bucket, so that a lone payment never waits and
 * sustained load settles into an even beat. Pure: time comes in, nothing is waited for.
 */
public final class Cadence {
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long MICROS_PER_MILLI = 1_000;

  private final long intervalMicros;
  private final long toleranceMicros;

  /** When the bucket would be full again; the only state (the generic cell rate algorithm). */
  private long fullAtMicros = Long.MIN_VALUE / 2;

  private long lastMicros = Long.MIN_VALUE / 2;

  /**
   * A full bucket.
   *
   * @param perSecond tokens a second, 1..1,000
   * @param burst tokens the bucket holds, at least 1
   */
  public Cadence(int perSecond, int burst) {
    this.intervalMicros = MICROS_PER_SECOND / perSecond;
    this.toleranceMicros = (burst - 1) * intervalMicros;
  }

  /** Takes a token if there is one. */
  public boolean tryTake(long nowMillis) {
    long now = observe(nowMillis);
    if (now < fullAtMicros - toleranceMicros) {
      return false;
    }
    fullAtMicros = Math.max(now, fullAtMicros) + intervalMicros;
    return true;
  }

  /** When there will be a token: {@code nowMillis} if there is one already. */
  public long nextMillis(long nowMillis) {
    long now = observe(nowMillis);
    long wait = fullAtMicros - toleranceMicros - now;
    return wait <= 0 ? nowMillis : nowMillis + (wait + MICROS_PER_MILLI - 1) / MICROS_PER_MILLI;
  }

  /** A clock that was set back takes the bucket with it, so that nobody waits for the old time. */
  private long observe(long nowMillis) {
    long now = nowMillis * MICROS_PER_MILLI;
    if (now < lastMicros) {
      fullAtMicros -= lastMicros - now;
    }
    lastMicros = now;
    return now;
  }
}
