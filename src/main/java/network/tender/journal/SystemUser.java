package network.tender.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Who PostgreSQL runs as. It refuses to run as root; so when we are root it is started in a user
 * namespace of its own, where it is nobody but its files stay root's, or, where the system allows
 * no namespaces, as an account of lesser rights, to whom its files are then given.
 *
 * @param prefix put before every command
 * @param uid who owns the data folder
 * @param gid the data folder's group
 * @param others true if that is not us, so that the way to the folder must be open to them
 */
record SystemUser(List<String> prefix, int uid, int gid, boolean others) {
  /** How to lower root's rights. */
  enum Method {
    /** The best that works. */
    ANY,
    /** A user namespace. */
    NAMESPACE,
    /** Another account. */
    ACCOUNT
  }

  private static final long PROBE_SECONDS = 10;

  /** Makes the list unmodifiable. */
  SystemUser {
    prefix = List.copyOf(prefix);
  }

  /** The numeric id of the user that this process runs as. */
  static int currentUid() {
    try {
      Path file = Files.createTempFile("tender", ".uid");
      try {
        return (Integer) Files.getAttribute(file, "unix:uid");
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Chooses for the current process; blocks shortly. */
  static SystemUser choose(Method method) {
    int uid = currentUid();
    List<String> session = works(List.of("setsid")) ? List.of("setsid") : List.of();
    if (uid != 0) {
      return new SystemUser(session, uid, -1, false);
    }
    if (method != Method.ACCOUNT && works(List.of("unshare", "-U"))) {
      return new SystemUser(join(session, List.of("unshare", "-U")), 0, 0, false);
    }
    if (method != Method.NAMESPACE) {
      for (String name : List.of("postgres", "nobody")) {
        Optional<SystemUser> account = account(session, name);
        if (account.isPresent()) {
          return account.get();
        }
      }
    }
    throw new DatabaseRefusedException(
        "PostgreSQL does not run as root, and this system lets root start it neither in a user"
            + " namespace (unshare -U) nor as another account (setpriv, runuser). Start the node"
            + " as an ordinary user, or configure the URL of a PostgreSQL server of your own.");
  }

  private static Optional<SystemUser> account(List<String> session, String name) {
    Optional<String[]> entry = passwd(name);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    int uid = Integer.parseInt(entry.get()[2]);
    int gid = Integer.parseInt(entry.get()[3]);
    for (List<String> command :
        List.of(
            List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--"),
            List.of("runuser", "-u", name, "--"))) {
      if (works(command)) {
        return Optional.of(new SystemUser(join(session, command), uid, gid, true));
      }
    }
    return Optional.empty();
  }

  private static Optional<String[]> passwd(String name) {
    try {
      return Files.readAllLines(Path.of("/etc/passwd"), StandardCharsets.ISO_8859_1).stream()
          .map(line -> line.split(":", -1))
          .filter(fields -> fields.length >= 4 && fields[0].equals(name))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean works(List<String> prefix) {
    try {
      Process process =
          new ProcessBuilder(join(prefix, List.of("true")))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static List<String> join(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /** The command line that runs a program as this user. */
  List<String> command(List<String> program) {
    return join(prefix, program);
  }

  /** Gives a folder with all that is in it to this user, if it is somebody else's. */
  void own(Path folder) throws IOException {
    if (gid < 0 || uid == (Integer) Files.getAttribute(folder, "unix:uid")) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            give(path);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path path, @org.jspecify.annotations.Nullable IOException error) throws IOException {
            // After its content, so that a folder left half done is done again.
            give(path);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void give(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
  }
}
