package network.tender.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import network.tender.chain.Network;
import network.tender.journal.Database;
import network.tender.journal.DatabaseOptions;
import network.tender.journal.DatabaseRefusedException;
import network.tender.journal.EmbeddedServer;
import network.tender.journal.PgChainIndex;
import network.tender.journal.RetryPolicy;
import network.tender.journal.WriterLease;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the index of transactions anew. */
@Command(
    name = "reindex",
    mixinStandardHelpOptions = true,
    description = {
      "Make the index of transactions anew from the journal: by txid, by script, and by what they"
          + " spend.",
      "The node must be stopped. An interrupted run goes on where it was at the node's next start."
    })
final class ChainReindexCommand extends AnsweringCommand {
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long NOTE_NANOS = TimeUnit.SECONDS.toNanos(2);

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "The stopped node's data folder (default: data).")
  private Optional<Path> dataDir = Optional.empty();

  @Option(
      names = "--database",
      paramLabel = "URL",
      description =
          "A PostgreSQL instead: postgresql://user@host:port/database; its password comes from "
              + ChainPlace.PASSWORD_VARIABLE
              + ".")
  private Optional<String> database = Optional.empty();

  @Mixin private NetworkChoice networkChoice = new NetworkChoice();

  /** What has been opened, to be closed in the opposite order. */
  private final Deque<Supplier<Future<Void>>> opened = new ArrayDeque<>();

  ChainReindexCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    if (dataDir.isPresent() && database.isPresent()) {
      throw CommandFailure.wrongUsage(
          "too-many-sources", "Name --data-dir or --database, not both.");
    }
    Vertx vertx = Vertx.vertx();
    opened.push(vertx::close);
    try {
      return reindex(vertx, networkChoice.network());
    } catch (CommandFailure e) {
      throw e;
    } catch (Exception e) { // A Future throws also what its cause never declared.
      throw new CommandFailure(
          "database-refused",
          e instanceof DatabaseRefusedException || e instanceof IllegalArgumentException
              ? String.valueOf(e.getMessage())
              : "The index can't be made: " + e,
          e);
    } finally {
      opened.forEach(this::close);
    }
  }

  /** Each is closed, and none hides why the command failed. */
  private void close(Supplier<Future<Void>> close) {
    try {
      await(close.get().otherwiseEmpty(), LIMIT);
    } catch (CommandFailure e) {
      note(e.sentence());
    }
  }

  private Answer reindex(Vertx vertx, Network network) {
    Database chain = await(Database.open(vertx, options(vertx), network, true), START_LIMIT);
    opened.push(chain::close);
    WriterLease lease =
        await(WriterLease.acquire(chain, WriterLease.Options.DEFAULT, this::lost), LIMIT);
    opened.push(lease::close);
    await(PgChainIndex.clear(chain, lease), LIMIT);
    long begin = System.nanoTime();
    PgChainIndex index =
        await(
            PgChainIndex.open(
                chain,
                lease,
                PgChainIndex.Options.DEFAULT,
                RetryPolicy.beyond(chain.options().limits().statementTimeout())),
            LIMIT);
    opened.push(index::close);
    int height = index.cursor() + index.lagBlocks();
    long shown = begin;
    CursorWatch watch = new CursorWatch(index.cursor(), LIMIT, System::nanoTime);
    while (index.lagBlocks() > 0) {
      LockSupport.parkNanos(POLL_NANOS);
      if (Thread.interrupted()) {
        throw new CommandFailure("interrupted", "Interrupted; the node will go on with it.");
      }
      if (!lease.isHeld()) {
        throw new CommandFailure("lease-lost", "Another node has taken the database over.");
      }
      if (watch.isStuck(index.cursor())) {
        throw new CommandFailure(
            "index-stuck",
            "The index has not moved on from block "
                + index.cursor()
                + " of "
                + height
                + " for "
                + LIMIT.toSeconds()
                + " s, as the database does not write it: see the log above, check the database and"
                + " its free disk space, and run the command again.");
      }
      if (System.nanoTime() - shown > NOTE_NANOS) {
        shown = System.nanoTime();
        note("… block " + index.cursor() + " of " + height);
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return Answer.of(
        Json.object().put("height", height),
        String.format(java.util.Locale.ROOT, "Indexed blocks 0 to %d in %.1f s.", height, seconds));
  }

  private void lost(String explanation) {
    note(explanation);
  }

  private DatabaseOptions options(Vertx vertx) {
    if (database.isPresent()) {
      DatabaseOptions parsed = DatabaseOptions.parse(database.get());
      return Optional.ofNullable(System.getenv(ChainPlace.PASSWORD_VARIABLE))
          .map(parsed::withPassword)
          .orElse(parsed);
    }
    Path place = dataDir.orElse(Path.of("data"));
    Path folder = place.resolve(EmbeddedServer.FOLDER);
    if (!Files.isDirectory(folder)) {
      throw new CommandFailure(
          "no-data", "There is no node's data in " + place + "; name its --data-dir.");
    }
    EmbeddedServer server =
        await(EmbeddedServer.start(vertx, EmbeddedServer.Options.of(folder)), START_LIMIT);
    opened.push(server::close);
    return server.databaseOptions();
  }

  private static <T> T await(Future<T> future, Duration limit) {
    try {
      return future.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new CommandFailure(
          "database-timeout", "The database did not answer within " + limit.toSeconds() + " s.", e);
    }
  }
}
