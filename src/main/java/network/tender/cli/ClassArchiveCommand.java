package network.tender.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes the archive of classes that starts become quicker with. */
@Command(
    name = "class-archive",
    mixinStandardHelpOptions = true,
    description = {
      "Make an archive of the classes that a node loads, so that the next starts are quicker.",
      "It is for this Java and this jar only; make it anew after an update of either. Java passes"
          + " over one that does not fit. conf/java.options names target/tender.jsa."
    })
final class ClassArchiveCommand extends AnsweringCommand {
  private static final long BYTES_IN_MB = 1_000_000;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The archive (default: beside the jar, ending in .jsa).")
  private Optional<Path> file = Optional.empty();

  ClassArchiveCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() throws InterruptedException {
    Path archive = file.orElseGet(ClassArchiveCommand::besideTheJar).toAbsolutePath();
    Path made = archive.resolveSibling(archive.getFileName() + ".new");
    try {
      Path place = Files.createTempDirectory("tender-class-archive");
      try (TrialNode node = TrialNode.start(place, made)) {
        node.ask();
      } finally {
        TrialNode.delete(place);
      }
      // An archive that a running node uses is not written to, it is replaced.
      Files.move(made, archive, StandardCopyOption.REPLACE_EXISTING);
      long bytes = Files.size(archive);
      return Answer.of(
          Json.object().put("file", archive.toString()).put("bytes", bytes),
          archive
              + " has been made, "
              + bytes / BYTES_IN_MB
              + " MB. Start the node with java -XX:SharedArchiveFile="
              + archive
              + ", as conf/java.options says.");
    } catch (IOException e) {
      throw new CommandFailure(
          "no-archive",
          "There is no archive of classes at "
              + archive
              + ": "
              + e.getMessage()
              + ". A node works without one as well; name a folder that can be written to.",
          e);
    }
  }

  private static Path besideTheJar() {
    String jar = System.getProperty("java.class.path", "");
    if (!jar.endsWith(".jar")) {
      throw new CommandFailure(
          "no-jar",
          "Only the classes of a jar can be archived: run this with java -jar tender.jar.");
    }
    return Path.of(jar.substring(0, jar.length() - ".jar".length()) + ".jsa");
  }
}
