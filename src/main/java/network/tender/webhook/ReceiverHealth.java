package network.tender.webhook;

/**
 * How much may be sent to one receiver at a time. One that does not answer at all gets one try at a
 * time, with pauses, so that it takes no places from the others. What it answers is no matter: one
 * that answers 500 over some invoices may take the others well.
 */
final class ReceiverHealth {
  private static final int TRUSTED_FAILURES = 3;
  private static final int MAX_DOUBLINGS = 10;

  /** Where nothing was sent for so many of the longest pauses, one begins anew. */
  private static final int FORGOTTEN_PAUSES = 30;

  /** For so many of the longest pauses it matters that something was not answered. */
  private static final int REMEMBERED_PAUSES = 6;

  private static final long NEVER = Long.MIN_VALUE;

  private final int places;
  private final long firstPauseMillis;
  private final long longestPauseMillis;
  private int underWay;
  private int retriesUnderWay;
  private int failures;
  private long pausedUntilMillis;
  private long touchedMillis;

  private long unansweredMillis = NEVER;

  /** When it last answered after an outage. */
  private long recoveredMillis = NEVER;

  ReceiverHealth(int places, long firstPauseMillis, long longestPauseMillis) {
    this.places = places;
    this.firstPauseMillis = firstPauseMillis;
    this.longestPauseMillis = longestPauseMillis;
  }

  /** True if anything may be sent now. */
  boolean hasRoom(long nowMillis) {
    return isFailing() ? underWay == 0 && nowMillis >= pausedUntilMillis : underWay < places;
  }

  /**
   * True if a delivery may be sent now. Neither those that are tried for the first time nor those
   * that were tried before take all places, so that neither waits for ever for the others.
   */
  boolean hasRoom(boolean isRetry, long nowMillis) {
    if (!hasRoom(nowMillis) || isFailing() || places == 1) {
      return hasRoom(nowMillis);
    }
    return isRetry ? retriesUnderWay < places / 2 : underWay - retriesUnderWay < places - 1;
  }

  /** When something may be sent again, unless what is under way ends before; in milliseconds. */
  long pausedUntilMillis() {
    return pausedUntilMillis;
  }

  boolean isIdle() {
    return underWay == 0;
  }

  /** True if it has not answered several times in a row. */
  boolean isFailing() {
    return failures >= TRUSTED_FAILURES;
  }

  /** True if it has not answered the last time. */
  boolean isDoubtful() {
    return failures > 0;
  }

  /** True if something was not answered lately: it may hang over some invoices only. */
  boolean isWary(long nowMillis) {
    return !isOver(unansweredMillis, nowMillis);
  }

  private boolean isOver(long millis, long nowMillis) {
    return millis == NEVER || nowMillis >= millis + REMEMBERED_PAUSES * longestPauseMillis;
  }

  void begin(boolean isRetry) {
    underWay++;
    retriesUnderWay += isRetry ? 1 : 0;
  }

  /** Nothing was sent after all, which says nothing of the receiver. */
  void endUnsent(boolean isRetry) {
    underWay--;
    retriesUnderWay -= isRetry ? 1 : 0;
  }

  /**
   * Something was sent.
   *
   * @param isRetry as it was begun
   * @param answers false if there was no answer
   * @return true if it answers again after it had not several times in a row. One that keeps on
   *     changing is said to do so once in a while only
   */
  boolean end(boolean isRetry, boolean answers, long nowMillis) {
    endUnsent(isRetry);
    touchedMillis = nowMillis;
    boolean recovered = answers && isFailing() && isOver(recoveredMillis, nowMillis);
    if (recovered) {
      recoveredMillis = nowMillis;
    }
    if (!answers) {
      unansweredMillis = nowMillis;
    }
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
        && (unansweredMillis == NEVER
            || nowMillis > touchedMillis + FORGOTTEN_PAUSES * longestPauseMillis);
  }
}
