package network.tender.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What all wallet commands have in common. */
abstract class WalletOperation extends AnsweringCommand {
  @Option(
      names = "--wallet",
      required = true,
      paramLabel = "FILE",
      description = "The wallet's file; only its owner may be able to read it.")
  private Path wallet = Path.of("");

  @Option(
      names = "--node",
      paramLabel = "URL",
      description = "The node to ask (default: ${DEFAULT-VALUE}).",
      defaultValue = NodeClient.DEFAULT_URL)
  private String node = NodeClient.DEFAULT_URL;

  WalletOperation(Terminal terminal) {
    super(terminal);
  }

  final Path walletPath() {
    return wallet;
  }

  final SeedFile seedFile() {
    return new SeedFile(wallet);
  }

  final NodeClient nodeClient() {
    return new NodeClient(node);
  }

  /**
   * The node's network, which must be the wallet's.
   *
   * @throws CommandFailure if it is another one
   */
  final NetworkFacts networkOf(NodeClient client, SeedFile.Content content) {
    NetworkFacts facts = client.network();
    if (!facts.name().equals(content.network()) || !facts.hrp().equals(content.hrp())) {
      throw new CommandFailure(
          "wrong-network",
          "The wallet is for network "
              + content.network()
              + " but the node at "
              + node
              + " serves "
              + facts.name()
              + "; use another wallet or another --node.");
    }
    return facts;
  }
}
