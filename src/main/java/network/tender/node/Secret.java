package network.tender.node;

/**
 * A value that must never be printed.
 *
 * @param value the clear text
 */
public record Secret(String value) {
  /** The value masked, so that logging a configuration is safe. */
  @Override
  public String toString() {
    return "***";
  }
}
