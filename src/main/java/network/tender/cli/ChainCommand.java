package network.tender.cli;

import picocli.CommandLine.Command;

/** {@code tender chain …}. */
@Command(
    name = "chain",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "The whole chain: take it out for other software, check every rule in it.",
    commandListHeading = "%nCommands:%n")
final class ChainCommand extends CommandGroup {}
