package network.tender.journal;

/**
 * A database or data folder that must not be used as it is; the message is a sentence for the
 * operator that says why and what to do. Trying again does not help.
 */
public final class DatabaseRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes one with a sentence for the operator. */
  public DatabaseRefusedException(String message) {
    super(message);
  }
}
