package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The option that says where a PSBT goes. */
final class PsbtOutput {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Write the PSBT to a new file instead of standard output: binary if its name ends in"
              + " .psbt, else base64.")
  private Optional<Path> file = Optional.empty();

  /**
   * Writes it, and says what it does.
   *
   * @param json the answer for programs, to which the PSBT is added
   * @param text what it does, for people
   * @param note where that goes if the PSBT itself is on standard output
   */
  Answer write(PsbtDocument document, ObjectNode json, String text, Consumer<String> note) {
    json.put("psbt", document.toBase64());
    if (file.isEmpty()) {
      note.accept(text);
      return Answer.of(json, document.toBase64());
    }
    Path path = file.get();
    boolean binary = path.toString().toLowerCase(Locale.ROOT).endsWith(".psbt");
    byte[] bytes =
        binary
            ? document.toBytes()
            : (document.toBase64() + "\n").getBytes(StandardCharsets.US_ASCII);
    try {
      Files.write(path, bytes, StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw new CommandFailure(
          "file-exists", path + " exists already and is not overwritten; choose another name.", e);
    } catch (IOException e) {
      throw new CommandFailure(
          "file-not-writable", "The PSBT can't be written to " + path + ": " + e, e);
    }
    json.put("file", path.toString());
    return Answer.of(json, text + "\nWritten to " + path + ".");
  }
}
