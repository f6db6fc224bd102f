package network.tender.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import network.tender.node.Configuration;

/** A node in a process of its own and in a folder that goes with it, whose classes are noted. */
final class TrialNode implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("ready http=(\\S+) management=(\\S+)");
  private static final String JAVA_OPTIONS = "JDK_JAVA_OPTIONS";
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);
  private static final long STOP_SECONDS = 120;
  private static final int SHOWN_LOG_CHARACTERS = 1_000;

  private final Process process;
  private final Path log;
  private final Path archive;
  private final Thread hook;
  private String http = "";
  private String management = "";

  private TrialNode(Process process, Path log, Path archive) {
    this.process = process;
    this.log = log;
    this.archive = archive;
    this.hook = new Thread(process::destroy, "trial-stop");
  }

  /**
   * Starts one and waits until it serves.
   *
   * @param place an empty folder
   * @param archive where Java puts the classes when the node has stopped
   * @throws IOException if it does not start, with the end of its log
   */
  static TrialNode start(Path place, Path archive) throws IOException, InterruptedException {
    Path log = place.resolve("node.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:ArchiveClassesAtExit=" + archive,
                // It tells of each class that can't be archived.
                "-Xlog:disable",
                "-jar",
                System.getProperty("java.class.path", ""),
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
        .removeIf(name -> name.startsWith(Configuration.VARIABLES) || name.equals(JAVA_OPTIONS));
    TrialNode node = new TrialNode(builder.start(), log, archive);
    Runtime.getRuntime().addShutdownHook(node.hook);
    try {
      node.awaitReady();
      return node;
    } catch (IOException | RuntimeException e) {
      node.process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
      throw e;
    }
  }

  private void awaitReady() throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher ready = READY.matcher(line);
      if (ready.find()) {
        http = ready.group(1);
        management = ready.group(2);
        return;
      }
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

  /** Stops it in order, and waits until Java has put the classes away. */
  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
        throw new IOException("the node does not stop");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // On the way down: the hook has done the same.
    }
    if (!Files.exists(archive)) {
      throw new IOException("this Java has written none");
    }
  }

  /** Removes the folder with all that is in it. */
  static void delete(Path place) throws IOException {
    try (Stream<Path> all = Files.walk(place)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
