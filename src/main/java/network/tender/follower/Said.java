package network.tender.follower;

/** What another node has said, made fit for logs, answers and terminals. */
public final class Said {
  private static final int MAX_CHARACTERS = 200;

  private Said() {}

  /** The text on one line, without control characters, cut where it is too long. */
  public static String of(String text) {
    String cut = text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) + "…" : text;
    return cut.replaceAll("[\\p{Cc}\\p{Cf}\\u2028\\u2029]", "?");
  }
}
