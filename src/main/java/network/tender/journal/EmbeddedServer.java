package network.tender.journal;

import com.sun.management.OperatingSystemMXBean;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.pgclient.SslMode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of the node's own, from binaries on the class path, with its data in a folder
 * and durability on. Nothing needs to be installed.
 *
 * <p>It survives what a till's machine does to it: a killed node's server is found and stopped
 * before a new one starts; a server that dies is started again for as long as this object is open.
 * It listens on the loopback address only and asks for a random password that is kept beside the
 * data, readable by its owner only.
 *
 * <p>Zonky's own {@code EmbeddedPostgres} is made for tests (it turns fsync off, cannot find a
 * server that it did not start, does not restart one), so that only its binaries are used.
 */
public final class EmbeddedServer {
  /**
   * How to run the server.
   *
   * @param folder where everything is kept; made if it is not there
   * @param cache where PostgreSQL's programs are unpacked; chosen by itself if empty
   * @param startLimit how long a start may take, recovery after a crash included
   * @param stopLimit how long an orderly stop may take before it is enforced
   * @param restartDelay wait before a dead server is started again; doubles up to {@code
   *     maxRestartDelay} as long as it does not stay up
   * @param maxRestartDelay see {@code restartDelay}
   * @param maxLogBytes size at which the server's log file is put aside; one older one is kept
   */
  public record Options(
      Path folder,
      Optional<Path> cache,
      Duration startLimit,
      Duration stopLimit,
      Duration restartDelay,
      Duration maxRestartDelay,
      long maxLogBytes) {
    /** What suits a node. */
    public static Options of(Path folder) {
      return new Options(
          folder,
          Optional.empty(),
          Duration.ofMinutes(5),
          Duration.ofSeconds(20),
          Duration.ofMillis(100),
          Duration.ofSeconds(5),
          10_000_000);
    }
  }

  /** The server's folder in a node's data folder. */
  public static final String FOLDER = "postgres";

  /** The major version of the binaries on the class path. */
  static final int MAJOR_VERSION = 18;

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);
  private static final String DATABASE = "postgres";
  private static final int PASSWORD_BYTES = 24;
  private static final long LOG_CHECK_MILLIS = 60_000;
  private static final int BUFFERS_SHARE = 8;
  private static final long LEAST_BUFFER_MEGABYTES = 128;
  private static final long MOST_BUFFER_MEGABYTES = 2_048;
  private static final int WAL_SHARE = 10;
  private static final long LEAST_WAL_MEGABYTES = 1_024;
  private static final long MOST_WAL_MEGABYTES = 8_192;

  /** On the command line, so that no file can undo the first three. */
  private static final List<String> SETTINGS =
      List.of(
          "fsync=on",
          "full_page_writes=on",
          "synchronous_commit=on",
          "shared_buffers=" + bufferMegabytes() + "MB",
          "max_connections=60",
          "wal_buffers=16MB",
          "min_wal_size=256MB",
          "checkpoint_timeout=5min",
          "jit=off",
          "max_parallel_workers_per_gather=0",
          "ssl=off",
          "timezone=UTC",
          "log_timezone=UTC",
          "log_checkpoints=off",
          "log_line_prefix=%m [%p] %a ",
          // Statements may hold what a merchant keeps to himself.
          "log_min_error_statement=panic",
          "log_parameter_max_length_on_error=0",
          // Notice dead clients within seconds, so that their locks are free again.
          "client_connection_check_interval=2s",
          "tcp_keepalives_idle=10",
          "tcp_keepalives_interval=5",
          "tcp_keepalives_count=3");

  /**
   * With millions of coins nearly each page that is read or changed is another one. What is not
   * among these buffers has to be copied from the system and checked again.
   */
  private static long bufferMegabytes() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long share = (system.getTotalMemorySize() >> 20) / BUFFERS_SHARE;
    return Math.max(LEAST_BUFFER_MEGABYTES, Math.min(MOST_BUFFER_MEGABYTES, share));
  }

  private static List<String> settings(Path folder) throws IOException {
    List<String> settings = new ArrayList<>(SETTINGS);
    settings.add("max_wal_size=" + walMegabytes(folder) + "MB");
    return settings;
  }

  /**
   * How much may be written between two checkpoints, if the time is not over before. After each
   * checkpoint a page is written to the log as a whole when it changes first. With millions of
   * coins each change is on another page, so a log that is full every few seconds has little but
   * whole pages in it. What is too much is limited by the disk.
   */
  private static long walMegabytes(Path folder) throws IOException {
    long share = (Files.getFileStore(folder).getUsableSpace() >> 20) / WAL_SHARE;
    return Math.max(LEAST_WAL_MEGABYTES, Math.min(MOST_WAL_MEGABYTES, share));
  }

  private final Vertx vertx;
  private final Options options;
  private final WorkerExecutor worker;
  private final PostgresProcess postgres;
  private final FolderLock lock;
  private final String password;
  private final AtomicInteger restarts = new AtomicInteger();
  private volatile boolean closing;
  private volatile boolean running;
  private volatile @Nullable Process process;
  private volatile int port;
  private volatile long logTimer;

  private EmbeddedServer(
      Vertx vertx,
      Options options,
      WorkerExecutor worker,
      PostgresProcess postgres,
      FolderLock lock,
      String password) {
    this.vertx = vertx;
    this.options = options;
    this.worker = worker;
    this.postgres = postgres;
    this.lock = lock;
    this.password = password;
  }

  /**
   * Starts the server of a folder; creates its database first if there is none yet.
   *
   * @return completes when it takes connections; fails with {@link DatabaseRefusedException} if the
   *     folder is in use or can't be used
   */
  public static Future<EmbeddedServer> start(Vertx vertx, Options options) {
    return start(vertx, options, SystemUser.Method.ANY);
  }

  static Future<EmbeddedServer> start(Vertx vertx, Options options, SystemUser.Method method) {
    // One thread: starts, restarts and stops never overlap.
    WorkerExecutor worker =
        vertx.createSharedWorkerExecutor("tender-postgres", 1, 10, TimeUnit.MINUTES);
    return worker
        .executeBlocking(() -> open(vertx, options, method, worker))
        .onFailure(error -> worker.close());
  }

  private static EmbeddedServer open(
      Vertx vertx, Options options, SystemUser.Method method, WorkerExecutor worker)
      throws IOException, InterruptedException {
    Path folder = options.folder().toAbsolutePath().normalize();
    Files.createDirectories(folder);
    leaveOthersAlone(folder);
    SystemUser user = SystemUser.choose(method);
    Files.setPosixFilePermissions(
        folder, PosixFilePermissions.fromString(user.others() ? "rwx--x--x" : "rwx------"));
    FolderLock lock = FolderLock.acquire(folder);
    try {
      PostgresBinaries binaries =
          PostgresBinaries.unpack(
              options
                  .cache()
                  .map(List::of)
                  .orElseGet(
                      () ->
                          PostgresBinaries.defaultCaches(
                              SystemUser.currentUid() == 0, folder.resolve("cache"))));
      PostgresProcess postgres = new PostgresProcess(folder, binaries, user, settings(folder));
      postgres.initialise(newPassword(), MAJOR_VERSION);
      String password =
          PostgresProcess.password(folder)
              .orElseThrow(
                  () ->
                      new DatabaseRefusedException(
                          "The file " + folder.resolve("password") + " is missing; restore it."));
      EmbeddedServer server = new EmbeddedServer(vertx, options, worker, postgres, lock, password);
      server.launch();
      server.logTimer = vertx.setPeriodic(LOG_CHECK_MILLIS, id -> server.limitLog());
      return server;
    } catch (IOException | InterruptedException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * What root starts here becomes root's or another account's, and then the node of the folder's
   * owner could never start again; so root is to become that user first.
   */
  private static void leaveOthersAlone(Path folder) throws IOException {
    int owner = (Integer) Files.getAttribute(folder, "unix:uid");
    if (SystemUser.currentUid() == 0 && owner != 0) {
      throw new DatabaseRefusedException(
          "The folder "
              + folder
              + " belongs to user "
              + owner
              + ", and root would take it away from them. Run this as that user, for example with"
              + " sudo -u '#"
              + owner
              + "'.");
    }
  }

  private static String newPassword() {
    byte[] bytes = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** On the worker. */
  private void launch() throws IOException, InterruptedException {
    Process started = postgres.start(options.startLimit(), process != null);
    port = PostgresProcess.port(options.folder()).orElseThrow();
    process = started;
    running = true;
    LOG.info(
        "PostgreSQL runs in {} on port {} (process {})", options.folder(), port, started.pid());
    started.onExit().thenAccept(this::onExit);
  }

  private void onExit(Process dead) {
    running = false;
    if (closing) {
      return;
    }
    LOG.error(
        "PostgreSQL in {} ended with status {}; starting it again",
        options.folder(),
        dead.exitValue());
    restart(options.restartDelay());
  }

  private void restart(Duration delay) {
    vertx.setTimer(
        delay.toMillis(),
        id ->
            worker
                .executeBlocking(
                    () -> {
                      if (!closing) {
                        restarts.incrementAndGet();
                        launch();
                      }
                      return running;
                    })
                .onFailure(
                    error -> {
                      LOG.error("PostgreSQL could not be started again: {}", error.getMessage());
                      Duration longer = delay.multipliedBy(2);
                      restart(
                          longer.compareTo(options.maxRestartDelay()) < 0
                              ? longer
                              : options.maxRestartDelay());
                    }));
  }

  private void limitLog() {
    worker
        .executeBlocking(
            () -> {
              postgres.limitLog(options.maxLogBytes());
              return true;
            })
        .onFailure(error -> LOG.warn("The log of PostgreSQL could not be cut", error));
  }

  /** Where to connect. */
  public DatabaseOptions databaseOptions() {
    return new DatabaseOptions(
        PostgresProcess.HOST,
        port,
        DATABASE,
        PostgresProcess.USER,
        password,
        SslMode.DISABLE,
        Optional.empty(),
        DatabaseOptions.Limits.DEFAULT);
  }

  /** Where to connect to the server that another process runs in a folder. */
  public static Optional<DatabaseOptions> find(Path folder) throws IOException {
    Optional<Integer> port = PostgresProcess.port(folder);
    Optional<String> password = PostgresProcess.password(folder);
    if (port.isEmpty() || password.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new DatabaseOptions(
            PostgresProcess.HOST,
            port.get(),
            DATABASE,
            PostgresProcess.USER,
            password.get(),
            SslMode.DISABLE,
            Optional.empty(),
            DatabaseOptions.Limits.DEFAULT));
  }

  /** False while the server is down; it is being started again then. */
  public boolean isRunning() {
    return running;
  }

  /** How many times it had to be started again. */
  public int restarts() {
    return restarts.get();
  }

  /** The main process's number. */
  long pid() {
    Process current = process;
    return current == null ? -1 : current.pid();
  }

  /** Stops the server in order: disconnects everybody, writes a checkpoint. */
  public Future<Void> close() {
    closing = true;
    vertx.cancelTimer(logTimer);
    return worker
        .<Void>executeBlocking(
            () -> {
              try {
                Process current = process;
                if (current != null && current.isAlive()) {
                  postgres.stop(current.toHandle(), options.stopLimit());
                }
              } finally {
                lock.close();
              }
              return null;
            })
        .eventually(worker::close);
  }
}
