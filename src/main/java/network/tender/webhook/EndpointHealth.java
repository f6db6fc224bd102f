package network.tender.webhook;

/**
 * How much may be sent to one receiver at a time. One that does not answer gets one try at a time,
 * with ever longer pauses, so that it takes no places from the others.
 */
final class EndpointHealth {
  private static final int TRUSTED_FAILURES = 3;
  private static final int MAX_DOUBLINGS = 10;

  /** Where nothing was sent for so many of the longest pauses, one begins anew. */
  private static final int FORGOTTEN_PAUSES = 5;

  private final int places;
  private final long firstPauseMillis;
  private final long longestPauseMillis;
  private int underWay;
  private int failures;
  private long pausedUntilMillis;
  private long touchedMillis;

  EndpointHealth(int places, long firstPauseMillis, long longestPauseMillis) {
    this.places = places;
    this.firstPauseMillis = firstPauseMillis;
    this.longestPauseMillis = longestPauseMillis;
  }

  /** True if something may be sent now. */
  boolean hasRoom(long nowMillis) {
    return isFailing() ? underWay == 0 && nowMillis >= pausedUntilMillis : underWay < places;
  }

  /** When something may be sent again, unless what is under way ends before; in milliseconds. */
  long pausedUntilMillis() {
    return pausedUntilMillis;
  }

  boolean isIdle() {
    return underWay == 0;
  }

  private boolean isFailing() {
    return failures >= TRUSTED_FAILURES;
  }

  void begin() {
    underWay++;
  }

  /**
   * Something was sent.
   *
   * @param answers false if the receiver does not answer, or not well
   * @return true if it answers again after it had not answered several times in a row
   */
  boolean end(boolean answers, long nowMillis) {
    underWay--;
    touchedMillis = nowMillis;
    boolean recovered = answers && isFailing();
    failures = answers ? 0 : failures + 1;
    if (isFailing()) {
      int doublings = Math.min(MAX_DOUBLINGS, failures - TRUSTED_FAILURES);
      pausedUntilMillis = nowMillis + Math.min(longestPauseMillis, firstPauseMillis << doublings);
    }
    return recovered;
  }

  /** True if there is nothing to remember, or nothing that would still matter. */
  boolean isForgettable(long nowMillis) {
    return underWay == 0
        && (failures == 0 || nowMillis > touchedMillis + FORGOTTEN_PAUSES * longestPauseMillis);
  }
}
