package network.tender.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Processor time and memory of processes as Linux tells them.
 *
 * @param cpuSeconds used so far, of all threads and of children that have ended
 * @param residentBytes in memory now
 * @param peakResidentBytes the most that was in memory at a time
 */
record ProcessUsage(double cpuSeconds, long residentBytes, long peakResidentBytes) {
  static final ProcessUsage NONE = new ProcessUsage(0, 0, 0);

  private static final Path PROC = Path.of("/proc");

  /** Linux counts processor time in these units for programs, whatever it uses inside. */
  private static final double TICKS_PER_SECOND = 100;

  // Fields of /proc/PID/stat, counted from the one behind the name in brackets.
  private static final int UTIME = 11;
  private static final int STIME = 12;
  private static final int CHILD_UTIME = 13;
  private static final int CHILD_STIME = 14;

  /** True where processes can be looked at. */
  static boolean isKnown() {
    return Files.exists(PROC.resolve("self/stat"));
  }

  /** One process alone. */
  static ProcessUsage of(long pid) {
    try {
      Path folder = PROC.resolve(Long.toString(pid));
      String[] stat = stat(folder);
      return new ProcessUsage(
          (Long.parseLong(stat[UTIME]) + Long.parseLong(stat[STIME])) / TICKS_PER_SECOND,
          kilobytes(folder.resolve("status"), "VmRSS:"),
          kilobytes(folder.resolve("status"), "VmHWM:"));
    } catch (IOException | RuntimeException e) {
      return NONE;
    }
  }

  /**
   * A process with its children, such as a PostgreSQL server: also those that have ended. Memory
   * that they share counts once.
   */
  static ProcessUsage ofTree(long pid) {
    Optional<ProcessHandle> root = ProcessHandle.of(pid);
    if (root.isEmpty()) {
      return NONE;
    }
    return Stream.concat(root.stream(), root.get().descendants())
        .map(process -> ofMember(process.pid()))
        .reduce(NONE, ProcessUsage::plus);
  }

  private static ProcessUsage ofMember(long pid) {
    try {
      Path folder = PROC.resolve(Long.toString(pid));
      String[] stat = stat(folder);
      long ticks =
          Long.parseLong(stat[UTIME])
              + Long.parseLong(stat[STIME])
              + Long.parseLong(stat[CHILD_UTIME])
              + Long.parseLong(stat[CHILD_STIME]);
      long proportional = kilobytes(folder.resolve("smaps_rollup"), "Pss:");
      return new ProcessUsage(ticks / TICKS_PER_SECOND, proportional, proportional);
    } catch (IOException | RuntimeException e) {
      // It has ended in between, and its parent has its time.
      return NONE;
    }
  }

  private static String[] stat(Path folder) throws IOException {
    String stat = Files.readString(folder.resolve("stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static long kilobytes(Path file, String field) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .findFirst()
        .orElse(0);
  }

  private ProcessUsage plus(ProcessUsage other) {
    return new ProcessUsage(
        cpuSeconds + other.cpuSeconds,
        residentBytes + other.residentBytes,
        peakResidentBytes + other.peakResidentBytes);
  }

  /**
   * The process that listens on a port of this machine, if there is one that may be looked at.
   *
   * @param port TCP, of any address
   */
  static Optional<Long> listenerOn(int port) {
    String local = ":%04X".formatted(port);
    try {
      for (String table : new String[] {"tcp", "tcp6"}) {
        Path file = PROC.resolve("net").resolve(table);
        if (!Files.exists(file)) {
          continue;
        }
        for (String line : Files.readAllLines(file)) {
          String[] fields = line.strip().split(" +", -1);
          if (fields.length > 9 && fields[1].endsWith(local) && fields[3].equals("0A")) {
            Optional<Long> owner = ownerOf("socket:[" + fields[9] + "]");
            if (owner.isPresent()) {
              return owner;
            }
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      // Not Linux, or not ours to look at.
    }
    return Optional.empty();
  }

  private static Optional<Long> ownerOf(String socket) {
    return ProcessHandle.allProcesses()
        .filter(process -> holds(process.pid(), socket))
        .map(ProcessHandle::pid)
        .findFirst();
  }

  private static boolean holds(long pid, String socket) {
    try (Stream<Path> files = Files.list(PROC.resolve(pid + "/fd"))) {
      return files.anyMatch(file -> target(file).equals(socket));
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
