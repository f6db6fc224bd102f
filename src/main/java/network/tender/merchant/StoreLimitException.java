package network.tender.merchant;

/** Somebody has made as many stores as one person may. */
public final class StoreLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final String SENTENCE =
      "One user makes at most %d stores.".formatted(Stores.MAX_MADE);

  /** Says so. */
  public StoreLimitException() {
    super(SENTENCE, null, false, false);
  }

  /** What is wrong, for the person. */
  public String sentence() {
    return SENTENCE;
  }
}
