package network.tender.cli;

import picocli.CommandLine.Command;

/** {@code tender wallet …}. */
@Command(
    name = "wallet",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "A small wallet: keys in a file of yours, coins seen through a node.",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Example:",
      "  tender wallet new --wallet w.json",
      "  tender wallet pay --wallet w.json bcrt1q… 0.25"
    })
final class WalletCommand extends CommandGroup {}
