package network.tender.cli;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where a command reads and writes.
 *
 * @param in standard input
 * @param out standard output: answers only
 * @param err standard error: everything else
 */
record Terminal(InputStream in, PrintStream out, PrintStream err) {
  /** The process's own streams. */
  static Terminal ofProcess() {
    return new Terminal(System.in, System.out, System.err);
  }
}
