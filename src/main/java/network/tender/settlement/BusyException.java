package network.tender.settlement;

/** A question to the ledger that was not taken because too many wait; asking again is safe. */
public final class BusyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says so. */
  public BusyException() {
    super("too many questions to the ledger", null, false, false);
  }
}
