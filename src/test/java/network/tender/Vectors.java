package network.tender;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Public test vectors, read from the folder that the system property {@code vectors.dir} names.
 * Tests that need them are skipped without it, and say so.
 */
public final class Vectors {
  private Vectors() {}

  /** The lines of a text file. */
  public static List<String> lines(String file) {
    try {
      return Files.readAllLines(path(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A JSON file. */
  public static JsonNode json(String file) {
    try {
      return new ObjectMapper().readTree(path(file).toFile());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Prints how many vectors of a file a test has gone through. */
  public static void report(String file, int used, String what) {
    System.out.println("vectors: " + file + ": " + used + " " + what);
  }

  private static Path path(String file) {
    String folder = System.getProperty("vectors.dir", "");
    Path path = Path.of(folder, file);
    boolean present = !folder.isBlank() && Files.isReadable(path);
    if (!present) {
      System.out.println("vectors: " + file + " skipped: -Dvectors.dir names no folder with it");
    }
    Assumptions.assumeTrue(present, file + " is not there");
    return path;
  }
}
