package network.tender.cli;

import java.security.SecureRandom;
import network.tender.node.Configuration;

/** The entry point of {@code tender.jar}. */
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    String command = CommandTree.withDefaultCommand(arguments)[0];
    String logLevel = System.getenv(Configuration.LOG_LEVEL);
    if (logLevel == null || logLevel.isEmpty()) {
      // A tool answers with its result; only a node keeps a log.
      System.setProperty(
          Configuration.LOG_LEVEL, command.equals(NodeCommand.NAME) ? "INFO" : "ERROR");
    }
    int exitCode = new CommandTree(Terminal.ofProcess(), new SecureRandom()).run(arguments);
    System.exit(exitCode);
  }
}
