package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;
import network.tender.chain.Network;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A migrated PostgreSQL database that belongs to one network, and the pool of connections to it.
 */
public final class Database {
  /** The oldest server version that is supported. */
  public static final int OLDEST_MAJOR_VERSION = 15;

  /** How long the server may take for an answer at a start. */
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(30);

  /** The same for a step of a migration, which may have to rewrite a large table. */
  private static final Duration MIGRATION_LIMIT = Duration.ofMinutes(30);

  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String POOL_NAME = "tender";
  private static final int MAX_LIFETIME_MINUTES = 30;
  private static final int IDLE_TIMEOUT_MINUTES = 5;

  private final Vertx vertx;
  private final DatabaseOptions options;

  /** What every session asks of the server. */
  private final Map<String, String> sessionSettings;

  private final Pool pool;
  private final BlockReader blocks;

  private Database(Vertx vertx, DatabaseOptions options, Map<String, String> sessionSettings) {
    this.vertx = vertx;
    this.options = options;
    this.sessionSettings = Map.copyOf(sessionSettings);
    this.pool = openPool();
    this.blocks = new BlockReader(vertx, pool);
  }

  /**
   * Opens a database for a node, as {@link #open(Vertx, DatabaseOptions, Network, boolean)} does,
   * on a durable server only.
   */
  public static Future<Database> open(Vertx vertx, DatabaseOptions options, Network network) {
    return open(vertx, options, network, false);
  }

  /**
   * Opens a database for a node: brings the schema up to date, makes sure that the database is this
   * network's, and opens the pool. If something has to be changed, it is while no node writes.
   *
   * @param allowUnsafe true to use a server even if it may forget what it has committed
   * @return fails with {@link DatabaseRefusedException} if the database must not be used: another
   *     network's, written by a newer release, not durable, too old a server, or to be changed
   *     while another node writes
   */
  public static Future<Database> open(
      Vertx vertx, DatabaseOptions options, Network network, boolean allowUnsafe) {
    return vertx
        .executeBlocking(
            () -> {
              try (Connection connection = dataSource(options, CHECK_LIMIT).getConnection()) {
                checkVersion(connection);
                Durability durability = Durability.read(connection);
                durability.demand(allowUnsafe);
                checkNetwork(connection, network);
                if (!isUpToDate(connection, options)) {
                  keepWritersOut(connection);
                  migrate(options);
                  claim(connection, network);
                  checkNetwork(connection, network);
                }
                return durability.sessionSettings();
              }
            },
            false)
        .map(session -> new Database(vertx, options, session));
  }

  /**
   * Opens a database only to read it: nothing in it is changed, whether a node uses it or not.
   *
   * @return fails with {@link DatabaseRefusedException} if this release can't read it: another
   *     network's, or with another schema
   */
  public static Future<Database> openToRead(Vertx vertx, DatabaseOptions options, Network network) {
    return vertx
        .executeBlocking(
            () -> {
              try (Connection connection = dataSource(options, CHECK_LIMIT).getConnection()) {
                connection.setReadOnly(true);
                checkVersion(connection);
                checkNetwork(connection, network);
                if (!isUpToDate(connection, options)) {
                  throw new DatabaseRefusedException(
                      "The database "
                          + options
                          + " has no chain of this release of Tender: no node has used it, or"
                          + " only one of an older release.");
                }
                return options;
              }
            },
            false)
        .map(
            checked -> new Database(vertx, options, Map.of("default_transaction_read_only", "on")));
  }

  private Pool openPool() {
    DatabaseOptions.Limits limits = options.limits();
    PoolOptions poolOptions =
        new PoolOptions()
            .setName(POOL_NAME)
            .setMaxSize(limits.poolSize())
            .setMaxWaitQueueSize(limits.maxWaitQueue())
            .setConnectionTimeout(Math.toIntExact(limits.connectTimeout().toMillis()))
            .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
            .setIdleTimeout(IDLE_TIMEOUT_MINUTES)
            .setIdleTimeoutUnit(TimeUnit.MINUTES)
            .setMaxLifetime(MAX_LIFETIME_MINUTES)
            .setMaxLifetimeUnit(TimeUnit.MINUTES);
    return PgBuilder.pool()
        .with(poolOptions)
        .with(
            new NetClientOptions()
                .setConnectTimeout(Math.toIntExact(limits.connectTimeout().toMillis()))
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true))
        .connectingTo(connectOptions("pool"))
        .using(vertx)
        .build();
  }

  private PgConnectOptions connectOptions(String role) {
    PgConnectOptions connect = options.toConnectOptions(role);
    sessionSettings.forEach(connect::addProperty);
    return connect;
  }

  private static Flyway flyway(DatabaseOptions options) {
    return Flyway.configure(Database.class.getClassLoader())
        .dataSource(dataSource(options, MIGRATION_LIMIT))
        .locations("classpath:db/migration")
        // A schema from a newer release may mean things that this one does not know.
        .ignoreMigrationPatterns(new String[0])
        .validateOnMigrate(true)
        .cleanDisabled(true)
        .load();
  }

  /** Whether the schema needs no migration and the network has claimed the database; blocks. */
  private static boolean isUpToDate(Connection connection, DatabaseOptions options)
      throws SQLException {
    if (!SchemaHistory.isCurrent(connection)) {
      if (flyway(options).info().pending().length > 0) {
        return false;
      }
      // Nothing is missing, so something is other than it should be: this refuses it.
      validate(options);
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT FROM network)")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /**
   * Takes the lock of the writer lease for as long as the connection lasts: a schema must not
   * change under a node, and least of all under one of an older release, which could not tell.
   */
  private static void keepWritersOut(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // A node that is just ending gets a moment.
      statement.execute("SET lock_timeout = " + WriterLease.Options.DEFAULT.waitLimit().toMillis());
      statement.execute("SELECT pg_advisory_lock(" + WriterLease.LOCK_KEY + ")");
    } catch (SQLException e) {
      if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw e;
      }
      throw new DatabaseRefusedException(
          "Another node writes to this database, whose schema this release would have to change."
              + " Stop that node first, or give this one a database of its own.");
    }
  }

  private static void validate(DatabaseOptions options) {
    refuseOtherSchema(options, Flyway::validate);
  }

  /** Applies the numbered migrations; blocks. */
  static void migrate(DatabaseOptions options) {
    refuseOtherSchema(options, Flyway::migrate);
  }

  private static void refuseOtherSchema(DatabaseOptions options, Consumer<Flyway> step) {
    try {
      step.accept(flyway(options));
    } catch (FlywayValidateException e) {
      throw new DatabaseRefusedException(
          "The schema of the database "
              + options
              + " does not fit this release of Tender; it was probably written by a newer one. Use"
              + " that release, or restore a backup. Details: "
              + e.getMessage());
    }
  }

  private static DataSource dataSource(DatabaseOptions options, Duration answerLimit) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(options.jdbcUrl());
    try {
      for (Map.Entry<String, String> property : options.jdbcProperties().entrySet()) {
        source.setProperty(property.getKey(), property.getValue());
      }
      // Without it a server that hangs would hold the start up for ever.
      source.setSocketTimeout(Math.toIntExact(answerLimit.toSeconds()));
      source.setTcpKeepAlive(true);
    } catch (SQLException e) {
      throw new IllegalStateException("the driver knows all of these properties", e);
    }
    return source;
  }

  private static void checkVersion(Connection connection) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    if (version < OLDEST_MAJOR_VERSION) {
      throw new DatabaseRefusedException(
          "The database server is PostgreSQL "
              + version
              + "; Tender needs "
              + OLDEST_MAJOR_VERSION
              + " or later.");
    }
  }

  /** Refuses another network's database; one without a network yet passes. */
  private static void checkNetwork(Connection connection, Network network) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery("SELECT to_regclass('network') IS NOT NULL")) {
        row.next();
        if (!row.getBoolean(1)) {
          return;
        }
      }
      try (ResultSet row = statement.executeQuery("SELECT name, fingerprint FROM network")) {
        if (!row.next()) {
          return;
        }
        String name = row.getString(1);
        if (!name.equals(network.name())) {
          throw new DatabaseRefusedException(
              "This database belongs to the network "
                  + name
                  + ", but the node is configured for "
                  + network.name()
                  + ". Use another database or data folder, or the configuration of "
                  + name
                  + ".");
        }
        if (!Arrays.equals(row.getBytes(2), NetworkFingerprint.of(network).toBytes())) {
          throw new DatabaseRefusedException(
              "This database belongs to another network of the same name "
                  + name
                  + ": its address prefixes, treasury or validators differ from the configured"
                  + " ones. Use another database or data folder, or restore the network file that"
                  + " it was made with.");
        }
      }
    }
  }

  private static void claim(Connection connection, Network network) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO network (name, fingerprint) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
      insert.setString(1, network.name());
      insert.setBytes(2, NetworkFingerprint.of(network).toBytes());
      insert.executeUpdate();
    }
  }

  /**
   * The connections for all SQL but the journal's own. Every statement has the limits of {@link
   * DatabaseOptions.Limits}.
   */
  public Pool pool() {
    return pool;
  }

  /** Where the database is. */
  public DatabaseOptions options() {
    return options;
  }

  Vertx vertx() {
    return vertx;
  }

  /** Reads blocks, with a memory for them that all who use this database share. */
  BlockReader blocks() {
    return blocks;
  }

  /** A connection outside the pool, which is really closed when it is closed. */
  Future<PgConnection> connect(String role) {
    Future<PgConnection> connecting = PgConnection.connect(vertx, connectOptions(role));
    Future<PgConnection> limited =
        EventLoop.current(vertx).within(options.limits().connectTimeout(), connecting);
    // One that comes too late is nobody's.
    limited.onFailure(error -> connecting.onSuccess(PgConnection::close));
    return limited;
  }

  /** Closes the pool. */
  public Future<Void> close() {
    return pool.close();
  }
}
