package network.tender.web;

import java.util.regex.Pattern;

/** What ids of invoices and stores look like; everything else is not worth a question. */
public final class PathIds {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private PathIds() {}

  /** True if an invoice or store could have this id. */
  public static boolean isPossible(String id) {
    return ID.matcher(id).matches();
  }
}
