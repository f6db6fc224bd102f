package network.tender.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import network.tender.chain.Network;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say where a chain is. */
final class ChainPlace {
  /** The same variable that gives a node its database's password. */
  static final String PASSWORD_VARIABLE = "TENDER_DATABASE_PASSWORD";

  @Option(names = "--node", paramLabel = "URL", description = "Fetch the chain from this node.")
  private Optional<String> node = Optional.empty();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Read it from a node's data folder, whether the node runs or not.")
  private Optional<Path> dataDir = Optional.empty();

  @Option(
      names = "--database",
      paramLabel = "URL",
      description =
          "Read it from a PostgreSQL: postgresql://user@host:port/database; its password comes from "
              + PASSWORD_VARIABLE
              + ".")
  private Optional<String> database = Optional.empty();

  @Mixin private NetworkChoice networkChoice = new NetworkChoice();

  /** How many places are named; more than one is wrong usage. */
  long named() {
    return Stream.of(node, dataDir, database).filter(Optional::isPresent).count();
  }

  /** The network that the chain must be of. */
  Network network() {
    return networkChoice.network();
  }

  /**
   * Some blocks of the named place, or of the node at the usual address if none is named.
   *
   * @param from first height
   * @param to last height, the newest if empty
   * @param withCertificates true if certificates are needed too
   * @throws CommandFailure if the chain has no such blocks
   */
  BlockSource open(int from, Optional<Integer> to, boolean withCertificates) {
    if (named() > 1) {
      throw CommandFailure.wrongUsage(
          "too-many-sources",
          "Name one of " + List.of("--node", "--data-dir", "--database") + ", not several.");
    }
    if (dataDir.isPresent() || database.isPresent()) {
      DatabaseBlocks blocks =
          dataDir
              .map(folder -> DatabaseBlocks.inFolder(folder, network()))
              .orElseGet(
                  () ->
                      DatabaseBlocks.at(
                          Objects.requireNonNull(database.orElse("")),
                          Optional.ofNullable(System.getenv(PASSWORD_VARIABLE)),
                          network()));
      try {
        blocks.range(from, lastOf(from, to, blocks.tipHeight()));
        return blocks;
      } catch (RuntimeException e) {
        blocks.close();
        throw e;
      }
    }
    NodeClient client = new NodeClient(node.orElse(NodeClient.DEFAULT_URL));
    if (withCertificates) {
      demandNetwork(client.network().name());
    }
    return new NodeBlocks(client, from, lastOf(from, to, client.tipHeight()), withCertificates);
  }

  private void demandNetwork(String served) {
    String wanted = network().name();
    if (!served.equals(wanted)) {
      throw new CommandFailure(
          "wrong-network",
          "The node serves network "
              + served
              + ", not "
              + wanted
              + "; name its file with --network.");
    }
  }

  private static int lastOf(int from, Optional<Integer> to, int tip) {
    int last = to.orElse(tip);
    if (from < 0 || last < from || last > tip) {
      throw new CommandFailure(
          "bad-range",
          "The chain has blocks 0 to " + tip + "; " + from + " to " + last + " are not in it.");
    }
    return last;
  }
}
