package network.tender.cli;

import picocli.CommandLine.Command;

/** {@code tender wallet psbt …}. */
@Command(
    name = "psbt",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Pay with keys that are elsewhere: partially signed transactions (BIP174).",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Example:",
      "  tender wallet psbt create --wallet watch.json bcrt1q… 0.25 --out pay.psbt",
      "  tender wallet psbt sign --wallet keys.json pay.psbt --out signed.psbt",
      "  tender wallet psbt send signed.psbt"
    })
final class PsbtCommand extends CommandGroup {}
