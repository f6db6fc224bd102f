package network.tender.web.pages;

import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.merchant.ExactJson;
import network.tender.merchant.LenientJson;
import network.tender.merchant.Permission;

/**
 * What an application asks a person for: the parameters of {@code /api-keys/authorize}.
 *
 * @param permissions what the key is to hold, in the order asked; none to prove who somebody is
 * @param application what it calls itself; nobody has checked that
 * @param identifier what it knows itself by; may be empty
 * @param strict true if all of the permissions are needed
 * @param selectiveStores true if the key is for one store only
 * @param redirect where the key is to be sent; empty for showing it
 */
record KeyRequest(
    List<Permission> permissions,
    String application,
    String identifier,
    boolean strict,
    boolean selectiveStores,
    Optional<Target> redirect) {
  private static final int MAX_NAME_CHARS = 100;
  private static final int MAX_PERMISSIONS = 100;
  private static final int MAX_LINK_CHARS = 4_000;

  /**
   * A link whose host is what it seems to be: no user name before it, and nothing that browsers
   * read otherwise than we do.
   */
  private static final Pattern LINK =
      Pattern.compile(
          "((https?)://([a-z0-9.-]{1,253}|\\[[0-9a-f:.]{2,45}])(:[0-9]{1,5})?)([/?#][^\\s\\\\\"'<>\\p{Cntrl}]*)?",
          Pattern.CASE_INSENSITIVE);

  /**
   * Where a key is to be sent.
   *
   * @param url the whole link
   * @param origin scheme, host and port
   * @param host host and port, for a person to judge
   * @param encrypted true if nobody on the way can read it
   */
  record Target(String url, String origin, String host, boolean encrypted) {
    static Optional<Target> parse(String text) {
      Matcher matcher = LINK.matcher(text);
      if (text.length() > MAX_LINK_CHARS || !matcher.matches()) {
        return Optional.empty();
      }
      String origin = matcher.group(1).toLowerCase(Locale.ROOT);
      String host = origin.substring(origin.indexOf("://") + "://".length());
      String name = matcher.group(3).toLowerCase(Locale.ROOT);
      boolean here = name.equals("localhost") || name.equals("127.0.0.1") || name.equals("[::1]");
      boolean onion = name.endsWith(".onion");
      boolean tls = matcher.group(2).equalsIgnoreCase("https");
      return Optional.of(new Target(text, origin, host, tls || here || onion));
    }
  }

  /** Makes the list unmodifiable. */
  KeyRequest {
    permissions = List.copyOf(permissions);
  }

  /**
   * Reads the parameters of a query or a form.
   *
   * @throws network.tender.web.ProblemException with a sentence for the person
   */
  static KeyRequest of(MultiMap given) {
    List<Permission> permissions = new ArrayList<>();
    List<String> texts = new ArrayList<>(given.getAll("permissions"));
    texts.addAll(given.getAll("permissions[]"));
    texts.removeIf(String::isBlank);
    if (texts.size() > MAX_PERMISSIONS) {
      throw PageCode.INVALID_PERMISSIONS.toException();
    }
    for (String text : texts) {
      // One that only a later version knows is not given.
      Permission.parse(text).filter(one -> !permissions.contains(one)).ifPresent(permissions::add);
    }
    if (permissions.isEmpty() && !texts.isEmpty()) {
      throw PageCode.INVALID_PERMISSIONS.toException();
    }
    String redirect = text(given, "redirect");
    Optional<Target> target = Optional.empty();
    if (!redirect.isEmpty()) {
      target = Target.parse(redirect);
      if (target.isEmpty()) {
        throw PageCode.INVALID_REDIRECT.toException();
      }
    }
    return new KeyRequest(
        permissions,
        cut(text(given, "applicationName")),
        cut(text(given, "applicationIdentifier")),
        flag(given, "strict", true),
        flag(given, "selectiveStores", false),
        target);
  }

  private static String text(MultiMap given, String name) {
    String text = given.get(name);
    return text == null || !ExactJson.isStorable(text) ? "" : text.strip();
  }

  private static String cut(String text) {
    String printable = text.replaceAll("[\\p{Cntrl}\\p{Cf}]", " ").strip();
    return printable.length() > MAX_NAME_CHARS ? printable.substring(0, MAX_NAME_CHARS) : printable;
  }

  private static boolean flag(MultiMap given, String name, boolean fallback) {
    return LenientJson.flag(text(given, name)).orElse(fallback);
  }

  /** True if a person has to say which store the key is for. */
  boolean picksStore() {
    return selectiveStores && permissions.stream().anyMatch(KeyRequest::isOpen);
  }

  /** True if a permission is about stores and names none. */
  static boolean isOpen(Permission permission) {
    return permission.storeId().isEmpty() && Permission.isAboutStores(permission.policy());
  }

  /** True if any permission is about stores. */
  boolean isAboutStores() {
    return permissions.stream().anyMatch(one -> Permission.isAboutStores(one.policy()));
  }
}
