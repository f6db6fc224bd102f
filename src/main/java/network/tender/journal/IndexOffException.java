package network.tender.journal;

/** The question needs the chain index, and this node is configured to keep none. */
public final class IndexOffException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says so. */
  public IndexOffException() {
    super(
        "This node keeps no index of transactions; ask one that does, or set index.enabled here.",
        null,
        false,
        false);
  }
}
