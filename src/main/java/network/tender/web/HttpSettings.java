package network.tender.web;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the public server listens and what it bounds.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 for any free one
 * @param instances servers that share the port, one for each event loop
 * @param maxConnections open connections over all instances; further ones are closed at once
 * @param maxBodyBytes largest request body
 * @param idleTimeoutSeconds after which a connection without traffic is closed
 * @param drainSeconds how long requests under way may take when the server stops
 * @param tls certificate and key, if the server speaks TLS itself
 */
public record HttpSettings(
    String host,
    int port,
    int instances,
    int maxConnections,
    int maxBodyBytes,
    int idleTimeoutSeconds,
    int drainSeconds,
    Optional<Tls> tls) {
  /**
   * Files in PEM.
   *
   * @param certificate the certificate chain, the server's own first
   * @param key its private key, PKCS #8
   */
  public record Tls(Path certificate, Path key) {}

  /** The largest body that any path accepts by default: a transfer of 400,000 weight units. */
  public static final int DEFAULT_MAX_BODY_BYTES = 1_000_000;

  /** Connections that are served at a time by default. */
  public static final int DEFAULT_MAX_CONNECTIONS = 16_384;

  /** Defaults on an address and port. */
  public static HttpSettings on(String host, int port, int instances) {
    return new HttpSettings(
        host,
        port,
        instances,
        DEFAULT_MAX_CONNECTIONS,
        DEFAULT_MAX_BODY_BYTES,
        60,
        10,
        Optional.empty());
  }
}
