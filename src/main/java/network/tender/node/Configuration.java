package network.tender.node;

import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import network.tender.script.Curve;
import network.tender.web.HttpSettings;
import network.tender.webhook.AddressGuard;

/**
 * Everything about a node that its operator can choose; read once, immutable. {@code
 * conf/tender.yaml} explains each key.
 *
 * @param dataDir where the node keeps its files
 * @param http the public server
 * @param management the server for operators
 * @param database where the journal is
 * @param network which chain
 * @param block how often blocks are sealed
 * @param settlement limits of the pipeline
 * @param coins the cache of unspent coins
 * @param crypto which implementation of the curve
 * @param merchant settings of the merchant API
 * @param index the index of transactions
 * @param follow whether this node follows another
 * @param webhook where events may be sent
 */
public record Configuration(
    Path dataDir,
    Http http,
    Management management,
    Database database,
    NetworkChoice network,
    BlockRate block,
    Limits settlement,
    Coins coins,
    Crypto crypto,
    Merchant merchant,
    Index index,
    Follow follow,
    Webhook webhook) {
  /**
   * The public server.
   *
   * @param host address to listen on
   * @param port port, 0 for any free one
   * @param tls certificate and key, if the node itself speaks TLS
   * @param publicUrl what customers' browsers call the node, if a proxy is in front
   * @param maxConnections open connections; further ones are closed at once
   */
  public record Http(
      String host, int port, Optional<Tls> tls, Optional<URI> publicUrl, int maxConnections) {}

  /**
   * Files for TLS, both PEM.
   *
   * @param certificate the certificate chain
   * @param key its private key
   */
  public record Tls(Path certificate, Path key) {}

  /**
   * The server for operators: metrics and health.
   *
   * @param host address to listen on
   * @param port port, 0 for any free one
   */
  public record Management(String host, int port) {}

  /**
   * Where the journal is.
   *
   * @param url {@code postgresql://user@host:port/database}; absent for the embedded server
   * @param password the user's password, if it has one
   * @param poolSize connections, 2..64
   * @param statementTimeoutMillis after which PostgreSQL gives a statement up
   * @param allowUnsafe true to use a server that may forget what it has committed
   */
  public record Database(
      Optional<String> url,
      Optional<Secret> password,
      int poolSize,
      int statementTimeoutMillis,
      boolean allowUnsafe) {}

  /**
   * Which chain.
   *
   * @param file a custom network's file; absent for regtest
   * @param coinCode another code of the coin than the network's own; regtest only
   */
  public record NetworkChoice(Optional<Path> file, Optional<String> coinCode) {}

  /**
   * How often blocks are sealed: a token bucket.
   *
   * @param ratePerSecond blocks a second under load, 1..6
   * @param burst blocks that may follow each other at once, 1..6
   */
  public record BlockRate(int ratePerSecond, int burst) {}

  /**
   * Limits of the pipeline.
   *
   * @param maxInFlight transfers between arrival and verdict; more are answered "busy"
   * @param maxPending transfers that wait for a block; more are answered "busy"
   * @param maxWaitMillis how long a caller waits before "not settled yet"
   * @param verifyThreads threads that check signatures
   */
  public record Limits(int maxInFlight, int maxPending, int maxWaitMillis, int verifyThreads) {}

  /**
   * The cache of unspent coins.
   *
   * @param cacheEntries most coins in memory
   * @param flushMillis how often changes are written behind the journal
   * @param auditSeconds how often all stored coins are counted
   */
  public record Coins(int cacheEntries, int flushMillis, int auditSeconds) {}

  /**
   * Which implementation of the curve.
   *
   * @param provider automatic unless somebody must know
   */
  public record Crypto(Curve.Provider provider) {}

  /**
   * The index of transactions, which wallets and explorers need.
   *
   * @param enabled false to keep none
   */
  public record Index(boolean enabled) {}

  /**
   * Whether this node follows another.
   *
   * @param url the other node; absent for a node that seals blocks itself
   */
  public record Follow(Optional<URI> url) {}

  /**
   * Where the events of shops may be sent, beside the public internet.
   *
   * @param allow host names, addresses and networks; absent for what the network's kind allows
   */
  public record Webhook(Optional<List<String>> allow) {}

  /**
   * Settings of the merchant API.
   *
   * @param rates fixed rates by pair, such as {@code TNDR_USD}: price of one coin
   * @param renewAdminKey true to make a new administrator's key at this start and revoke the first
   *     one, because its file is lost
   */
  public record Merchant(Map<String, BigDecimal> rates, boolean renewAdminKey) {
    /** Makes the map unmodifiable. */
    public Merchant {
      rates = Map.copyOf(rates);
    }
  }

  /** What the environment variables that are settings begin with. */
  public static final String VARIABLES = Settings.PREFIX;

  /**
   * The variable that says how much is logged. No key of the file: the log begins before the file
   * is read.
   */
  public static final String LOG_LEVEL = "TENDER_LOG_LEVEL";

  /** What the log knows; it would take anything else for DEBUG. */
  private static final List<String> LOG_LEVELS =
      List.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF");

  /** What a coin takes in memory, with its share of the table. */
  private static final int COIN_BYTES = 130;

  private static final int LEAST_CACHE_ENTRIES = 10_000;
  private static final int MOST_CACHE_ENTRIES = 1_000_000;
  private static final int MAX_PORT = 65_535;
  private static final Pattern PAIR = Pattern.compile("[A-Z0-9]{2,10}_[A-Z0-9]{3,10}");
  static final Pattern COIN_CODE = Pattern.compile("[A-Z][A-Z0-9]{1,9}");

  /** The defaults. */
  public static Configuration defaults() {
    try {
      return load(Optional.empty(), Map.of(), Map.of());
    } catch (ConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads the configuration: defaults, then the file, then the environment, then flags, the later
   * winning.
   *
   * @param path the YAML file, if one is named; {@code TENDER_CONFIG} may name it too
   * @param environment all environment variables; {@code http.publicUrl} is {@code
   *     TENDER_HTTP_PUBLIC_URL}; {@link #LOG_LEVEL} is checked here too, although the log reads it
   *     by itself
   * @param flags key path, such as {@code http.port}, to text
   * @throws ConfigurationException with a sentence for everything that has to be corrected
   */
  public static Configuration load(
      Optional<Path> path, Map<String, String> environment, Map<String, String> flags)
      throws ConfigurationException {
    return load(path, environment, flags, Runtime.getRuntime().maxMemory());
  }

  /**
   * The same for a heap of some size.
   *
   * @param maxHeapBytes most that the heap may grow to
   */
  static Configuration load(
      Optional<Path> path,
      Map<String, String> environment,
      Map<String, String> flags,
      long maxHeapBytes)
      throws ConfigurationException {
    Map<String, String> rest = new TreeMap<>(environment);
    String named = rest.remove("TENDER_CONFIG");
    String logLevel = rest.remove(LOG_LEVEL);
    Optional<Path> file =
        path.or(() -> Optional.ofNullable(named).filter(text -> !text.isEmpty()).map(Path::of));
    Settings settings = Settings.read(file, rest, flags);
    Configuration configuration = read(settings, maxHeapBytes);
    if (logLevel != null && !logLevel.isEmpty() && !LOG_LEVELS.contains(logLevel)) {
      settings.problem("%s must be one of %s.".formatted(LOG_LEVEL, String.join(", ", LOG_LEVELS)));
    }
    settings.finish();
    return configuration;
  }

  private static Configuration read(Settings settings, long maxHeapBytes) {
    NetworkChoice network = readNetwork(settings);
    return new Configuration(
        settings.value("dataDir", Configuration::path).orElse(Path.of("data")),
        readHttp(settings),
        new Management(
            host(settings, "management.host"),
            settings.number("management.port", 8081, 0, MAX_PORT)),
        readDatabase(settings),
        network,
        new BlockRate(
            settings.number("block.ratePerSecond", 6, 1, 6),
            settings.number("block.burst", 6, 1, 6)),
        new Limits(
            settings.number("settlement.maxInFlight", 10_000, 1, 1_000_000),
            settings.number("settlement.maxPending", 50_000, 1, 1_000_000),
            settings.number("settlement.maxWaitMillis", 20_000, 100, 600_000),
            settings.number(
                "settlement.verifyThreads", Runtime.getRuntime().availableProcessors(), 1, 256)),
        new Coins(
            settings.number("coins.cacheEntries", cacheEntries(maxHeapBytes), 1_000, 100_000_000),
            settings.number("coins.flushMillis", 5_000, 100, 600_000),
            settings.number("coins.auditSeconds", 600, 1, 86_400)),
        new Crypto(
            settings.value("crypto.provider", Configuration::provider).orElse(Curve.Provider.AUTO)),
        readMerchant(settings, network),
        new Index(settings.value("index.enabled", Configuration::yesOrNo).orElse(true)),
        new Follow(settings.value("follow.url", Configuration::nodeUrl)),
        new Webhook(readAllowed(settings)));
  }

  /** As many as fit an eighth of the heap, within reason. */
  private static int cacheEntries(long maxHeapBytes) {
    long fitting = maxHeapBytes / 8 / COIN_BYTES;
    return (int) Math.max(LEAST_CACHE_ENTRIES, Math.min(MOST_CACHE_ENTRIES, fitting));
  }

  private static Http readHttp(Settings settings) {
    Optional<Path> certificate = settings.value("http.tls.certificate", Configuration::path);
    Optional<Path> key = settings.value("http.tls.key", Configuration::path);
    if (certificate.isPresent() != key.isPresent()) {
      settings.problem("http.tls needs both certificate and key, or neither.");
    }
    return new Http(
        host(settings, "http.host"),
        settings.number("http.port", 8080, 0, MAX_PORT),
        certificate.flatMap(chain -> key.map(secret -> new Tls(chain, secret))),
        settings.value("http.publicUrl", Configuration::publicUrl),
        settings.number(
            "http.maxConnections", HttpSettings.DEFAULT_MAX_CONNECTIONS, 16, 1_000_000));
  }

  private static Database readDatabase(Settings settings) {
    return new Database(
        settings.value("database.url", Configuration::databaseUrl),
        settings.text("database.password").map(Secret::new),
        settings.number("database.poolSize", 8, 2, 64),
        settings.number("database.statementTimeoutMillis", 10_000, 1_000, 600_000),
        settings.value("database.allowUnsafe", Configuration::yesOrNo).orElse(false));
  }

  private static NetworkChoice readNetwork(Settings settings) {
    Optional<String> name = settings.text("network.name");
    Optional<Path> file = settings.value("network.file", Configuration::path);
    Optional<String> coinCode =
        settings.value(
            "network.coinCode",
            text -> {
              if (!COIN_CODE.matcher(text).matches()) {
                throw new IllegalArgumentException(
                    "must have 2 to 10 capital letters or digits, a letter first.");
              }
              return text;
            });
    if (name.isPresent() && file.isPresent()) {
      settings.problem("network has both a name and a file; a custom network's file names it.");
    } else if (name.isPresent() && !name.get().equals("regtest")) {
      settings.problem(
          "network.name: \"%s\" is not known; it must be regtest, or give network.file for a custom network."
              .formatted(name.get()));
    }
    if (file.isPresent() && coinCode.isPresent()) {
      settings.problem("network.coinCode is for regtest only; a custom network's file names it.");
    }
    return new NetworkChoice(file, coinCode);
  }

  private static Merchant readMerchant(Settings settings, NetworkChoice network) {
    Map<String, BigDecimal> rates = new TreeMap<>();
    settings
        .below("merchant.rates")
        .forEach(
            (pair, text) -> {
              try {
                BigDecimal rate = new BigDecimal(text);
                if (rate.signum() <= 0 || rate.precision() > 30 || Math.abs(rate.scale()) > 30) {
                  throw new NumberFormatException();
                }
                rates.put(pair, rate);
              } catch (NumberFormatException e) {
                settings.problem(
                    "merchant.rates.%s: \"%s\" must be a positive decimal number."
                        .formatted(pair, text));
              }
              if (!PAIR.matcher(pair).matches()) {
                settings.problem(
                    "merchant.rates.%s must be a pair such as TNDR_USD.".formatted(pair));
              }
            });
    if (rates.isEmpty() && network.file().isEmpty()) {
      // Made-up prices for coins without value, so that a newcomer can type an amount in dollars.
      String coin = network.coinCode().orElse("TNDR");
      rates.put(coin + "_USD", new BigDecimal("100.00"));
      rates.put(coin + "_EUR", new BigDecimal("90.00"));
    }
    return new Merchant(
        rates, settings.value("merchant.renewAdminKey", Configuration::yesOrNo).orElse(false));
  }

  /** A list in the file; in the environment and on the command line a text with commas. */
  private static Optional<List<String>> readAllowed(Settings settings) {
    List<String> items = settings.list("webhook.allow");
    Optional<List<String>> allowed =
        settings.value("webhook.allow", text -> List.of(text.strip().split("\\s*,\\s*", -1)));
    if (allowed.isEmpty() && !items.isEmpty()) {
      allowed = Optional.of(items);
    }
    try {
      allowed.ifPresent(AddressGuard::allowing);
    } catch (IllegalArgumentException e) {
      settings.problem("webhook.allow " + e.getMessage());
    }
    return allowed;
  }

  private static boolean yesOrNo(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false.");
    };
  }

  private static String host(Settings settings, String key) {
    return settings
        .value(
            key,
            text -> {
              if (text.isBlank() || text.length() > 253 || text.chars().anyMatch(c -> c <= ' ')) {
                throw new IllegalArgumentException("must be an address or a host name.");
              }
              return text;
            })
        .orElse("127.0.0.1");
  }

  private static Path path(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("must be a path.");
    }
    return Path.of(text);
  }

  private static Curve.Provider provider(String text) {
    for (Curve.Provider provider : Curve.Provider.values()) {
      if (provider.name().equals(text.toUpperCase(Locale.ROOT))) {
        return provider;
      }
    }
    throw new IllegalArgumentException("must be auto, native or bouncycastle.");
  }

  private static URI publicUrl(String text) {
    String expected = "must be an http or https URL without query, such as https://pay.example.";
    URI uri;
    try {
      uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expected, e);
    }
    boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (!web || uri.getHost() == null || uri.getQuery() != null || uri.getFragment() != null) {
      throw new IllegalArgumentException(expected);
    }
    return uri;
  }

  private static URI nodeUrl(String text) {
    String expected = "must be the http or https URL of a node, such as https://pay.example.";
    URI uri;
    try {
      uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expected, e);
    }
    boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (!web
        || uri.getHost() == null
        || uri.getUserInfo() != null
        || uri.getQuery() != null
        || uri.getFragment() != null) {
      throw new IllegalArgumentException(expected);
    }
    return uri;
  }

  private static String databaseUrl(String text) {
    String expected =
        "must look like postgresql://user@host:5432/database, with the password apart.";
    URI uri;
    try {
      uri = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expected, e);
    }
    boolean postgres = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
    if (!postgres || uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
      throw new IllegalArgumentException(expected);
    }
    if (uri.getUserInfo() != null && uri.getUserInfo().contains(":")) {
      throw new IllegalArgumentException("must not hold a password; use database.password.");
    }
    return text;
  }

  /** Every value on its own line, for the log at start; secrets are masked. */
  public List<String> describe() {
    List<String> lines = new ArrayList<>();
    lines.add("dataDir=" + dataDir);
    lines.add("http=" + http);
    lines.add("management=" + management);
    lines.add("database=" + database);
    lines.add("network=" + network);
    lines.add("block=" + block);
    lines.add("settlement=" + settlement);
    lines.add("coins=" + coins);
    lines.add("crypto=" + crypto);
    lines.add("merchant=" + merchant);
    lines.add("index=" + index);
    lines.add("follow=" + follow);
    lines.add("webhook=" + webhook);
    return lines;
  }
}
