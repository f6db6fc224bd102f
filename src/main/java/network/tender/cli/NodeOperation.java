package network.tender.cli;

import java.util.Optional;
import picocli.CommandLine.Option;

/** What all commands that ask a node on behalf of a wallet have in common. */
abstract class NodeOperation extends AnsweringCommand {
  @Option(
      names = "--node",
      paramLabel = "URL",
      description = "The node to ask (default: " + NodeClient.DEFAULT_URL + ").")
  private Optional<String> node = Optional.empty();

  @Option(
      names = "--esplora",
      paramLabel = "URL",
      description =
          "Ask this instead: the base address of any server with the Esplora API, such as"
              + " http://127.0.0.1:3002. There are no receipts from it.")
  private Optional<String> esplora = Optional.empty();

  NodeOperation(Terminal terminal) {
    super(terminal);
  }

  final NodeClient nodeClient() {
    if (esplora.isPresent()) {
      if (node.isPresent()) {
        throw CommandFailure.wrongUsage(
            "wrong-usage", "Name a node or an Esplora server, not both.");
      }
      return NodeClient.ofEsplora(esplora.get());
    }
    return new NodeClient(node.orElse(NodeClient.DEFAULT_URL));
  }

  /**
   * The node's network, which must be the wallet's.
   *
   * @throws CommandFailure if it is another one
   */
  static NetworkFacts networkOf(NodeClient client, WalletFile.Content content) {
    if (client.isPlainEsplora()) {
      return client.network(content.network(), content.hrp());
    }
    NetworkFacts facts = client.network();
    if (!facts.name().equals(content.network()) || !facts.hrp().equals(content.hrp())) {
      throw new CommandFailure(
          "wrong-network",
          "The wallet is for network "
              + content.network()
              + " but the node serves "
              + facts.name()
              + "; use another wallet or another --node.");
    }
    return facts;
  }
}
