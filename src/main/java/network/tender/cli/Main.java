package network.tender.cli;

import java.security.SecureRandom;

/** The entry point of {@code tender.jar}. */
public final class Main {
  private static final String LOG_LEVEL = "TENDER_LOG_LEVEL";

  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    String command = CommandTree.withDefaultCommand(arguments)[0];
    if (!command.equals(NodeCommand.NAME) && System.getenv(LOG_LEVEL) == null) {
      // A tool answers with its result; only a node keeps a log.
      System.setProperty(LOG_LEVEL, "ERROR");
    }
    int exitCode = new CommandTree(Terminal.ofProcess(), new SecureRandom()).run(arguments);
    System.exit(exitCode);
  }
}
