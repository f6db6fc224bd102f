package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Scenario {@code reads}: questions by the Esplora API, on a chain with some transfers. */
final class ReadsRun {
  private static final int DEFAULT_CONNECTIONS = 64;
  private static final int DEFAULT_TRANSFERS = 20_000;

  private final Rig rig;
  private final BenchOptions options;
  private final int connections;

  ReadsRun(Rig rig) {
    this.rig = rig;
    this.options = rig.options();
    this.connections = options.connections().orElse(DEFAULT_CONNECTIONS);
  }

  Report run() {
    SignedTransfers transfers = settled(rig, options.transfers().orElse(DEFAULT_TRANSFERS));
    if (options.warmupSeconds() > 0) {
      Progress.Phase phase = rig.progress().begin("warm-up", 0);
      Pace pace = new Pace(0, options.warmupSeconds() * 1_000L);
      ReadSource warm = new ReadSource(transfers, transfers.count(), pace);
      rig.run(phase, warm, connections, options.warmupSeconds());
      phase.end("%,.0f/s".formatted(warm.perSecond()));
    }
    Progress.Phase phase = rig.progress().begin("measure", 0);
    Pace pace = new Pace(options.ratePerSecond(), options.seconds() * 1_000L);
    ReadSource reads = new ReadSource(transfers, transfers.count(), pace);
    Rig.Span span = rig.run(phase, reads, connections, options.seconds());
    phase.end("%,.0f/s".formatted(reads.perSecond()));
    return report(transfers.count(), reads, span);
  }

  /** Transfers that are settled and in the index. */
  static SignedTransfers settled(Rig rig, int count) {
    SignedTransfers transfers = rig.prepare(count);
    Progress.Phase phase = rig.progress().begin("settle transfers", count);
    TransferSource source = new TransferSource(transfers, 0, count, new Pace(0, Long.MAX_VALUE));
    rig.run(phase, source, Math.min(count, TransfersRun.DEFAULT_CONNECTIONS), count / 100);
    phase.end("%,.0f/s".formatted(source.settledPerSecond()));
    if (source.settledCount() != count) {
      throw new BenchException(
          "transfers-refused", "Transfers that were to be read are refused: " + source.counts());
    }
    rig.settleDown();
    return transfers;
  }

  private Report report(int transfers, ReadSource reads, Rig.Span span) {
    ObjectNode json = NodeApi.object();
    json.put("scenario", Scenario.READS.toString());
    json.put("transfers", transfers);
    json.put("connections", connections);
    json.put("ratePerSecond", options.ratePerSecond());
    json.put("answered", reads.done());
    json.put("answeredPerSecond", Usage.rounded(reads.perSecond()));
    json.set("latencyMillis", reads.latencies().toJson());
    json.set("routes", reads.routes());
    reads.counts().writeTo(json);
    rig.writeUsage(json, span);
    TextReport text = new TextReport();
    text.line(
        "answered",
        "%,.0f/s over %d s (%d connections, a chain with %,d transfers of this run)",
        reads.perSecond(),
        options.seconds(),
        connections,
        transfers);
    text.latency("latency", reads.latencies());
    reads.writeTo(text).usage(span, reads.done(), "answer").counts(reads.counts());
    return new Report(json, text.toString(), reads.counts().isClean());
  }
}
