package network.tender.cli;

import java.util.Optional;
import network.tender.chain.Network;
import picocli.CommandLine.Option;

/** The option that says which network a new wallet is for: the node's, unless it is named. */
final class NewWalletNetwork {
  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "Make it without asking a node; only 'regtest', the development network.")
  private Optional<String> name = Optional.empty();

  /** What the wallet has to know of its network. */
  NetworkFacts facts(NodeClient node) {
    if (name.isPresent()) {
      if (!name.get().equals(Network.REGTEST_NAME)) {
        throw new CommandFailure(
            "unknown-network",
            "Only 'regtest' is known by name; for another network name its node with --node URL.");
      }
      return NetworkFacts.of(Network.regtest());
    }
    try {
      return node.network();
    } catch (CommandFailure e) {
      if (e.code().equals("node-unreachable")) {
        throw new CommandFailure(
            e.code(),
            e.sentence() + " Or make a wallet for the development network: --network regtest.",
            e);
      }
      throw e;
    }
  }
}
