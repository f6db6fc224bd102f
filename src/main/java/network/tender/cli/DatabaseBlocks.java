package network.tender.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Network;
import network.tender.journal.BlockReader;
import network.tender.journal.Database;
import network.tender.journal.DatabaseOptions;
import network.tender.journal.DatabaseRefusedException;
import network.tender.journal.EmbeddedServer;
import network.tender.journal.StoredBlock;
import org.jspecify.annotations.Nullable;

/**
 * Blocks straight from a journal, with no node: from the data folder of a node, running or stopped,
 * or from any PostgreSQL. It only reads, so it takes no lease and leaves the schema as it is.
 */
final class DatabaseBlocks implements BlockSource {
  /** Class of the SQLSTATEs of connections that fail. */
  private static final String CONNECTION_CLASS = "08";

  private static final int PAGE = 100;
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final Duration READ_LIMIT = Duration.ofMinutes(1);

  private final Vertx vertx;
  private final Optional<EmbeddedServer> server;
  private final Database database;
  private final BlockReader reader;
  private final Deque<StoredBlock> page = new ArrayDeque<>();
  private int nextHeight;
  private int last;

  private DatabaseBlocks(Vertx vertx, Optional<EmbeddedServer> server, Database database) {
    this.vertx = vertx;
    this.server = server;
    this.database = database;
    this.reader = new BlockReader(database);
  }

  /**
   * Opens the journal in a node's data folder. If no node runs on it, its PostgreSQL is started for
   * as long as this source is open.
   */
  static DatabaseBlocks inFolder(Path dataDir, Network network) {
    Path folder = dataDir.resolve(EmbeddedServer.FOLDER);
    if (!Files.isDirectory(folder)) {
      throw new CommandFailure(
          "no-data", "There is no node's data in " + dataDir + "; name its --data-dir.");
    }
    Vertx vertx = Vertx.vertx();
    EmbeddedServer started = null;
    try {
      Database database;
      try {
        started =
            await(EmbeddedServer.start(vertx, EmbeddedServer.Options.of(folder)), START_LIMIT);
        database = openDatabase(vertx, started.databaseOptions(), network);
      } catch (DatabaseRefusedException e) {
        if (started != null) {
          throw e;
        }
        // Perhaps a node runs on it, and so does its PostgreSQL.
        database = openRunning(vertx, folder, network, e);
      }
      return new DatabaseBlocks(vertx, Optional.ofNullable(started), database);
    } catch (Exception e) { // A Future throws also what its cause never declared.
      close(vertx, Optional.ofNullable(started), null);
      throw explain(e);
    }
  }

  /**
   * Opens the journal in a PostgreSQL.
   *
   * @param url as in {@code database.url}
   * @param password its password, if it has one
   */
  static DatabaseBlocks at(String url, Optional<String> password, Network network) {
    Vertx vertx = Vertx.vertx();
    try {
      DatabaseOptions parsed = DatabaseOptions.parse(url);
      DatabaseOptions options = password.map(parsed::withPassword).orElse(parsed);
      return new DatabaseBlocks(vertx, Optional.empty(), openDatabase(vertx, options, network));
    } catch (Exception e) { // A Future throws also what its cause never declared.
      close(vertx, Optional.empty(), null);
      throw explain(e);
    }
  }

  private static Database openDatabase(Vertx vertx, DatabaseOptions options, Network network) {
    return await(Database.openToRead(vertx, options, network), START_LIMIT);
  }

  /** Opens the database of a server that runs already; if none does, the refusal stands. */
  private static Database openRunning(
      Vertx vertx, Path folder, Network network, DatabaseRefusedException refusal)
      throws IOException {
    DatabaseOptions options = EmbeddedServer.find(folder).orElseThrow(() -> refusal);
    try {
      return openDatabase(vertx, options, network);
    } catch (DatabaseRefusedException | CommandFailure e) {
      throw e;
    } catch (RuntimeException e) {
      refusal.addSuppressed(e);
      throw refusal;
    }
  }

  private static CommandFailure explain(Exception e) {
    if (e instanceof CommandFailure failure) {
      return failure;
    }
    if (e instanceof SQLException sql
        && sql.getSQLState() != null
        && sql.getSQLState().startsWith(CONNECTION_CLASS)) {
      return new CommandFailure(
          "database-unreachable",
          "The database can't be reached; check its host and port and that it runs. Details: "
              + e.getMessage(),
          e);
    }
    boolean saysItAll =
        e instanceof DatabaseRefusedException
            || e instanceof IllegalArgumentException
            || e instanceof SQLException;
    return new CommandFailure(
        "database-refused",
        saysItAll ? String.valueOf(e.getMessage()) : "The database can't be read: " + e,
        e);
  }

  private static <T> T await(Future<T> future, Duration limit) {
    try {
      return future.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new CommandFailure(
          "database-timeout", "The database did not answer within " + limit.toSeconds() + " s.", e);
    }
  }

  /** Height of the newest block. */
  int tipHeight() {
    return await(reader.tip(), READ_LIMIT).map(StoredBlock::height).orElse(-1);
  }

  /** Says which blocks are wanted, both ends included; before the first {@link #next}. */
  void range(int first, int lastHeight) {
    nextHeight = first;
    last = lastHeight;
  }

  @Override
  public Optional<SourceBlock> next() {
    if (page.isEmpty() && nextHeight <= last) {
      page.addAll(
          await(reader.read(nextHeight, Math.min(PAGE, last - nextHeight + 1)), READ_LIMIT));
    }
    StoredBlock block = page.poll();
    if (block == null) {
      return Optional.empty();
    }
    nextHeight = block.height() + 1;
    return Optional.of(new SourceBlock(block.block().toBytes(), Optional.of(block.certificate())));
  }

  @Override
  public boolean hasCertificates() {
    return true;
  }

  @Override
  public void close() {
    close(vertx, server, database);
  }

  private static void close(
      Vertx vertx, Optional<EmbeddedServer> server, @Nullable Database database) {
    if (database != null) {
      await(database.close().otherwiseEmpty(), READ_LIMIT);
    }
    server.ifPresent(started -> await(started.close().otherwiseEmpty(), READ_LIMIT));
    await(vertx.close().otherwiseEmpty(), READ_LIMIT);
  }
}
