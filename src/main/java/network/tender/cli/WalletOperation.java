package network.tender.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What all commands of one wallet have in common. */
abstract class WalletOperation extends NodeOperation {
  @Option(
      names = "--wallet",
      required = true,
      paramLabel = "FILE",
      description = "The wallet's file; only its owner may be able to read it.")
  private Path wallet = Path.of("");

  WalletOperation(Terminal terminal) {
    super(terminal);
  }

  final Path walletPath() {
    return wallet;
  }

  final WalletFile walletFile() {
    return new WalletFile(wallet);
  }
}
