package network.tender.web.greenfield;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What was demanded of the caller while a request was carried out. It is kept with the answer, so
 * that a repeat gets that answer only if its caller may still ask for it.
 */
final class Demands {
  /** Ends the list in front of a kept answer; no JSON holds it. */
  private static final char END = '\0';

  private static final String BETWEEN = "\n";

  private final Set<String> permissions = new LinkedHashSet<>();

  /** A permission was demanded and was there. */
  void add(String permission) {
    permissions.add(permission);
  }

  /** An answer with all that was demanded for it. */
  byte[] with(byte[] answer) {
    byte[] list = (String.join(BETWEEN, permissions) + END).getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[list.length + answer.length];
    System.arraycopy(list, 0, all, 0, list.length);
    System.arraycopy(answer, 0, all, list.length, answer.length);
    return all;
  }

  /**
   * An answer and what was demanded for it.
   *
   * @param permissions in the order of the demands
   * @param answer the JSON that was given to {@link #with}
   */
  record Kept(List<String> permissions, String answer) {
    Kept {
      permissions = List.copyOf(permissions);
    }

    /** Takes apart what {@link #with} has put together, or an answer of an earlier release. */
    static Kept of(byte[] all) {
      String text = new String(all, StandardCharsets.UTF_8);
      int end = text.indexOf(END);
      if (end <= 0) {
        return new Kept(List.of(), text.substring(end + 1));
      }
      return new Kept(List.of(text.substring(0, end).split(BETWEEN, -1)), text.substring(end + 1));
    }
  }
}
