package network.tender.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only holds others: called by itself it is wrong usage. */
abstract class CommandGroup implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public final void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to do: "
            + String.join(", ", spec.subcommands().keySet())
            + ". Try '"
            + spec.qualifiedName()
            + " --help'.");
  }
}
