package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Puts the commands together and turns what they throw into exit codes and sentences. */
final class CommandTree {
  /** Everything went as asked. */
  static final int SUCCESS = 0;

  /** A refusal or failure. */
  static final int FAILURE = 1;

  /** The command line itself is wrong. */
  static final int WRONG_USAGE = 2;

  private static final List<String> ROOT_OPTIONS = List.of("-h", "--help", "-V", "--version");

  private final Terminal terminal;
  private final SecureRandom random;

  /**
   * All commands.
   *
   * @param random where a new wallet's words come from
   */
  CommandTree(Terminal terminal, SecureRandom random) {
    this.terminal = terminal;
    this.random = random;
  }

  /** Runs one command line to its end and returns the exit code. */
  int run(String... arguments) {
    String[] all = withDefaultCommand(arguments);
    CommandLine root = new CommandLine(new TenderCommand());
    root.addSubcommand(new NodeCommand(terminal));
    // A node that starts has no use for the others, and describing them takes a while.
    if (!all[0].equals(NodeCommand.NAME)) {
      addTools(root);
    }
    root.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    root.setParameterExceptionHandler(this::onWrongUsage);
    root.setExecutionExceptionHandler((e, command, parsed) -> onFailure(e, command));
    return root.execute(all);
  }

  private void addTools(CommandLine root) {
    root.addSubcommand(
        new CommandLine(new WalletCommand())
            .addSubcommand(new WalletNewCommand(terminal, random))
            .addSubcommand(new WalletWatchCommand(terminal))
            .addSubcommand(new WalletAddressCommand(terminal))
            .addSubcommand(new WalletXpubCommand(terminal))
            .addSubcommand(new WalletBalanceCommand(terminal))
            .addSubcommand(new WalletCoinsCommand(terminal))
            .addSubcommand(new WalletPayCommand(terminal))
            .addSubcommand(new WalletHistoryCommand(terminal))
            .addSubcommand(
                new CommandLine(new PsbtCommand())
                    .addSubcommand(new PsbtCreateCommand(terminal))
                    .addSubcommand(new PsbtShowCommand(terminal))
                    .addSubcommand(new PsbtSignCommand(terminal))
                    .addSubcommand(new PsbtSendCommand(terminal))));
    root.addSubcommand(
        new CommandLine(new ReceiptCommand()).addSubcommand(new ReceiptVerifyCommand(terminal)));
    root.addSubcommand(
        new CommandLine(new ChainCommand())
            .addSubcommand(new ChainExportCommand(terminal))
            .addSubcommand(new ChainVerifyCommand(terminal))
            .addSubcommand(new ChainCheckCommand(terminal))
            .addSubcommand(new ChainReindexCommand(terminal)));
    root.addSubcommand(new ClassArchiveCommand(terminal));
    root.addSubcommand(
        new CommandLine(new BenchCommand(terminal)).setCaseInsensitiveEnumValuesAllowed(true));
  }

  /** A command line that names no command is the node's. */
  static String[] withDefaultCommand(String... arguments) {
    boolean namesCommand =
        arguments.length > 0
            && (!arguments[0].startsWith("-") || ROOT_OPTIONS.contains(arguments[0]));
    if (namesCommand) {
      return arguments;
    }
    String[] withNode = new String[arguments.length + 1];
    withNode[0] = NodeCommand.NAME;
    System.arraycopy(arguments, 0, withNode, 1, arguments.length);
    return withNode;
  }

  private int onWrongUsage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    String sentence = String.valueOf(e.getMessage());
    terminal.err().println(sentence);
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr())) {
      terminal
          .err()
          .println("Try '" + command.getCommandSpec().qualifiedName() + " --help' for the usage.");
    }
    if (Arrays.asList(arguments).contains("--json")) {
      printError("wrong-usage", sentence);
    }
    return WRONG_USAGE;
  }

  private int onFailure(Exception e, CommandLine command) {
    boolean known = e instanceof CommandFailure;
    String code = e instanceof CommandFailure failure ? failure.code() : "unexpected";
    String sentence =
        e instanceof CommandFailure failure
            ? failure.sentence()
            : "Something unexpected happened (" + e + "); --verbose shows where.";
    terminal.err().println(Printable.lines(sentence));
    Object called = command.getCommand();
    if (called instanceof AnsweringCommand answering) {
      if (answering.verbose() && (!known || e.getCause() != null)) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        terminal.err().print(Printable.lines(trace.toString()));
      }
      if (answering.json()) {
        printError(code, sentence);
      }
    }
    return e instanceof CommandFailure failure && failure.isWrongUsage() ? WRONG_USAGE : FAILURE;
  }

  private void printError(String code, String sentence) {
    ObjectNode json = Json.object();
    json.putObject("error").put("code", code).put("detail", sentence);
    terminal.out().println(Printable.json(json.toString()));
    terminal.out().flush();
  }
}
