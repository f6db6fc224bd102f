package network.tender.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * Keeps two processes from using one data folder. The operating system frees it when its holder
 * dies.
 */
final class FolderLock implements AutoCloseable {
  private static final String FILE_NAME = "lock";

  /**
   * What this process holds. Asked first, because closing any channel to a file frees all locks
   * that the process has on it.
   */
  private static final Set<Path> HELD = new HashSet<>();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws DatabaseRefusedException if another process, or another server in this one, has it
   */
  static FolderLock acquire(Path folder) throws IOException {
    Path real = folder.toRealPath();
    synchronized (HELD) {
      if (HELD.contains(real)) {
        throw refusal(folder, "this very process");
      }
      FileChannel channel =
          FileChannel.open(
              real.resolve(FILE_NAME),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        String holder = Files.readString(real.resolve(FILE_NAME)).strip();
        throw refusal(folder, holder.isEmpty() ? "another process" : "process " + holder);
      }
      channel.truncate(0);
      String pid = ProcessHandle.current().pid() + "\n";
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)), 0);
      HELD.add(real);
      return new FolderLock(real, channel);
    }
  }

  private static DatabaseRefusedException refusal(Path folder, String holder) {
    return new DatabaseRefusedException(
        "The data folder "
            + folder
            + " is in use by "
            + holder
            + ". Only one node can run on it: stop that one first, or choose another data folder.");
  }

  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      HELD.remove(folder);
      channel.close();
    }
  }
}
