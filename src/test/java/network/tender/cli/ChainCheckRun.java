package network.tender.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One run of {@code chain check} without the parsing of a command line round it.
 *
 * @param exitCode what the process would end with
 * @param answers the lines on standard output
 */
public record ChainCheckRun(int exitCode, List<String> answers) {
  /** Makes the list unmodifiable. */
  public ChainCheckRun {
    answers = List.copyOf(answers);
  }

  /** Runs the command with these bytes on its standard input. */
  public static ChainCheckRun of(byte[] in) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(in),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            System.err);
    try {
      int exitCode = new ChainCheckCommand(terminal).call();
      return new ChainCheckRun(exitCode, out.toString(StandardCharsets.UTF_8).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
