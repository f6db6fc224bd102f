package network.tender.journal;

/** Another process has become the writer; this one must stop. */
public final class LeaseLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String explanation;

  /** Makes one with a sentence for the operator. */
  public LeaseLostException(String explanation) {
    super(explanation);
    this.explanation = explanation;
  }

  /** A sentence for the operator. */
  public String explanation() {
    return explanation;
  }
}
