package network.tender.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Another process of this same program, on the same Java. It ends with this one. */
final class JavaProcess implements AutoCloseable {
  private static final long STOP_SECONDS = 60;
  private static final int SHOWN_LOG_CHARACTERS = 2_000;

  private final Process process;
  private final Path log;
  private final Thread hook;
  private Matcher ready = Pattern.compile("").matcher("");

  private JavaProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.hook = new Thread(process::destroy, "bench-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts one and waits for the line that says that it serves.
   *
   * @param javaOptions for its Java machine
   * @param log where its standard error goes
   * @param ready what the line on its standard output looks like
   */
  static JavaProcess start(
      List<String> javaOptions, List<String> command, Path log, Pattern ready) {
    try {
      JavaProcess started =
          new JavaProcess(
              new ProcessBuilder(commandLine(javaOptions, command))
                  .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                  .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                  .start(),
              log);
      started.awaitReady(ready);
      return started;
    } catch (IOException e) {
      throw new BenchException("start-failed", "A process could not be started: " + e, e);
    }
  }

  private static List<String> commandLine(List<String> javaOptions, List<String> command) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(javaOptions);
    line.add("-cp");
    line.add(System.getProperty("java.class.path"));
    line.addAll(command);
    return line;
  }

  /** Runs one to its end and reads the JSON value that it answers with. */
  static JsonNode answer(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(commandLine(List.of(), command))
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      byte[] out = process.getInputStream().readAllBytes();
      int code = process.waitFor();
      if (code != 0) {
        throw new BenchException(
            "command-failed",
            String.join(" ", command) + " failed: " + new String(out, StandardCharsets.UTF_8));
      }
      return new ObjectMapper().readTree(out);
    } catch (IOException e) {
      throw new BenchException("command-failed", "A command could not be run: " + e, e);
    } catch (InterruptedException e) {
      throw BenchException.interrupted(e);
    }
  }

  private void awaitReady(Pattern pattern) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        ready = matcher;
        return;
      }
    }
    close();
    String text = Files.readString(log);
    throw new BenchException(
        "start-failed",
        "A process that is to be measured does not start:\n"
            + text.substring(Math.max(0, text.length() - SHOWN_LOG_CHARACTERS)));
  }

  /** A group of the line that said that it serves. */
  String told(int group) {
    return ready.group(group);
  }

  long pid() {
    return process.pid();
  }

  /** Kills it with no warning. */
  void kill() {
    process.destroyForcibly();
    await();
  }

  private void await() {
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      throw BenchException.interrupted(e);
    }
  }

  /** Asks it to stop and waits until it has. */
  @Override
  public void close() {
    process.destroy();
    await();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // On the way down: the hook does the same.
    }
  }
}
