package network.tender.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.tender.journal.DatabaseOptions;
import network.tender.journal.EmbeddedServer;
import org.jspecify.annotations.Nullable;

/** The node that is measured: one of the run's own, or one that runs already. */
final class NodeUnderTest implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready http=(\\S+) management=(\\S+)");
  private static final int DATA_DEPTH = 4;

  private final BenchOptions options;
  private final Optional<Path> dataDir;
  private final boolean temporary;
  private @Nullable JavaProcess process;
  private NodeApi api;
  private OptionalLong pid;

  private NodeUnderTest(
      BenchOptions options,
      Optional<Path> dataDir,
      boolean temporary,
      @Nullable JavaProcess process,
      NodeApi api,
      OptionalLong pid) {
    this.options = options;
    this.dataDir = dataDir;
    this.temporary = temporary;
    this.process = process;
    this.api = api;
    this.pid = pid;
  }

  /** Starts a node, or finds the one that the options name. */
  static NodeUnderTest open(BenchOptions options) {
    return options.node().isPresent() ? running(options) : own(options);
  }

  private static NodeUnderTest running(BenchOptions options) {
    String url = options.node().orElseThrow();
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new BenchException("bad-node-url", "'" + url + "' is no URL.", e);
    }
    if (!"http".equals(uri.getScheme()) || uri.getHost() == null || uri.getPort() < 0) {
      throw new BenchException(
          "bad-node-url", "Name the node as http://HOST:PORT; '" + url + "' is something else.");
    }
    OptionalLong pid =
        options.nodePid().isPresent()
            ? options.nodePid()
            : ProcessUsage.listenerOn(uri.getPort()).stream().mapToLong(found -> found).findFirst();
    return new NodeUnderTest(
        options, options.dataDir(), false, null, new NodeApi(url, options.management()), pid);
  }

  private static NodeUnderTest own(BenchOptions options) {
    Path dataDir;
    try {
      dataDir =
          options.dataDir().isPresent()
              ? Files.createDirectories(options.dataDir().get())
              : Files.createTempDirectory("tender-bench");
    } catch (IOException e) {
      throw new BenchException("no-data-folder", "There can be no data folder: " + e, e);
    }
    NodeUnderTest node =
        new NodeUnderTest(
            options,
            Optional.of(dataDir),
            options.dataDir().isEmpty(),
            null,
            new NodeApi("", Optional.empty()),
            OptionalLong.empty());
    // Also when somebody loses patience: no node and no data are left behind.
    Runtime.getRuntime().addShutdownHook(new Thread(node::close, "bench-end"));
    try {
      node.start(Map.of());
      return node;
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  /**
   * Starts the run's own node, again if it has been stopped.
   *
   * @param more settings beside those of the run
   */
  void start(Map<String, String> more) {
    Path data = dataDir.orElseThrow();
    List<String> command = new ArrayList<>(List.of(options.mainClass(), "node"));
    command.addAll(List.of("--data-dir", data.toString()));
    command.addAll(List.of("--http-port", "0", "--management-port", "0"));
    Map<String, String> settings = new TreeMap<>(more);
    settings.putAll(options.nodeSettings());
    settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
    JavaProcess started =
        JavaProcess.start(
            NodeJava.with(options.nodeJavaOptions()),
            command,
            data.resolve("bench-node.log"),
            READY);
    process = started;
    pid = OptionalLong.of(started.pid());
    api = new NodeApi(started.told(1), Optional.of(started.told(2)));
  }

  /** True if this run has started the node, and nobody else uses it. */
  boolean isOwn() {
    return options.node().isEmpty();
  }

  /**
   * Refuses a scenario that stops its node, or reads its files, on somebody else's.
   *
   * @throws BenchException if the node is not the run's own
   */
  void demandOwn(Scenario scenario) {
    if (!isOwn()) {
      throw new BenchException(
          "own-node-only", "Leave --node out: " + scenario + " needs a node of its own.");
    }
  }

  /** The data folder, which a node of the run's own always has. */
  Path dataDir() {
    return dataDir.orElseThrow(this::noDataFolder);
  }

  NodeApi api() {
    return api;
  }

  OptionalLong pid() {
    return pid;
  }

  /** The administrator's API key, from the data folder. */
  String adminKey() {
    try {
      return Files.readString(dataDir.orElseThrow(this::noDataFolder).resolve("admin.key")).strip();
    } catch (IOException e) {
      throw noDataFolder();
    }
  }

  private BenchException noDataFolder() {
    return new BenchException(
        "no-data-folder", "Name the data folder of the node with --data-dir; its key is there.");
  }

  /** The main process of the node's PostgreSQL, if it is one that the node has started. */
  OptionalLong postgresPid() {
    if (dataDir.isPresent()) {
      try (Stream<Path> files =
          Files.find(dataDir.get(), DATA_DEPTH, (path, a) -> path.endsWith("postmaster.pid"))) {
        Optional<Path> file = files.findFirst();
        if (file.isPresent()) {
          return OptionalLong.of(Long.parseLong(Files.readAllLines(file.get()).get(0).strip()));
        }
      } catch (IOException | RuntimeException e) {
        return OptionalLong.empty();
      }
    }
    if (pid.isEmpty()) {
      return OptionalLong.empty();
    }
    return ProcessHandle.of(pid.getAsLong()).stream()
        .flatMap(ProcessHandle::children)
        .filter(child -> child.info().command().orElse("").endsWith("postgres"))
        .mapToLong(ProcessHandle::pid)
        .findFirst();
  }

  /**
   * What kind of file system has the data, such as ext4; a journal in memory would be no measure.
   */
  String fileSystem() {
    try {
      return dataDir.isPresent() ? Files.getFileStore(dataDir.get()).type() : "unknown";
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** The PostgreSQL that the node runs itself, if its data folder is known. */
  Optional<DatabaseOptions> database() {
    try {
      return dataDir.isPresent()
          ? EmbeddedServer.find(dataDir.get().resolve(EmbeddedServer.FOLDER))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  Usage usage() {
    return Usage.now(pid, postgresPid());
  }

  /** Stops the run's own node in order. */
  void stop() {
    JavaProcess running = process;
    if (running != null) {
      process = null;
      running.close();
    }
  }

  /** Kills the run's own node with no warning; its PostgreSQL goes on, as after a crash. */
  void kill() {
    JavaProcess running = process;
    if (running != null) {
      process = null;
      running.kill();
    }
  }

  @Override
  public synchronized void close() {
    stop();
    if (temporary) {
      dataDir.ifPresent(NodeUnderTest::delete);
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException error)
                throws IOException {
              Files.delete(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new BenchException(
          "data-left", "The temporary data folder " + folder + " could not be removed: " + e, e);
    }
  }
}
