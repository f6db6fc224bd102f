package network.tender.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Options for the Java machine of the run's own node: those of {@code conf/java.options}. */
final class NodeJava {
  private static final String FILE = "java.options";
  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");
  private static final String ARCHIVE = "-XX:SharedArchiveFile=";
  private static final String JAR = ".jar";

  private NodeJava() {}

  /** The options of that file and others, which win. */
  static List<String> with(List<String> more) {
    return with(more, System.getProperty("java.class.path", ""));
  }

  /** The same, with the archive of classes beside the jar that runs, if somebody has made one. */
  static List<String> with(List<String> more, String classPath) {
    List<String> all = new ArrayList<>(lines());
    archive(classPath).ifPresent(file -> all.add(ARCHIVE + file));
    if (more.stream().anyMatch(NodeJava::isCollector)) {
      // Java refuses two.
      all.removeIf(NodeJava::isCollector);
    }
    all.addAll(more);
    return all;
  }

  /** The archive of the classes of the jar that runs, if somebody has made one. */
  static Optional<Path> archive(String classPath) {
    if (!classPath.endsWith(JAR)) {
      return Optional.empty();
    }
    String name = classPath.substring(0, classPath.length() - JAR.length());
    return Optional.of(Path.of(name + ".jsa")).filter(Files::exists);
  }

  private static boolean isCollector(String option) {
    return COLLECTOR.matcher(option).matches();
  }

  private static List<String> lines() {
    try (InputStream in = NodeJava.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException("this release lacks its " + FILE);
      }
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
