package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import network.tender.chain.Network;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A migrated PostgreSQL database that belongs to one network, and the pool of connections to it.
 */
public final class Database {
  /** The oldest server version that is supported. */
  public static final int OLDEST_MAJOR_VERSION = 15;

  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final String POOL_NAME = "tender";
  private static final int MAX_LIFETIME_MINUTES = 30;
  private static final int IDLE_TIMEOUT_MINUTES = 5;

  private final Vertx vertx;
  private final DatabaseOptions options;
  private final Pool pool;

  private Database(Vertx vertx, DatabaseOptions options, Pool pool) {
    this.vertx = vertx;
    this.options = options;
    this.pool = pool;
  }

  /**
   * Brings the schema up to date, makes sure that the database is this network's, and opens the
   * pool.
   *
   * @return fails with {@link DatabaseRefusedException} if the database must not be used: another
   *     network's, written by a newer release, or too old a server
   */
  public static Future<Database> open(Vertx vertx, DatabaseOptions options, Network network) {
    return vertx
        .executeBlocking(
            () -> {
              try (Connection connection = dataSource(options).getConnection()) {
                checkVersion(connection);
                checkNetwork(connection, network);
                migrate(options);
                claim(connection, network);
                checkNetwork(connection, network);
              }
              return options;
            },
            false)
        .map(migrated -> new Database(vertx, options, openPool(vertx, options)));
  }

  private static Pool openPool(Vertx vertx, DatabaseOptions options) {
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
        .connectingTo(options.toConnectOptions("pool"))
        .using(vertx)
        .build();
  }

  /** Applies the numbered migrations; blocks. */
  static void migrate(DatabaseOptions options) {
    try {
      Flyway.configure(Database.class.getClassLoader())
          .dataSource(dataSource(options))
          .locations("classpath:db/migration")
          // A schema from a newer release may mean things that this one does not know.
          .ignoreMigrationPatterns(new String[0])
          .validateOnMigrate(true)
          .cleanDisabled(true)
          .load()
          .migrate();
    } catch (FlywayValidateException e) {
      throw new DatabaseRefusedException(
          "The schema of the database "
              + options
              + " does not fit this release of Tender; it was probably written by a newer one. Use"
              + " that release, or restore a backup. Details: "
              + e.getMessage());
    }
  }

  private static DataSource dataSource(DatabaseOptions options) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(options.jdbcUrl());
    try {
      for (Map.Entry<String, String> property : options.jdbcProperties().entrySet()) {
        source.setProperty(property.getKey(), property.getValue());
      }
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
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('fsync'), current_setting('full_page_writes'),"
                    + " current_setting('synchronous_commit')")) {
      row.next();
      if (row.getString(1).equals("off")
          || row.getString(2).equals("off")
          || row.getString(3).equals("off")) {
        LOG.error(
            "The database server is not durable (fsync={}, full_page_writes={},"
                + " synchronous_commit={}): a settled payment may be lost when it crashes",
            row.getString(1),
            row.getString(2),
            row.getString(3));
      }
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

  /** A connection outside the pool, which is really closed when it is closed. */
  Future<PgConnection> connect(String role) {
    Future<PgConnection> connecting = PgConnection.connect(vertx, options.toConnectOptions(role));
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
