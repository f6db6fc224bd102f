package network.tender.chain;

/**
 * Bytes or text that do not have the form they claim: a transaction with trailing bytes, an address
 * with a wrong checksum. Thrown by decoders only; whoever called them turns it into the refusal
 * that fits. It carries no stack trace, because bad input must stay cheap.
 */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Makes one with a sentence that says what is wrong with the input. */
  public MalformedException(String message) {
    super(message, null, false, false);
  }
}
