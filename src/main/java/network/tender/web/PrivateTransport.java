package network.tender.web;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/** Tells requests that nobody on the way can read: passwords are taken from these only. */
public final class PrivateTransport {
  private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  private final Optional<URI> publicUrl;
  private final boolean development;

  /**
   * The transport of one node.
   *
   * @param publicUrl how the world reaches the node
   * @param development true where passwords and keys are worth nothing
   */
  public PrivateTransport(Optional<URI> publicUrl, boolean development) {
    this.publicUrl = publicUrl;
    this.development = development;
  }

  /** True if what is sent both ways can be read by nobody else. */
  public boolean isPrivate(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    String host = authority == null ? "" : authority.host();
    return development || isTls(request) || THIS_MACHINE.contains(host) || host.endsWith(".onion");
  }

  /** True if it comes by TLS, here or to a proxy in front of the node. */
  public boolean isTls(HttpServerRequest request) {
    return request.isSSL() || publicUrl.filter(url -> "https".equals(url.getScheme())).isPresent();
  }
}
