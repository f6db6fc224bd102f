package network.tender.merchant;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * Where webhooks are sent: an http or https link with a host and nothing that would be secret.
 *
 * @param uri as it was given
 */
public record HookTarget(URI uri) {
  /** Longest link. */
  public static final int MAX_CHARS = 2_000;

  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;
  private static final int MAX_PORT = 65_535;

  /** Reads a link; empty if it can't be sent to. */
  public static Optional<HookTarget> parse(String text) {
    if (text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    try {
      URI uri = new URI(text.strip()).parseServerAuthority();
      boolean web = "http".equalsIgnoreCase(uri.getScheme()) || isTls(uri);
      return web
              && uri.getHost() != null
              && uri.getUserInfo() == null
              && uri.getPort() != 0
              && uri.getPort() <= MAX_PORT
          ? Optional.of(new HookTarget(uri))
          : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static boolean isTls(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme());
  }

  /** True if it is sent encrypted. */
  public boolean isTls() {
    return isTls(uri);
  }

  /** The host, in small letters; an IPv6 address without its brackets. */
  public String host() {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** The host as it is in the link's authority: an IPv6 address in its brackets. */
  public String authorityHost() {
    return uri.getHost();
  }

  /** The port. */
  public int port() {
    if (uri.getPort() > 0) {
      return uri.getPort();
    }
    return isTls() ? HTTPS_PORT : HTTP_PORT;
  }

  /** Path and query. */
  public String path() {
    String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
  }

  /** Who is meant, whatever the path: scheme, host and port. */
  public String endpoint() {
    return (isTls() ? "https://" : "http://")
        + uri.getHost().toLowerCase(Locale.ROOT)
        + ":"
        + port();
  }
}
