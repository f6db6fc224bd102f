package network.tender.cli;

import java.io.IOException;
import picocli.CommandLine.Parameters;

/** The PSBT that is named on the command line. */
final class PsbtInput {
  @Parameters(
      paramLabel = "FILE",
      description = "The PSBT, binary or base64; '-' for standard input.")
  private String file = "";

  /**
   * Reads it.
   *
   * @throws CommandFailure if it can't be read
   */
  PsbtDocument read(Terminal terminal) {
    try {
      return PsbtDocument.parse(InputFiles.readAll(file, terminal, PsbtDocument.MAX_BYTES));
    } catch (IOException e) {
      throw new CommandFailure("file-not-readable", file + " can't be read: " + e, e);
    }
  }
}
