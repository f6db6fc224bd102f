package network.tender.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What to measure and how.
 *
 * @param node address of a node that runs already; without it the run starts one of its own
 * @param management address of that node's metrics
 * @param nodePid process of that node; without it, the one that listens on the address's port
 * @param dataDir data folder of the node; a run's own node has a temporary one without it
 * @param nodeJavaOptions options for the Java machine of the run's own node
 * @param nodeSettings settings of the run's own node
 * @param mainClass main class of the program, to start the run's own node with
 * @param transfers how many to send; without it, as many as the time takes
 * @param coins how many coins the chain is to have, in rising order; empty for what suits the
 *     scenario
 * @param seconds how long to measure
 * @param ratePerSecond requests due in a second; 0 for a closed loop
 * @param connections kept connections, one request in flight on each; without it, what suits the
 *     scenario
 * @param warmupSeconds load before the measurement begins; 0 for none
 * @param ceilingSeconds how long the ceiling is measured, twice; 0 for not at all
 * @param batch transfers in one request: 1 for a request of its own for each
 * @param shape inputs and outputs of the transfers
 * @param kind what they spend and pay to
 */
public record BenchOptions(
    Optional<String> node,
    Optional<String> management,
    OptionalLong nodePid,
    Optional<Path> dataDir,
    List<String> nodeJavaOptions,
    Map<String, String> nodeSettings,
    String mainClass,
    OptionalInt transfers,
    List<Integer> coins,
    int seconds,
    double ratePerSecond,
    OptionalInt connections,
    int warmupSeconds,
    int ceilingSeconds,
    int batch,
    Shape shape,
    Kind kind) {
  /** Options for a second node of the run's own that follows another one. */
  BenchOptions following(String url) {
    return new BenchOptions(
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        nodeJavaOptions,
        Map.of("follow.url", url),
        mainClass,
        transfers,
        coins,
        seconds,
        ratePerSecond,
        connections,
        warmupSeconds,
        ceilingSeconds,
        batch,
        shape,
        kind);
  }
}
