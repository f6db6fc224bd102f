package network.tender.follower;

/** The followed node could not be asked, or did not answer as a node does. */
final class UpstreamException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whether the node may have taken the request all the same. */
  private final boolean perhapsTaken;

  UpstreamException(String message, boolean perhapsTaken) {
    super(message, null, false, false);
    this.perhapsTaken = perhapsTaken;
  }

  boolean perhapsTaken() {
    return perhapsTaken;
  }
}
