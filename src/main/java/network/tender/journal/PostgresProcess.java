package network.tender.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates, starts and stops one PostgreSQL server in a folder. Every method blocks; one thread at a
 * time.
 *
 * <p>The folder holds {@code pgdata} (PostgreSQL's own), {@code password} and {@code port} (ours,
 * readable by the owner only) and {@code postgres.log}.
 */
final class PostgresProcess {
  /** The only role and database owner. */
  static final String USER = "tender";

  /** Loopback only. */
  static final String HOST = "127.0.0.1";

  private static final Logger LOG = LoggerFactory.getLogger(PostgresProcess.class);
  private static final int POLL_MILLIS = 20;
  private static final int LOG_TAIL_BYTES = 4_000;
  private static final int STATUS_LINE = 7;
  private static final int START_ATTEMPTS = 8;
  private static final Duration RETRY_DELAY = Duration.ofMillis(250);
  private static final Duration INITIALISATION_LIMIT = Duration.ofMinutes(3);

  private final Path folder;
  private final Path data;
  private final Path log;
  private final PostgresBinaries binaries;
  private final SystemUser user;
  private final List<String> settings;

  PostgresProcess(Path folder, PostgresBinaries binaries, SystemUser user, List<String> settings) {
    this.folder = folder;
    this.data = folder.resolve("pgdata");
    this.log = folder.resolve("postgres.log");
    this.binaries = binaries;
    this.user = user;
    this.settings = List.copyOf(settings);
  }

  /** The server's log file. */
  Path log() {
    return log;
  }

  /** The password that was given when the data was created. */
  static Optional<String> password(Path folder) throws IOException {
    Path file = folder.resolve("password");
    return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
  }

  /** The port that the server listens on, or did when it last ran. */
  static Optional<Integer> port(Path folder) throws IOException {
    Path file = folder.resolve("port");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Integer.parseInt(Files.readString(file).strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Creates the data if there is none, under another name until it is complete.
   *
   * @param newPassword the role's password if the data is created now
   */
  void initialise(String newPassword, int ourMajorVersion)
      throws IOException, InterruptedException {
    if (Files.exists(data)) {
      String version = Files.readString(data.resolve("PG_VERSION")).strip();
      if (!version.equals(Integer.toString(ourMajorVersion))) {
        throw new DatabaseRefusedException(
            "The data in "
                + data
                + " is of PostgreSQL "
                + version
                + ", but this release brings PostgreSQL "
                + ourMajorVersion
                + ". Use the release that wrote it, or convert the data with pg_upgrade.");
      }
      user.own(data);
      return;
    }
    Path unfinished = folder.resolve("pgdata.new");
    PostgresBinaries.deleteTree(unfinished);
    Files.createDirectory(
        unfinished,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    writePrivate(folder.resolve("password"), newPassword);
    // Inside the folder that PostgreSQL's account may enter, and gone right after.
    Path passwordFile = folder.resolve("password.new");
    writePrivate(passwordFile, newPassword);
    user.own(unfinished);
    user.own(passwordFile);
    LOG.info("Creating a PostgreSQL database in {}", data);
    try {
      run(
          INITIALISATION_LIMIT,
          binaries.program("initdb"),
          "--pgdata=" + unfinished,
          "--username=" + USER,
          "--pwfile=" + passwordFile,
          "--auth=scram-sha-256",
          "--encoding=UTF8",
          "--locale=C",
          "--data-checksums");
    } finally {
      Files.deleteIfExists(passwordFile);
    }
    Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private void run(Duration limit, String... command) throws IOException, InterruptedException {
    long logStart = logSize();
    Process process = launch(List.of(command));
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new IOException(command[0] + " did not finish within " + limit.toSeconds() + " s");
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          command[0] + " failed with status " + process.exitValue() + ": " + logSince(logStart));
    }
  }

  private Process launch(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(user.command(command));
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    builder.directory(folder.toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder.start();
  }

  /**
   * Starts the server and waits until it takes connections, which after a crash includes recovery.
   * Stops one that a killed process left behind, and gets over a stale pid file.
   *
   * @param limit how long recovery may take
   * @param fixedPort true if clients already know the port, so that no other one will do
   */
  Process start(Duration limit, boolean fixedPort) throws IOException, InterruptedException {
    int port = port(folder).orElseGet(PostgresProcess::freePort);
    for (int attempt = 1; ; attempt++) {
      stopLeftOver(limit);
      writePrivate(folder.resolve("port"), Integer.toString(port));
      long logStart = logSize();
      Process process = launch(postgres(port));
      if (awaitReady(process, limit)) {
        return process;
      }
      String reason = logSince(logStart);
      if (attempt == START_ATTEMPTS) {
        throw new IOException("PostgreSQL does not start in " + folder + ": " + reason);
      }
      if (!fixedPort && reason.contains("could not bind")) {
        port = freePort();
      } else if (reason.contains("is still in use") || reason.contains("lock file")) {
        // The helpers of a killed server notice its death within moments.
        LOG.info("Waiting for the rest of a killed PostgreSQL to end in {}", folder);
        TimeUnit.MILLISECONDS.sleep(RETRY_DELAY.toMillis() * attempt);
      } else {
        throw new IOException("PostgreSQL does not start in " + folder + ": " + reason);
      }
    }
  }

  private List<String> postgres(int port) {
    List<String> command = new ArrayList<>();
    command.add(binaries.program("postgres"));
    command.add("-D");
    command.add(data.toString());
    List<String> all = new ArrayList<>(settings);
    all.add("listen_addresses=" + HOST);
    all.add("port=" + port);
    all.add("unix_socket_directories=");
    for (String setting : all) {
      command.add("-c");
      command.add(setting);
    }
    return command;
  }

  private boolean awaitReady(Process process, Duration limit)
      throws IOException, InterruptedException {
    long polls = limit.toMillis() / POLL_MILLIS;
    for (long poll = 0; poll < polls; poll++) {
      if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
      List<String> lines = pidFile();
      if (lines.size() > STATUS_LINE
          && lines.get(0).strip().equals(Long.toString(process.pid()))
          && lines.get(STATUS_LINE).strip().equals("ready")) {
        return true;
      }
    }
    process.destroyForcibly();
    throw new IOException(
        "PostgreSQL in "
            + folder
            + " was not ready within "
            + limit.toSeconds()
            + " s; see "
            + log);
  }

  private List<String> pidFile() throws IOException {
    Path file = data.resolve("postmaster.pid");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private void stopLeftOver(Duration limit) throws IOException, InterruptedException {
    List<String> lines = pidFile();
    if (lines.isEmpty()) {
      return;
    }
    Optional<ProcessHandle> process;
    try {
      process = ProcessHandle.of(Long.parseLong(lines.get(0).strip()));
    } catch (NumberFormatException e) {
      process = Optional.empty();
    }
    if (process.isEmpty()) {
      // PostgreSQL itself recognises and replaces the file of a process that is gone.
      return;
    }
    if (isOurServer(process.get())) {
      LOG.warn(
          "Stopping the PostgreSQL that a killed node left behind in {} (process {})",
          folder,
          process.get().pid());
      stop(process.get(), limit);
      return;
    }
    // Another program has got the number since. PostgreSQL takes its own parent's number for stale
    // and then still checks that no part of the old server is alive, as deleting would not.
    List<String> replaced = new ArrayList<>(lines);
    replaced.set(0, Long.toString(ProcessHandle.current().pid()));
    Files.write(data.resolve("postmaster.pid"), replaced);
  }

  /** Only one that names our data is: a machine may run other PostgreSQL servers. */
  private boolean isOurServer(ProcessHandle process) throws IOException {
    if (process.pid() == ProcessHandle.current().pid()) {
      return false;
    }
    boolean named =
        process
            .info()
            .arguments()
            .map(arguments -> List.of(arguments).contains(data.toString()))
            .orElse(false);
    return named || workingFolder(process).equals(Optional.of(data.toRealPath()));
  }

  /** Where a process works, which for PostgreSQL is its data; empty where that can't be told. */
  private static Optional<Path> workingFolder(ProcessHandle process) {
    try {
      return Optional.of(
          Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Disconnects everybody and stops the server; a slow one is ended the hard way at last. */
  void stop(ProcessHandle process, Duration limit) throws IOException, InterruptedException {
    // INT is PostgreSQL's fast shutdown. Java's own destroy sends TERM, which waits for clients.
    if (signal(process, "INT", limit)) {
      return;
    }
    LOG.warn("PostgreSQL {} did not stop within {}; stopping it at once", process.pid(), limit);
    if (!signal(process, "QUIT", limit)) {
      process.destroyForcibly();
    }
  }

  private static boolean signal(ProcessHandle process, String signal, Duration limit)
      throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid()))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
    // Java looks ever less often after a process that it has not started itself, so this does.
    long polls = limit.toMillis() / POLL_MILLIS;
    for (long poll = 0; poll < polls && process.isAlive(); poll++) {
      Thread.sleep(POLL_MILLIS);
    }
    return !process.isAlive();
  }

  /** Cuts the log file when it has grown too large, keeping one older one. */
  void limitLog(long maxBytes) throws IOException {
    if (logSize() <= maxBytes) {
      return;
    }
    Files.copy(log, folder.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
    // The server appends to the open file, so it must be emptied rather than moved away.
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
      file.setLength(0);
    }
  }

  private long logSize() throws IOException {
    return Files.exists(log) ? Files.size(log) : 0;
  }

  private String logSince(long start) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(start, file.length() - LOG_TAIL_BYTES);
      if (from >= file.length()) {
        return "no reason given";
      }
      file.seek(from);
      byte[] tail = new byte[(int) (file.length() - from)];
      file.readFully(tail);
      return new String(tail, StandardCharsets.UTF_8).strip();
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void writePrivate(Path file, String text) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(unfinished);
    Files.createFile(
        unfinished,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(unfinished, text + "\n");
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
