package network.tender.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.tender.node.Configuration;

/** A node in a process of its own and in a folder that goes with it, whose classes are noted. */
final class TrialNode implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready http=(\\S+) management=(\\S+)");
  private static final Set<String> JAVA_VARIABLES =
      Set.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");
  private static final long START_SECONDS = 180;
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);
  private static final long STOP_SECONDS = 120;
  private static final int MAX_POLLS = 250;
  private static final long POLL_NANOS = 20_000_000;
  private static final int SHOWN_LOG_CHARACTERS = 1_000;

  private final Process process;
  private final Path place;
  private final Path log;
  private final Path archive;
  private final Thread hook;
  private volatile String http = "";
  private String management = "";

  private TrialNode(Process process, Path place, Path log, Path archive) {
    this.process = process;
    this.place = place;
    this.log = log;
    this.archive = archive;
    this.hook = new Thread(this::abandon, "trial-stop");
  }

  /**
   * Starts one in a folder of its own, and waits until it serves.
   *
   * @param jar the program, by its whole path
   * @param archive where Java puts the classes when the node has stopped
   * @throws IOException if it does not start, with the end of its log
   */
  static TrialNode start(String jar, Path archive) throws IOException {
    Path place = Files.createTempDirectory("tender-class-archive");
    Path log = place.resolve("node.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:ArchiveClassesAtExit=" + archive,
                // It tells of each class that can't be archived.
                "-Xlog:disable",
                "-jar",
                jar,
                NodeCommand.NAME,
                "--data-dir",
                place.resolve("data").toString(),
                "--http-port",
                "0",
                "--management-port",
                "0")
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectError(log.toFile());
    // It is no node of the operator's: nothing of theirs is opened or written to. Nor may it be
    // told to read the archive that it is to make.
    builder
        .environment()
        .keySet()
        .removeIf(
            name -> name.startsWith(Configuration.VARIABLES) || JAVA_VARIABLES.contains(name));
    TrialNode node = new TrialNode(builder.start(), place, log, archive);
    Runtime.getRuntime().addShutdownHook(node.hook);
    try {
      node.awaitReady();
      return node;
    } catch (IOException | RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private void awaitReady() throws IOException {
    CompletableFuture<Void> late =
        CompletableFuture.runAsync(
            process::destroy, CompletableFuture.delayedExecutor(START_SECONDS, TimeUnit.SECONDS));
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    try {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        Matcher ready = READY.matcher(line);
        if (ready.find()) {
          http = ready.group(1);
          management = ready.group(2);
          return;
        }
      }
    } finally {
      late.cancel(false);
    }
    String text = Files.readString(log);
    throw new IOException(
        "the node does not start: "
            + text.substring(Math.max(0, text.length() - SHOWN_LOG_CHARACTERS)).strip());
  }

  /** Asks for what is asked for first, whose classes are wanted as soon as a node serves. */
  void ask() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    for (String url : List.of(management + "/health/ready", management + "/metrics", http + "/")) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER_LIMIT).build();
      int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status != 200) {
        throw new IOException("the node answers " + url + " with " + status);
      }
    }
  }

  /** Stops it in order, waits until Java has put the classes away, and removes its folder. */
  @Override
  public void close() throws IOException {
    try {
      if (http.isEmpty()) {
        endStart();
      }
      process.destroy();
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
        throw new IOException("the node does not stop");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } finally {
      delete();
      forgetHook();
    }
  }

  /**
   * A node that is told to stop before it serves ends at once, and leaves its PostgreSQL to the
   * next start. Without a PostgreSQL it gives up by itself, and leaves nothing.
   */
  private void endStart() {
    for (int poll = 0; poll < MAX_POLLS && process.isAlive(); poll++) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** When the command itself is stopped. */
  private void abandon() {
    try {
      close();
      Files.deleteIfExists(archive);
    } catch (IOException | UncheckedIOException e) {
      // Nobody listens any more; what is left is in the system's folder for such things.
    }
  }

  private void forgetHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // On the way down: it is what runs.
    }
  }

  /**
   * One at a time: the command that gives up and the hook that ends it come here together, and the
   * hook is the last that Java waits for.
   */
  private synchronized void delete() throws IOException {
    if (!Files.exists(place)) {
      return;
    }
    try (Stream<Path> all = Files.walk(place)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
