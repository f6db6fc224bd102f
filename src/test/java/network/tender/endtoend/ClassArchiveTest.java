package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes that starts become quicker with, made and used by the real jar. */
class ClassArchiveTest {
  private static final String OWN_CLASS = "network.tender.cli.Main source: ";

  @TempDir private Path folder;

  @Test
  void classesComeFromTheArchiveOnceItIsMade() throws Exception {
    Path archive = folder.resolve("tender.jsa");
    assertThat(version(archive)).contains(OWN_CLASS + "file:").doesNotContain("warning", "error");

    TenderJar.Run made = TenderJar.run("class-archive", archive.toString(), "--json");
    made.expectSuccess();

    assertThat(made.json().path("file").asText()).isEqualTo(archive.toString());
    assertThat(made.json().path("bytes").asLong()).isEqualTo(Files.size(archive));
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
    assertThat(version(archive)).contains(OWN_CLASS + "shared objects file (top)");
  }

  @Test
  void javaSaysNothingOfAnArchiveThatDoesNotFit() throws Exception {
    Path archive = Files.writeString(folder.resolve("tender.jsa"), "another release's");
    assertThat(version(archive)).contains(OWN_CLASS + "file:").doesNotContain("warning", "error");
  }

  @Test
  void aPlaceThatCannotBeWrittenToIsRefused() {
    Path archive = folder.resolve("no-such-folder").resolve("tender.jsa");
    TenderJar.Run run = TenderJar.run("class-archive", archive.toString(), "--json");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err() + run.out()).contains("no-archive").contains(archive.toString());
  }

  /** What a node's Java prints, with the options that people use, when it loads our classes. */
  private static String version(Path archive) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("conf", "java.options"),
                "-XX:-UseShenandoahGC",
                "-XX:SharedArchiveFile=" + archive,
                "-Xlog:class+load",
                "-jar",
                TenderJar.path().toString(),
                "--version")
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).describedAs(out).isZero();
    return out.lines()
        .filter(line -> line.contains(OWN_CLASS) || !line.contains("[class,load]"))
        .reduce("", (all, line) -> all + line + "\n");
  }
}
