package network.tender.cli;

import picocli.CommandLine.Command;

/** The root of all commands. */
@Command(
    name = "tender",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    synopsisHeading = "Usage: ",
    customSynopsis = {
      "java -jar tender.jar [node] [OPTIONS]",
      "       java -jar tender.jar COMMAND --help"
    },
    descriptionHeading = "%n",
    description = {
      "A payment-and-settlement node: tills and billing systems ask it for payments over HTTP,"
          + " wallets send signed transfers, and each is settled in a block of its own chain within"
          + " milliseconds."
    },
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    footerHeading = "%nFirst steps:%n",
    footer = {
      "  java -jar tender.jar                                  start a development node",
      "  java -jar tender.jar wallet new --wallet w.json       make a wallet",
      "  java -jar tender.jar wallet address --wallet w.json   where to send coins to",
      "",
      "Every command exits 0 on success, 1 on a refusal or failure, 2 on wrong usage."
    })
final class TenderCommand {}
