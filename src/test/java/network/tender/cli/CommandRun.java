package network.tender.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * One command line, run inside the test's own process.
 *
 * @param exitCode what the process would end with
 * @param out what it would print on standard output
 * @param err and on standard error
 */
public record CommandRun(int exitCode, String out, String err) {
  /** Runs a command with nothing on its standard input. */
  public static CommandRun of(String... arguments) {
    return withInput("", arguments);
  }

  /** Runs a command with this on its standard input. */
  public static CommandRun withInput(String in, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    int exitCode = new CommandTree(terminal, new SecureRandom()).run(arguments);
    return new CommandRun(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Standard output as the one JSON value that it must be. */
  public JsonNode json() {
    try {
      return Json.parse(out);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not one JSON value: " + out + err, e);
    }
  }
}
