package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes that starts become quicker with, made and used by the real jar. */
class ClassArchiveTest {
  @TempDir private Path folder;

  @Test
  void classesComeFromTheArchiveOnceItIsMade() throws Exception {
    Path archive = folder.resolve("tender.jsa");

    TenderJar.Run made = TenderJar.run("class-archive", archive.toString(), "--json");
    made.expectSuccess();

    assertThat(made.json().path("file").asText()).isEqualTo(archive.toString());
    assertThat(made.json().path("bytes").asLong()).isEqualTo(Files.size(archive));
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
    assertThat(ownClass(archive, Path.of("."), TenderJar.path()))
        .endsWith("shared objects file (top)");
    assertThat(ownClass(archive, folder, TenderJar.path().toAbsolutePath()))
        .as("in another folder")
        .endsWith("shared objects file (top)");
  }

  @Test
  void aPlaceThatCannotBeWrittenToIsRefused() {
    Path archive = folder.resolve("no-such-folder").resolve("tender.jsa");
    for (Path place : List.of(archive, folder)) {
      TenderJar.Run run = TenderJar.run("class-archive", place.toString(), "--json");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err() + run.out()).contains("no-place").contains(place.toString());
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void nothingIsLeftBehindWhenItIsStoppedEarly() throws Exception {
    Path archive = folder.resolve("tender.jsa");
    Path places = Files.createDirectory(folder.resolve("places"));
    List<String> line = new ArrayList<>(TenderJar.commandLine(List.of("class-archive")));
    line.add(1, "-Djava.io.tmpdir=" + places);
    line.add(archive.toString());
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    try {
      NodeProcess.until("its PostgreSQL is made", 60, () -> processes(places) > 1);
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      NodeProcess.until("its processes have ended", 5, () -> processes(places) == 0);
      assertThat(places).isEmptyDirectory();
      assertThat(archive).doesNotExist();
      assertThat(folder).isDirectoryNotContaining("glob:**.new");
    } finally {
      process.destroyForcibly();
    }
  }

  /** How many processes are told of something in a folder: the node, and PostgreSQL's. */
  private static long processes(Path places) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(places + "/"))
        .count();
  }

  /** What Java says of where our main class comes from, with the options that people use. */
  private static String ownClass(Path archive, Path workingFolder, Path jar) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("conf", "java.options").toAbsolutePath(),
                "-XX:-UseShenandoahGC",
                "-XX:SharedArchiveFile=" + archive,
                "-Xlog:class+load",
                "-jar",
                jar.toString(),
                "--version")
            .directory(workingFolder.toFile())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).describedAs(out).isZero();
    return out.lines()
        .filter(line -> line.contains("network.tender.cli.Main source: "))
        .findFirst()
        .orElseThrow(() -> new AssertionError(out))
        .strip();
  }
}
