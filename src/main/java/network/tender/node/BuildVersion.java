package network.tender.node;

import java.util.Optional;

/** The version that the build wrote into the jar's manifest. */
public final class BuildVersion {
  private BuildVersion() {}

  /** The version; empty if this does not run from a jar. */
  public static Optional<String> read() {
    return Optional.ofNullable(BuildVersion.class.getPackage().getImplementationVersion());
  }

  /**
   * How this node calls itself where it asks others: {@code Tender/1.0}, and the name alone if
   * unknown.
   */
  static String userAgent() {
    return read().map(version -> "Tender/" + version).orElse("Tender");
  }
}
