package network.tender.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that are named on the command line, where {@code -} means standard input. */
final class InputFiles {
  /** The name of standard input and output. */
  static final String STANDARD = "-";

  private InputFiles() {}

  /** Opens a file for reading. */
  static InputStream open(String name, Terminal terminal) throws IOException {
    if (name.equals(STANDARD)) {
      return terminal.in();
    }
    try {
      return Files.newInputStream(Path.of(name));
    } catch (NoSuchFileException e) {
      throw missing(name, e);
    }
  }

  /** What is said of a file that is not there. */
  static CommandFailure missing(Object name, NoSuchFileException cause) {
    return new CommandFailure("file-not-readable", "There is no file " + name + ".", cause);
  }

  /**
   * Reads a whole file.
   *
   * @throws IOException if it can't be read or is larger than {@code maxBytes}
   */
  static byte[] readAll(String name, Terminal terminal, int maxBytes) throws IOException {
    try (InputStream in = open(name, terminal)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new IOException("larger than " + maxBytes + " bytes");
      }
      return bytes;
    }
  }
}
