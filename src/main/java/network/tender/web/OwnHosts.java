package network.tender.web;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The names by which a browser on this machine, or a visitor of the public URL, reaches the node.
 * Whoever owns another name can let it point here, and a page of theirs is then of the same origin
 * as the node: only the name tells it apart.
 */
public final class OwnHosts {
  private final Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "::1"));

  /**
   * The names of a node.
   *
   * @param listenHost the address that it listens on
   * @param publicUrl how the world reaches it
   */
  public OwnHosts(String listenHost, Optional<URI> publicUrl) {
    hosts.add(plain(listenHost));
    publicUrl.map(URI::getHost).map(OwnHosts::plain).ifPresent(hosts::add);
  }

  /** Lower case, and IPv6 addresses without brackets. */
  private static String plain(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.startsWith("[") && lower.endsWith("]")
        ? lower.substring(1, lower.length() - 1)
        : lower;
  }

  /** True if a request was sent to one of these names. */
  public boolean isAsked(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    return authority != null && hosts.contains(plain(authority.host()));
  }
}
