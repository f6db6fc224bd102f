package network.tender.node;

/** The node can't start; the message says why and what to do, for the operator. */
public final class StartException extends Exception {
  /** With a sentence for the operator. */
  public StartException(String message) {
    super(message);
  }

  /** With a sentence for the operator and what was behind it. */
  public StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
