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
          + " over one that does not fit, and says so."
    })
final class ClassArchiveCommand extends AnsweringCommand {
  private static final String JAR = ".jar";
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
    String jar = jar();
    Path archive = file.orElseGet(() -> besideThe(jar)).toAbsolutePath();
    Path made = archive.resolveSibling(archive.getFileName() + ".new");
    demandPlace(archive);
    try {
      Files.deleteIfExists(made);
      try (TrialNode node = TrialNode.start(jar, made)) {
        node.ask();
      }
      if (!Files.exists(made)) {
        throw new IOException("this Java has written none");
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
              + " beside the options that you start it with.");
    } catch (IOException e) {
      throw new CommandFailure(
          "no-archive",
          "The archive of classes was not made, for a node of its own did not do its part: "
              + e.getMessage()
              + ". A node works without an archive as well; mend what is said here, and run this"
              + " again.",
          e);
    } finally {
      removeIfThere(made);
    }
  }

  /** Before a node is started in vain. */
  private static void demandPlace(Path archive) {
    Path folder = archive.getParent();
    if (Files.isDirectory(archive) || folder == null || !Files.isWritable(folder)) {
      throw new CommandFailure(
          "no-place",
          "There can be no archive of classes at "
              + archive
              + "; name a file in a folder that is there and can be written to.");
    }
  }

  private void removeIfThere(Path made) {
    try {
      Files.deleteIfExists(made);
    } catch (IOException e) {
      note(made + " is of no use and could not be removed: " + e);
    }
  }

  /** The jar that runs, by its whole path: Java looks for it there whatever folder it runs in. */
  private static String jar() {
    String jar = System.getProperty("java.class.path", "");
    if (!jar.endsWith(JAR)) {
      throw new CommandFailure(
          "no-jar",
          "Only the classes of a jar can be archived: run this with java -jar tender.jar.");
    }
    return Path.of(jar).toAbsolutePath().toString();
  }

  private static Path besideThe(String jar) {
    return Path.of(jar.substring(0, jar.length() - JAR.length()) + ".jsa");
  }
}
