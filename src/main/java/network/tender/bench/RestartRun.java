package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Scenario {@code restart}: how long a node takes to serve again, with some coins: after an orderly
 * stop, and after it was killed with transfers behind its last flush of coins.
 */
final class RestartRun {
  private static final int DEFAULT_COINS = 100_000;
  private static final int DEFAULT_TRANSFERS = 50_000;

  /** Flush as late as a node can be told to; it flushes all the same when too much piles up. */
  private static final Map<String, String> LATE_FLUSH = Map.of("coins.flushMillis", "600000");

  private final Rig rig;
  private final BenchOptions options;
  private final NodeUnderTest node;

  RestartRun(Rig rig) {
    this.rig = rig;
    this.options = rig.options();
    this.node = rig.node();
  }

  Report run() {
    node.demandOwn(Scenario.RESTART);
    int count = options.transfers().orElse(DEFAULT_TRANSFERS);
    int coins = options.coins().isEmpty() ? DEFAULT_COINS : options.coins().get(0);
    SignedTransfers transfers = rig.prepare(count);
    int more = coins - count * options.shape().inputs();
    if (more > 0) {
      rig.spread(more, Signing.OUTPUT_SAT, more);
    }
    rig.settleDown();
    Progress.Phase stop = rig.progress().begin("stop", 0);
    node.stop();
    double stopSeconds = stop.seconds();
    stop.end("");
    double cleanSeconds = start("start after a stop");
    long held = coinCount();

    Progress.Phase phase = rig.progress().begin("settle transfers", count);
    TransferSource source = new TransferSource(transfers, 0, count, new Pace(0, Long.MAX_VALUE));
    int connections = options.connections().orElse(TransfersRun.DEFAULT_CONNECTIONS);
    rig.run(phase, source, Math.min(connections, count), count / 100);
    double unflushed = rig.api().gauge("tender_coin_cache_dirty_entries").orElse(-1);
    double blocks = rig.api().gauge("tender_coin_store_lag_blocks").orElse(-1);
    long before = rig.api().totalTransfers();
    node.kill();
    phase.end("%,.0f/s, then killed".formatted(source.settledPerSecond()));
    double killedSeconds = start("start after a kill");
    long after = rig.api().totalTransfers();
    boolean trusted = after >= before;

    ObjectNode json = NodeApi.object();
    json.put("scenario", Scenario.RESTART.toString());
    json.put("coins", held);
    json.put("settled", source.settledCount());
    json.put("settledPerSecond", Usage.rounded(source.settledPerSecond()));
    boolean archived = NodeJava.archive(System.getProperty("java.class.path", "")).isPresent();
    json.put("classArchive", archived);
    json.put("stopSeconds", Usage.rounded(stopSeconds));
    json.put("cleanRestartSeconds", Usage.rounded(cleanSeconds));
    json.put("killedRestartSeconds", Usage.rounded(killedSeconds));
    json.put("unflushedChanges", unflushed);
    json.put("unflushedBlocks", blocks);
    json.put("transfersBeforeKill", before);
    json.put("transfersAfterKill", after);
    json.put("nodeResidentBytes", node.usage().node().peakResidentBytes());
    TextReport text = new TextReport();
    text.line(
        "classes",
        archived
            ? "from the archive beside the jar, if it is of this Java and this jar"
            : "from the jar; java -jar tender.jar class-archive makes starts quicker");
    text.line(
        "orderly",
        "%.2f s to stop, %.2f s to serve again, %,d coins",
        stopSeconds,
        cleanSeconds,
        held);
    text.line(
        "killed",
        "%.2f s to serve again, %,.0f blocks and %,.0f changes of coins behind",
        killedSeconds,
        blocks,
        unflushed);
    text.line(
        "chain",
        "%,d transfers before, %,d after%s",
        before,
        after,
        trusted ? "" : ": SETTLED TRANSFERS ARE GONE");
    return new Report(json, text.toString(), trusted);
  }

  private double start(String name) {
    Progress.Phase phase = rig.progress().begin(name, 0);
    node.start(LATE_FLUSH);
    double seconds = phase.seconds();
    phase.end("");
    return seconds;
  }

  private long coinCount() {
    return rig.api().getJson("/v1/network").path("totals").path("coins").asLong();
  }
}
