package network.tender.cli;

import java.nio.file.Path;
import java.util.Optional;
import network.tender.chain.Network;
import network.tender.node.ConfigurationException;
import network.tender.node.NetworkFile;
import picocli.CommandLine.Option;

/** The option that names a network other than regtest. */
final class NetworkChoice {
  @Option(
      names = "--network",
      paramLabel = "FILE",
      description = "The custom network's file; without it the network is regtest.")
  private Optional<Path> file = Optional.empty();

  /** The network whose rules are kept. */
  Network network() {
    if (file.isEmpty()) {
      return Network.regtest();
    }
    try {
      return NetworkFile.load(file.get());
    } catch (ConfigurationException e) {
      throw new CommandFailure("bad-network-file", String.valueOf(e.getMessage()), e);
    }
  }
}
