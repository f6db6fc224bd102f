package network.tender.journal;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where a PostgreSQL database is, how to log in, and the limits of our use of it.
 *
 * @param host host name or address
 * @param port TCP port
 * @param database name of the database
 * @param user who logs in
 * @param password their password, possibly empty; never shown
 * @param sslMode whether to use TLS and what to check of the server
 * @param rootCertificate file of PEM certificates to trust instead of Java's own
 * @param limits bounds on connections and waiting
 */
public record DatabaseOptions(
    String host,
    int port,
    String database,
    String user,
    String password,
    SslMode sslMode,
    Optional<Path> rootCertificate,
    Limits limits) {
  /**
   * Bounds on connections and waiting.
   *
   * @param poolSize most connections of the pool
   * @param maxWaitQueue most requests that wait for a connection of the pool; more are refused
   * @param connectTimeout for a new connection, and for one of the pool to become free
   * @param statementTimeout after which the server stops a statement
   * @param idleInTransactionTimeout after which the server drops a transaction that does nothing
   */
  public record Limits(
      int poolSize,
      int maxWaitQueue,
      Duration connectTimeout,
      Duration statementTimeout,
      Duration idleInTransactionTimeout) {
    /** What fits a node on a few cores. */
    public static final Limits DEFAULT =
        new Limits(12, 512, Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofSeconds(5));
  }

  private static final int DEFAULT_PORT = 5432;
  private static final int PREPARED_STATEMENTS = 256;
  private static final int PREPARED_STATEMENT_CHARACTERS = 8192;
  private static final int PIPELINING_LIMIT = 64;

  /**
   * Reads {@code postgresql://user:password@host:port/database?sslmode=…&sslrootcert=…}.
   *
   * @throws IllegalArgumentException if it is not of that form; the message never holds the
   *     password
   */
  public static DatabaseOptions parse(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "the database URL is malformed; write postgresql://user:password@host:port/database with"
              + " special characters percent-encoded");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme();
    String path = uri.getPath() == null ? "" : uri.getPath();
    if ((!scheme.equals("postgresql") && !scheme.equals("postgres"))
        || uri.getHost() == null
        || uri.getRawUserInfo() == null
        || path.length() < 2
        || path.indexOf('/', 1) >= 0) {
      throw new IllegalArgumentException(
          "the database URL must have the form postgresql://user:password@host:port/database");
    }
    String[] login = uri.getRawUserInfo().split(":", 2);
    SslMode sslMode = SslMode.PREFER;
    Optional<Path> rootCertificate = Optional.empty();
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    for (String parameter : query.isEmpty() ? new String[0] : query.split("&")) {
      String[] pair = parameter.split("=", 2);
      String value = pair.length == 2 ? decode(pair[1]) : "";
      switch (pair[0]) {
        case "sslmode" -> sslMode = parseSslMode(value);
        case "sslrootcert" -> rootCertificate = Optional.of(Path.of(value));
        default ->
            throw new IllegalArgumentException(
                "the database URL has an unknown parameter "
                    + pair[0]
                    + "; known are sslmode and sslrootcert");
      }
    }
    String host = uri.getHost();
    return new DatabaseOptions(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        path.substring(1),
        decode(login[0]),
        login.length == 2 ? decode(login[1]) : "",
        sslMode,
        rootCertificate,
        Limits.DEFAULT);
  }

  private static SslMode parseSslMode(String value) {
    try {
      return SslMode.of(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "sslmode in the database URL must be one of disable, allow, prefer, require, verify-ca,"
              + " verify-full");
    }
  }

  private static String decode(String text) {
    // A plus sign is a plus sign in these places, unlike in forms.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The same server and login, another database on it. */
  public DatabaseOptions withDatabase(String name) {
    return new DatabaseOptions(host, port, name, user, password, sslMode, rootCertificate, limits);
  }

  /** The same with a password that was given apart from the URL. */
  public DatabaseOptions withPassword(String newPassword) {
    return new DatabaseOptions(
        host, port, database, user, newPassword, sslMode, rootCertificate, limits);
  }

  /** The same server reached through another port, such as a proxy's. */
  public DatabaseOptions withPort(int newPort) {
    return new DatabaseOptions(
        host, newPort, database, user, password, sslMode, rootCertificate, limits);
  }

  /** The same with other limits. */
  public DatabaseOptions withLimits(Limits newLimits) {
    return new DatabaseOptions(
        host, port, database, user, password, sslMode, rootCertificate, newLimits);
  }

  /**
   * Options of one connection, with the client's unsafe defaults changed.
   *
   * @param role what the connection is for; shown in the server's list of connections
   */
  PgConnectOptions toConnectOptions(String role) {
    PgConnectOptions options =
        new PgConnectOptions()
            .setHost(host)
            .setPort(port)
            .setDatabase(database)
            .setUser(user)
            .setPassword(password)
            .setSslMode(sslMode)
            .setReconnectAttempts(0)
            .setPipeliningLimit(PIPELINING_LIMIT)
            .setCachePreparedStatements(true)
            .setPreparedStatementCacheMaxSize(PREPARED_STATEMENTS)
            .setPreparedStatementCacheSqlLimit(PREPARED_STATEMENT_CHARACTERS);
    options.setMetricsName("tender-" + role);
    options.addProperty("application_name", "tender " + role);
    options.addProperty("statement_timeout", Long.toString(limits.statementTimeout().toMillis()));
    options.addProperty(
        "idle_in_transaction_session_timeout",
        Long.toString(limits.idleInTransactionTimeout().toMillis()));
    if (sslMode != SslMode.DISABLE) {
      ClientSSLOptions ssl =
          new ClientSSLOptions()
              .setHostnameVerificationAlgorithm(sslMode == SslMode.VERIFY_FULL ? "HTTPS" : "");
      rootCertificate.ifPresent(
          file -> ssl.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
      boolean checked = sslMode == SslMode.VERIFY_CA || sslMode == SslMode.VERIFY_FULL;
      ssl.setTrustAll(!checked);
      options.setSslOptions(ssl);
    }
    return options;
  }

  /** The address for JDBC, without login. */
  String jdbcUrl() {
    String hostPart = host.contains(":") ? "[" + host + "]" : host;
    return "jdbc:postgresql://" + hostPart + ":" + port + "/" + database;
  }

  /** Login, TLS and limits for JDBC. */
  Map<String, String> jdbcProperties() {
    Map<String, String> properties = new HashMap<>();
    properties.put("user", user);
    properties.put("password", password);
    properties.put("ApplicationName", "tender migration");
    properties.put("connectTimeout", Long.toString(limits.connectTimeout().toSeconds()));
    properties.put("sslmode", sslMode.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    if (rootCertificate.isPresent()) {
      properties.put("sslrootcert", rootCertificate.get().toString());
    } else if (sslMode == SslMode.VERIFY_CA || sslMode == SslMode.VERIFY_FULL) {
      properties.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
    }
    return properties;
  }

  /** Everything but the password. */
  @Override
  public String toString() {
    return "postgresql://" + user + "@" + host + ":" + port + "/" + database;
  }
}
