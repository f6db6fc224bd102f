package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A node as people run it: the real jar in a process of its own, on free ports. */
final class NodeProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready http=(\\S+) management=(\\S+)");
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(90);
  private static final int KILLED = 128 + 9;

  private final Path dataDir;
  private final Process process;
  private final Path out;
  private final Path err;
  private String http = "";
  private String management = "";

  private NodeProcess(Path dataDir, Process process, Path out, Path err) {
    this.dataDir = dataDir;
    this.process = process;
    this.out = out;
    this.err = err;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String lastLines(String text) {
    return text.length() > 3_000 ? "…" + text.substring(text.length() - 3_000) : text;
  }

  private static NodeProcess launch(Path dataDir, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("--data-dir", dataDir.toString(), "--management-port", "0"));
    arguments.addAll(List.of(more));
    if (!arguments.contains("--http-port")) {
      arguments.addAll(List.of("--http-port", "0"));
    }
    try {
      // Kept after the test: its failure is explained there.
      Path logs = Files.createDirectories(TenderJar.path().resolveSibling("node-logs"));
      Path out = Files.createTempFile(logs, "node", ".out");
      Path err = Files.createTempFile(logs, "node", ".err");
      Process process =
          new ProcessBuilder(TenderJar.commandLine(arguments))
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      return new NodeProcess(dataDir, process, out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a node and waits until it serves. */
  static NodeProcess start(Path dataDir, String... more) {
    NodeProcess node = launch(dataDir, more);
    long deadline = System.nanoTime() + START_NANOS;
    while (true) {
      Matcher ready = READY.matcher(text(node.out));
      if (ready.find()) {
        node.http = ready.group(1);
        node.management = ready.group(2);
        return node;
      }
      if (!node.process.isAlive() || System.nanoTime() - deadline > 0) {
        node.close();
        throw new AssertionError(
            "The node does not serve, see " + node.err + "\n" + lastLines(node.log()));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /**
   * A start that was refused.
   *
   * @param exitCode how the process ended
   * @param out its standard output
   * @param err its standard error
   */
  record Refusal(int exitCode, String out, String err) {}

  /** Starts a node that must refuse. */
  static Refusal expectRefusal(Path dataDir, String... more) {
    NodeProcess node = launch(dataDir, more);
    try {
      assertThat(node.process.waitFor(60, TimeUnit.SECONDS))
          .describedAs("ends by itself: %s", node.log())
          .isTrue();
      return new Refusal(node.process.exitValue(), text(node.out), node.log());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      // Not its PostgreSQL, if there is one: that may be another node's.
      node.process.destroyForcibly();
    }
  }

  /** Base URL of the public server. */
  String http() {
    return http;
  }

  /** Base URL of the operators' server. */
  String management() {
    return management;
  }

  Path dataDir() {
    return dataDir;
  }

  /** What it has written to standard error so far. */
  String log() {
    return text(err);
  }

  /** The administrator's API key. */
  String adminKey() {
    try {
      return Files.readString(dataDir.resolve("admin.key")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the node's own process with no warning, and proves that this is how it ended. */
  void kill() {
    process.destroyForcibly();
    assertThat(exitCode()).describedAs("killed, not stopped").isEqualTo(KILLED);
  }

  /** Asks it to stop, as a service manager does, and returns how it ended. */
  int stop() {
    process.destroy();
    return exitCode();
  }

  private int exitCode() {
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).describedAs("ends: %s", log()).isTrue();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The main process of the node's own PostgreSQL, if one runs. */
  Optional<ProcessHandle> postgres() {
    try {
      Optional<Path> file = find(dataDir, "postmaster.pid");
      if (file.isEmpty()) {
        return Optional.empty();
      }
      String pid = Files.readString(file.get()).lines().findFirst().orElse("").strip();
      return pid.matches("[0-9]+")
          ? ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive)
          : Optional.empty();
    } catch (IOException | UncheckedIOException e) {
      // The folder changes while we look.
      return Optional.empty();
    }
  }

  /** A file of this name somewhere in a data folder. */
  static Optional<Path> find(Path dataDir, String name) throws IOException {
    try (Stream<Path> files = Files.find(dataDir, 4, (path, a) -> path.endsWith(name))) {
      return files.findFirst();
    }
  }

  /** Sends a signal to a process and to all that it has started. */
  static void signalTree(ProcessHandle target, String name) {
    List<ProcessHandle> all = new ArrayList<>(target.descendants().toList());
    all.add(0, target);
    all.stream().filter(ProcessHandle::isAlive).forEach(process -> signal(process, name));
  }

  /** Sends a signal to a process that this node started. */
  static void signal(ProcessHandle target, String name) {
    try {
      int exit =
          new ProcessBuilder("kill", "-" + name, Long.toString(target.pid()))
              .inheritIO()
              .start()
              .waitFor();
      // One that has just ended by itself needs no signal.
      assertThat(exit == 0 || !target.isAlive())
          .describedAs("kill -%s %d", name, target.pid())
          .isTrue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Waits until something holds; a test that never sees it fails. */
  static void until(String what, long seconds, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).describedAs("in time: " + what).isNegative();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Ends everything this node started, in whatever state it is. */
  @Override
  public void close() {
    Optional<ProcessHandle> postgres = postgres();
    if (process.isAlive()) {
      postgres.ifPresent(server -> signalTree(server, "CONT"));
      process.destroy();
      try {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    // An immediate shutdown: nobody needs this data any more.
    postgres.filter(ProcessHandle::isAlive).ifPresent(server -> signal(server, "QUIT"));
  }
}
