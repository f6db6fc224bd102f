package network.tender.journal;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import network.tender.chain.Hashing;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL's programs from the class path, unpacked once into a cache folder.
 *
 * <p>The folder's name holds the archive's hash, and it appears under that name only when it is
 * complete and on disk; so two processes may unpack at once, and one that is killed leaves nothing
 * that looks usable. A folder that anybody else could have written to is not trusted.
 */
final class PostgresBinaries {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresBinaries.class);
  private static final int HASH_DIGITS = 16;
  private static final Set<PosixFilePermission> DIRECTORY =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> DATA = PosixFilePermissions.fromString("rw-r--r--");

  private final Path folder;

  private PostgresBinaries(Path folder) {
    this.folder = folder;
  }

  /** Full path of a program such as {@code postgres}. */
  String program(String name) {
    return folder.resolve("bin").resolve(name).toString();
  }

  /**
   * Finds or unpacks the programs; blocks for a few seconds at the first time.
   *
   * @param caches folders to try in order; the first that can be used is
   */
  static PostgresBinaries unpack(List<Path> caches) throws IOException {
    String name = folderName();
    List<String> refusals = new ArrayList<>();
    for (Path cache : caches) {
      try {
        return new PostgresBinaries(unpackInto(cache, name));
      } catch (IOException e) {
        refusals.add(cache + ": " + e);
      }
    }
    throw new IOException(
        "There is no folder to unpack PostgreSQL into; make one of these writable: "
            + String.join("; ", refusals));
  }

  /**
   * Folders that suit the current user, best first.
   *
   * @param superuser true if we are root, who shares the programs with an account of lesser rights
   * @param last used when there is nothing better
   */
  static List<Path> defaultCaches(boolean superuser, Path last) {
    List<Path> caches = new ArrayList<>();
    if (superuser) {
      caches.add(Path.of("/var/cache/tender"));
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    if (xdg != null && xdg.startsWith("/")) {
      caches.add(Path.of(xdg, "tender"));
    }
    String home = System.getProperty("user.home", "");
    if (home.startsWith("/") && Files.isDirectory(Path.of(home))) {
      caches.add(Path.of(home, ".cache", "tender"));
    }
    caches.add(last);
    return caches;
  }

  /**
   * Another name for each other archive. Reading all of it to tell them apart would take half a
   * second of each start, so that the jar's own checksum has to do where there is a jar.
   */
  private static String folderName() throws IOException {
    URLConnection connection = archive().openConnection();
    if (connection instanceof JarURLConnection inJar) {
      JarEntry entry = inJar.getJarEntry();
      if (entry.getCrc() >= 0 && entry.getSize() >= 0) {
        return "postgresql-%08x-%x".formatted(entry.getCrc(), entry.getSize());
      }
    }
    return "postgresql-"
        + HexFormat.of().formatHex(Hashing.sha256(readArchive())).substring(0, HASH_DIGITS);
  }

  private static URL archive() {
    URL archive = PostgresBinaries.class.getClassLoader().getResource(archiveName());
    if (archive == null) {
      throw new DatabaseRefusedException(
          "This release carries no PostgreSQL for "
              + System.getProperty("os.name")
              + " on "
              + System.getProperty("os.arch")
              + ". Run PostgreSQL "
              + Database.OLDEST_MAJOR_VERSION
              + " or later yourself and configure its URL.");
    }
    return archive;
  }

  private static byte[] readArchive() throws IOException {
    try (InputStream in = archive().openStream()) {
      return in.readAllBytes();
    }
  }

  private static String archiveName() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String system = os.contains("mac") ? "darwin" : os.replace(' ', '-');
    String architecture =
        switch (machine) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm_64";
          default -> machine;
        };
    return "postgres-" + system + "-" + architecture + ".txz";
  }

  private static Path unpackInto(Path cache, String name) throws IOException {
    Files.createDirectories(cache);
    Path target = cache.resolve(name);
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      requireTrusted(target);
      return target;
    }
    requireTrusted(cache);
    Path unfinished = Files.createTempDirectory(cache, name + ".");
    try {
      extract(readArchive(), unfinished);
      Files.setPosixFilePermissions(unfinished, DIRECTORY);
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      LOG.info("Unpacked PostgreSQL into {}", target);
    } catch (IOException e) {
      deleteTree(unfinished);
      if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
      // Another process was faster.
      requireTrusted(target);
    }
    return target;
  }

  private static void requireTrusted(Path folder) throws IOException {
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException("others may write to it");
    }
    int owner = (Integer) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (owner != 0 && owner != SystemUser.currentUid()) {
      throw new IOException("it belongs to somebody else");
    }
  }

  private static void extract(byte[] archive, Path folder) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(
            new BufferedInputStream(
                new XZCompressorInputStream(new ByteArrayInputStream(archive)), 1 << 16))) {
      for (Optional<TarArchiveEntry> entry = next(tar); entry.isPresent(); entry = next(tar)) {
        Path path = folder.resolve(entry.get().getName()).normalize();
        if (!path.startsWith(folder)) {
          throw new IOException("the archive reaches outside of its folder");
        }
        extractEntry(tar, entry.get(), path);
      }
    }
  }

  private static Optional<TarArchiveEntry> next(TarArchiveInputStream tar) throws IOException {
    return Optional.ofNullable(tar.getNextEntry());
  }

  private static void extractEntry(TarArchiveInputStream tar, TarArchiveEntry entry, Path path)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Path parent = path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      return;
    }
    if (!entry.isFile()) {
      throw new IOException("the archive holds something odd: " + entry.getName());
    }
    Files.copy(tar, path);
    boolean program = entry.getName().startsWith("bin/") || entry.getName().startsWith("./bin/");
    Files.setPosixFilePermissions(path, program ? PROGRAM : DATA);
    if (program || path.toString().contains(".so")) {
      try (FileChannel channel = FileChannel.open(path, EnumSet.of(StandardOpenOption.WRITE))) {
        channel.force(true);
      }
    }
  }

  /** Deletes a folder with all that is in it, without following links. */
  static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException error)
              throws IOException {
            if (error != null) {
              throw error;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
