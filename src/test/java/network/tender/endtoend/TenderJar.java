package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs commands of the real jar, each in a process of its own. */
final class TenderJar {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final long LIMIT_SECONDS = 90;

  private TenderJar() {}

  /**
   * How a command ended.
   *
   * @param exitCode its exit code
   * @param out its standard output
   * @param err its standard error
   */
  record Run(int exitCode, String out, String err) {
    /** Standard output as the one JSON value that it must be. */
    JsonNode json() {
      try {
        return MAPPER.readTree(out);
      } catch (IOException e) {
        throw new AssertionError("not one JSON value: " + out + err, e);
      }
    }

    /** Fails the test unless the command succeeded. */
    Run expectSuccess() {
      assertThat(exitCode).describedAs("stdout: %s%nstderr: %s", out, err).isZero();
      return this;
    }
  }

  /** The jar as the build made it. */
  static Path path() {
    Path jar = Path.of(System.getProperty("tender.jar", "target/tender.jar"));
    assertThat(jar).describedAs("the jar, which 'mvn package' makes").exists();
    return jar;
  }

  /** The command line of the jar. */
  static List<String> commandLine(List<String> arguments) {
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Short-lived processes on a busy machine: start fast rather than run fast.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-jar",
                path().toString()));
    line.addAll(arguments);
    return line;
  }

  /** Runs a command to its end. */
  static Run run(String... arguments) {
    try {
      Path out = Files.createTempFile("tender", ".out");
      Path err = Files.createTempFile("tender", ".err");
      try {
        Process process =
            new ProcessBuilder(commandLine(List.of(arguments)))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError(
              "did not end: " + String.join(" ", arguments) + "\n" + Files.readString(err));
        }
        return new Run(
            process.exitValue(),
            Files.readString(out, StandardCharsets.UTF_8),
            Files.readString(err, StandardCharsets.UTF_8));
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
