package network.tender.journal;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fresh, migrated database on a real PostgreSQL server. The server is started once per JVM; each
 * database is a copy of a migrated template, made within a tenth of a second.
 *
 * <p>Use one per test class: {@code static final TestDatabase DATABASE = TestDatabase.create();}
 * and open it with {@code Database.open(vertx, DATABASE.options(), network)}.
 */
public final class TestDatabase {
  private static final String TEMPLATE = "tender_template";
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final DatabaseOptions options;

  private TestDatabase(DatabaseOptions options) {
    this.options = options;
  }

  /** Where the database is. */
  public DatabaseOptions options() {
    return options;
  }

  /** Makes a database with the current schema and no rows; blocks. */
  public static TestDatabase create() {
    return copyOf(TEMPLATE);
  }

  /** Makes a database without any schema; blocks. */
  public static TestDatabase createEmpty() {
    return copyOf("template0");
  }

  private static TestDatabase copyOf(String template) {
    DatabaseOptions server = Shared.SERVER.databaseOptions();
    String name = "test_" + COUNTER.incrementAndGet();
    execute(server, "CREATE DATABASE " + name + " TEMPLATE " + template);
    return new TestDatabase(server.withDatabase(name));
  }

  /** The server's own database, to manage the others from. */
  static DatabaseOptions admin() {
    return Shared.SERVER.databaseOptions();
  }

  /** Runs one statement on a connection of its own; blocks. */
  public void execute(String sql) {
    execute(options, sql);
  }

  /** The first column of the only row of a query, on a connection of its own; blocks. */
  public int queryInt(String sql) {
    try (Connection connection =
            DriverManager.getConnection(options.jdbcUrl(), options.user(), options.password());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getInt(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How a statement is run that is prepared without knowing its parameters; blocks. */
  String plan(String statement, String parameters) {
    StringBuilder plan = new StringBuilder();
    try (Connection connection =
            DriverManager.getConnection(options.jdbcUrl(), options.user(), options.password());
        Statement session = connection.createStatement()) {
      session.execute("SET plan_cache_mode = force_generic_plan");
      session.execute("PREPARE planned AS " + statement);
      try (ResultSet lines = session.executeQuery("EXPLAIN EXECUTE planned(" + parameters + ")")) {
        while (lines.next()) {
          plan.append(lines.getString(1)).append('\n');
        }
      }
      return plan.toString();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static void execute(DatabaseOptions options, String sql) {
    try (Connection connection =
            DriverManager.getConnection(options.jdbcUrl(), options.user(), options.password());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A new folder, in memory where there is plenty: making a server's data waits for the disk a
   * thousand times. Killed processes, unlike lost power, lose nothing there either.
   */
  static Path createFolder() throws IOException {
    Path memory = Path.of("/dev/shm");
    if (Files.isWritable(memory) && memory.toFile().getUsableSpace() > 4_000_000_000L) {
      return Files.createTempDirectory(memory, "tender-test-postgres");
    }
    return Files.createTempDirectory("tender-test-postgres");
  }

  /** An orderly stop would bring thousands of files to disk that are then deleted. */
  private static EmbeddedServer.Options hasty(Path folder) {
    EmbeddedServer.Options options = EmbeddedServer.Options.of(folder);
    return new EmbeddedServer.Options(
        folder,
        options.cache(),
        options.startLimit(),
        Duration.ofSeconds(1),
        options.restartDelay(),
        options.maxRestartDelay(),
        options.maxLogBytes());
  }

  /** Started when first used. */
  private static final class Shared {
    static final EmbeddedServer SERVER = start();

    private static EmbeddedServer start() {
      try {
        Vertx vertx = Vertx.vertx();
        Path folder = createFolder();
        EmbeddedServer server =
            EmbeddedServer.start(vertx, hasty(folder)).await(2, TimeUnit.MINUTES);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(vertx, server, folder)));
        execute(server.databaseOptions(), "CREATE DATABASE " + TEMPLATE);
        Database.migrate(server.databaseOptions().withDatabase(TEMPLATE));
        return server;
      } catch (Exception e) {
        throw new IllegalStateException("no database for tests", e);
      }
    }
  }

  // Outside of the holder, whose methods are lost when its start fails half-way.
  private static void stop(Vertx vertx, EmbeddedServer server, Path folder) {
    try {
      server.close().await(30, TimeUnit.SECONDS);
      vertx.close().await(10, TimeUnit.SECONDS);
      PostgresBinaries.deleteTree(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
