package network.tender.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeJavaTest {
  @Test
  void theNodeThatIsMeasuredRunsAsPeoplesDo() {
    List<String> options = NodeJava.with(List.of("-Xmx2g"));
    assertThat(options).allMatch(option -> option.startsWith("-X"));
    assertThat(options).contains("-XX:+ExitOnOutOfMemoryError").endsWith("-Xmx2g");
    assertThat(options.stream().filter(option -> option.startsWith("-Xmx"))).hasSize(2);
  }

  @Test
  void theCollectorIsFreeToChooseThoughJavaRefusesTwo() {
    assertThat(NodeJava.with(List.of()))
        .filteredOn(option -> option.matches("-XX:\\+Use\\w+GC"))
        .containsExactly("-XX:+UseShenandoahGC");
    assertThat(NodeJava.with(List.of("-XX:+UseZGC")))
        .filteredOn(option -> option.matches("-XX:\\+Use\\w+GC"))
        .containsExactly("-XX:+UseZGC");
  }

  @Test
  void classesComeFromTheArchiveBesideTheJarIfThereIsOne(@TempDir Path folder) throws IOException {
    String jar = folder.resolve("tender.jar").toString();
    assertThat(NodeJava.with(List.of(), jar)).noneMatch(option -> option.contains("Archive"));
    Path archive = Files.createFile(folder.resolve("tender.jsa"));
    assertThat(NodeJava.with(List.of(), jar))
        .filteredOn(option -> option.contains("Archive"))
        .containsExactly("-XX:SharedArchiveFile=" + archive);
  }
}
