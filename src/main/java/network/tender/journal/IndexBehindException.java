package network.tender.journal;

/** The chain index does not cover the newest blocks at present; asking again later will help. */
public final class IndexBehindException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes one with a sentence for the caller. */
  public IndexBehindException(String message) {
    super(message);
  }
}
