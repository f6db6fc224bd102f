package network.tender.cli;

import picocli.CommandLine.Command;

/** {@code tender receipt …}. */
@Command(
    name = "receipt",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Receipts: proofs of settlement that need no node and no network to check.",
    commandListHeading = "%nCommands:%n")
final class ReceiptCommand extends CommandGroup {}
