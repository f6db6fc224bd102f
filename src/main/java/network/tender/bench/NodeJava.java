package network.tender.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Options for the Java machine of the run's own node: those of {@code conf/java.options}. */
final class NodeJava {
  private static final String FILE = "java.options";
  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

  private NodeJava() {}

  /** The options of that file and others, which win. */
  static List<String> with(List<String> more) {
    List<String> all = new ArrayList<>(lines());
    if (more.stream().anyMatch(NodeJava::isCollector)) {
      // Java refuses two.
      all.removeIf(NodeJava::isCollector);
    }
    all.addAll(more);
    return all;
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
