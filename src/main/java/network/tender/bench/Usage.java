package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalLong;

/**
 * What all processes of a run have used so far.
 *
 * @param node the node's own process
 * @param postgres its PostgreSQL with all backends; nothing if that is elsewhere
 * @param client this process
 */
record Usage(ProcessUsage node, ProcessUsage postgres, ProcessUsage client) {
  static Usage now(OptionalLong nodePid, OptionalLong postgresPid) {
    return new Usage(
        nodePid.isPresent() ? ProcessUsage.of(nodePid.getAsLong()) : ProcessUsage.NONE,
        postgresPid.isPresent() ? ProcessUsage.ofTree(postgresPid.getAsLong()) : ProcessUsage.NONE,
        ProcessUsage.of(ProcessHandle.current().pid()));
  }

  /** Processor time between two moments. */
  static ObjectNode cpuSeconds(Usage from, Usage to) {
    return NodeApi.object()
        .put("node", rounded(to.node.cpuSeconds() - from.node.cpuSeconds()))
        .put("postgres", rounded(to.postgres.cpuSeconds() - from.postgres.cpuSeconds()))
        .put("client", rounded(to.client.cpuSeconds() - from.client.cpuSeconds()));
  }

  /** Processor time between two moments, of all processes together. */
  static double totalCpuSeconds(Usage from, Usage to) {
    return to.node.cpuSeconds()
        - from.node.cpuSeconds()
        + to.postgres.cpuSeconds()
        - from.postgres.cpuSeconds()
        + to.client.cpuSeconds()
        - from.client.cpuSeconds();
  }

  static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
