package network.tender.journal;

import static network.tender.journal.Awaiting.await;
import static network.tender.journal.Awaiting.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.journal.Journal.Appended;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddedServerTest {
  private static final Network REGTEST =
      DatabaseTest.network("regtest", Script.p2wpkh(new byte[20]));
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(20), Duration.ofMillis(500), Duration.ofSeconds(5));

  private final Vertx vertx = Vertx.vertx();
  private final TestChain chain = new TestChain();
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = TestDatabase.createFolder();
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
    PostgresBinaries.deleteTree(folder);
  }

  private EmbeddedServer start() throws TimeoutException {
    return await(EmbeddedServer.start(vertx, EmbeddedServer.Options.of(folder)));
  }

  /** Everything that a node opens, on one server. */
  private record Node(Database database, WriterLease lease, PgJournal journal) {
    void close() throws TimeoutException {
      await(journal.close());
      await(lease.close());
      await(database.close());
    }
  }

  private Node node(EmbeddedServer server) throws TimeoutException {
    Database database = await(Database.open(vertx, server.databaseOptions(), REGTEST));
    WriterLease lease =
        await(WriterLease.acquire(database, WriterLease.Options.DEFAULT, why -> {}));
    return new Node(database, lease, await(PgJournal.open(database, lease, List.of(), QUICK)));
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
  }

  @Test
  void aKilledServerIsStartedAgainAndNothingIsLost() throws Exception {
    EmbeddedServer server = start();
    Node node = node(server);
    SealedBlock first = chain.next(TestChain.transfer(TestChain.outpoint(1), 1));
    assertThat(await(node.journal().append(first))).isEqualTo(new Appended.Durable());
    long dead = server.pid();
    kill(dead);
    SealedBlock second = chain.next(TestChain.transfer(TestChain.outpoint(2), 1));
    Future<Appended> append = node.journal().append(second);
    assertThat(await(append)).isEqualTo(new Appended.Durable());
    // The append may have gone through a connection that outlived its server by a moment.
    until(vertx, "started again", () -> server.restarts() >= 1 && server.isRunning());
    assertThat(server.pid()).isNotEqualTo(dead);
    until(vertx, "lease held again", () -> node.lease().isHeld());
    assertThat(await(node.journal().read(0, 10)).stream().map(StoredBlock::hash))
        .containsExactly(Network.genesis().hash(), first.hash(), second.hash());
    // While nobody writes, the journal notices the loss and the recovery by itself.
    kill(server.pid());
    until(vertx, "unavailable", () -> !node.journal().isAvailable());
    until(vertx, "available", () -> node.journal().isAvailable());
    node.close();
    await(server.close());
    assertThat(folder.resolve("pgdata/postmaster.pid")).doesNotExist();
  }

  @Test
  void onlyItsOwnerCanReadItsFolderAndOneNodeCanUseIt() throws Exception {
    EmbeddedServer server = start();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("password"))))
        .isEqualTo("rw-------");
    assertThatThrownBy(this::start)
        .isInstanceOf(DatabaseRefusedException.class)
        .hasMessageContaining("is in use by this very process");
    assertThat(EmbeddedServer.find(folder).orElseThrow()).isEqualTo(server.databaseOptions());
    DatabaseOptions wrong =
        new DatabaseOptions(
            "127.0.0.1",
            server.databaseOptions().port(),
            "postgres",
            "tender",
            "guess",
            io.vertx.pgclient.SslMode.DISABLE,
            java.util.Optional.empty(),
            DatabaseOptions.Limits.DEFAULT);
    assertThatThrownBy(() -> TestDatabase.execute(wrong, "SELECT 1"))
        .hasMessageContaining("password authentication failed");
    int port = server.databaseOptions().port();
    await(server.close());
    EmbeddedServer again = start();
    assertThat(again.databaseOptions().port()).isEqualTo(port);
    await(again.close());
  }

  /** What a node does until it is killed; started as a process of its own. */
  public static final class KilledNode {
    public static void main(String[] args) throws Exception {
      EmbeddedServer server =
          EmbeddedServer.start(Vertx.vertx(), EmbeddedServer.Options.of(Path.of(args[0])))
              .await(60, TimeUnit.SECONDS);
      TestDatabase.execute(server.databaseOptions(), "CREATE TABLE left_behind (n int)");
      System.out.println("pid " + server.pid());
    }
  }

  @Test
  void theServerOfAKilledNodeIsFoundAndItsDataKept() throws Exception {
    Process node =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                KilledNode.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    long left;
    try (BufferedReader out = node.inputReader(StandardCharsets.UTF_8)) {
      left = Long.parseLong(out.readLine().substring("pid ".length()));
      assertThatThrownBy(this::start)
          .isInstanceOf(DatabaseRefusedException.class)
          .hasMessageContaining("is in use by process " + node.pid());
    } finally {
      node.destroyForcibly().waitFor();
    }
    assertThat(ProcessHandle.of(left)).as("it outlives its node").isPresent();
    EmbeddedServer server = start();
    assertThat(ProcessHandle.of(left).filter(ProcessHandle::isAlive)).isEmpty();
    TestDatabase.execute(server.databaseOptions(), "SELECT n FROM left_behind");
    await(server.close());
  }

  @Test
  void aStalePidFileThatNamesAnotherProgramIsGotOver() throws Exception {
    EmbeddedServer server = start();
    List<String> lines = Files.readAllLines(folder.resolve("pgdata/postmaster.pid"));
    await(server.close());
    Process other = new ProcessBuilder("sleep", "60").start();
    try {
      List<String> stale = new ArrayList<>(lines);
      stale.set(0, Long.toString(other.pid()));
      Files.write(folder.resolve("pgdata/postmaster.pid"), stale);
      await(start().close());
      assertThat(other.isAlive()).isTrue();
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void aStalePidFileThatNamesAnotherPostgresIsGotOver() throws Exception {
    EmbeddedServer server = start();
    Path pidFile = folder.resolve("pgdata/postmaster.pid");
    List<String> stale = new ArrayList<>(Files.readAllLines(pidFile));
    await(server.close());
    Vertx neighbour = Vertx.vertx();
    Path elsewhere = TestDatabase.createFolder();
    EmbeddedServer other =
        await(EmbeddedServer.start(neighbour, EmbeddedServer.Options.of(elsewhere)));
    try {
      stale.set(0, Long.toString(other.pid()));
      Files.write(pidFile, stale);
      await(start().close());
      TestDatabase.execute(other.databaseOptions(), "SELECT 1");
      assertThat(other.restarts()).isZero();
    } finally {
      await(other.close());
      await(neighbour.close());
      PostgresBinaries.deleteTree(elsewhere);
    }
  }

  @Test
  void rootLeavesTheFolderOfAnotherUserAlone() throws Exception {
    assumeThat(SystemUser.currentUid()).as("skipped: only root can give folders away").isZero();
    await(start().close());
    int user = 12_345;
    Files.setAttribute(folder, "unix:uid", user);
    Files.setAttribute(folder.resolve("pgdata"), "unix:uid", user);
    assertThatThrownBy(this::start)
        .isInstanceOf(DatabaseRefusedException.class)
        .hasMessageContaining("belongs to user 12345");
    assertThat(Files.getAttribute(folder.resolve("pgdata"), "unix:uid")).isEqualTo(user);
  }

  @Test
  void rootCanRunItAsAnotherAccountAndLaterInANamespaceAgain() throws Exception {
    assumeThat(SystemUser.currentUid()).as("skipped: only root can give rights away").isZero();
    for (SystemUser.Method method :
        List.of(SystemUser.Method.ACCOUNT, SystemUser.Method.ANY, SystemUser.Method.ACCOUNT)) {
      EmbeddedServer server =
          await(EmbeddedServer.start(vertx, EmbeddedServer.Options.of(folder), method));
      TestDatabase.execute(server.databaseOptions(), "CREATE TABLE IF NOT EXISTS kept AS SELECT 1");
      TestDatabase.execute(server.databaseOptions(), "SELECT * FROM kept");
      boolean mine = 0 == (Integer) Files.getAttribute(folder.resolve("pgdata"), "unix:uid");
      assertThat(mine).isEqualTo(method == SystemUser.Method.ANY);
      await(server.close());
    }
  }

  @Test
  void aFullDiskRefusesWritesAndIsRecoveredFromAlone() throws Exception {
    Process mount =
        new ProcessBuilder(
                "mount", "-t", "tmpfs", "-o", "size=160m,mode=0700", "tmpfs", folder.toString())
            .redirectErrorStream(true)
            .start();
    assumeThat(mount.waitFor()).as("skipped: a small file system can't be mounted here").isZero();
    try {
      EmbeddedServer server = start();
      Node node = node(server);
      Path filler = folder.resolve("filler");
      try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
        byte[] chunk = new byte[100_000];
        while (folder.toFile().getUsableSpace() > 6_000_000) {
          file.write(chunk);
        }
      }
      Future<Appended> append = Future.succeededFuture(new Appended.Durable());
      int appended = 0;
      while (appended < 40 && node.journal().isAvailable() && append.isComplete()) {
        append =
            node.journal()
                .append(chain.next(TestChain.large(TestChain.outpoint(appended), 2_000_000)));
        appended++;
        Future<Appended> current = append;
        until(vertx, "an end", () -> current.isComplete() || !node.journal().isAvailable());
      }
      assertThat(append.isComplete()).as("the disk is full").isFalse();
      Files.delete(filler);
      assertThat(await(append)).isEqualTo(new Appended.Durable());
      assertThat(node.journal().isAvailable()).isTrue();
      assertThat(await(node.journal().tip()).height()).isEqualTo(appended);
      node.close();
      await(server.close());
    } finally {
      new ProcessBuilder("umount", "-l", folder.toString()).start().waitFor();
    }
  }
}
