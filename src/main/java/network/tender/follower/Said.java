package network.tender.follower;

/** What another node has said, made fit for logs and answers of this one. */
final class Said {
  private static final int MAX_CHARACTERS = 200;

  private Said() {}

  /** The text on one line, without control characters, cut where it is too long. */
  static String of(String text) {
    String cut = text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) + "…" : text;
    return cut.replaceAll("\\p{Cntrl}|\\p{Cf}", "?");
  }
}
