package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Scenario {@code overload}: the highest rate at which single transfers are settled, then three
 * times that rate over three times the connections, then half of it: what a node still settles when
 * it is asked for too much, what it refuses, what that does to its memory, and how soon it is back.
 */
final class OverloadRun {
  /** What is sent, as a multiple of what the node can settle. */
  private static final int EXCESS = 3;

  /** Loads after the overload: the first one is the time that the node has to recover. */
  private static final int RECOVERY_SECONDS = 5;

  private static final int AFTERWARDS_SECONDS = 10;
  private static final double AFTERWARDS_SHARE = 0.5;

  /** For the warm-up, as long as nothing is known of the node: more than it will take. */
  private static final int FIRST_GUESS_PER_SECOND = 18_000;

  private static final double MARGIN = 1.6;

  /** Answers in the overload, as a multiple of the highest rate: most of them are refusals. */
  private static final double ANSWERS = 2.5;

  private final Rig rig;
  private final BenchOptions options;
  private final int connections;

  OverloadRun(Rig rig) {
    this.rig = rig;
    this.options = rig.options();
    this.connections = options.connections().orElse(TransfersRun.DEFAULT_CONNECTIONS);
  }

  private record Part(TransferSource source, Rig.Span span) {}

  Report run() {
    int warmupSeconds = Math.max(1, options.warmupSeconds());
    SignedTransfers transfers = rig.prepare(FIRST_GUESS_PER_SECOND * warmupSeconds);
    rig.settleDown();
    Part warm = load("warm-up", transfers, 0, closed(warmupSeconds), connections);
    double perSecond = warm.source().laterPerSecond();
    int needed =
        (int)
            (perSecond
                * (options.seconds() * (MARGIN + ANSWERS)
                    + (RECOVERY_SECONDS + AFTERWARDS_SECONDS) * AFTERWARDS_SHARE * MARGIN));
    int left = transfers.count() - warm.source().position();
    transfers =
        transfers.restAnd(warm.source().position(), rig.prepare(Math.max(1, needed - left)));
    rig.settleDown();

    long before = rig.api().totalTransfers();
    Part peak = load("highest rate", transfers, 0, closed(options.seconds()), connections);
    double highest = peak.source().settledPerSecond();
    int at = peak.source().position();
    Pace excess = new Pace(EXCESS * highest, options.seconds() * 1_000L);
    Part over = load("overload", transfers, at, excess, EXCESS * connections);
    at = over.source().position();
    Part recovery = load("recovery", transfers, at, half(highest, RECOVERY_SECONDS), connections);
    at = recovery.source().position();
    Part afterwards =
        load("afterwards", transfers, at, half(highest, AFTERWARDS_SECONDS), connections);
    rig.indexCatchUp();
    long added = rig.api().totalTransfers() - before;
    return report(peak, over, recovery, afterwards, added);
  }

  private static Pace closed(int seconds) {
    return new Pace(0, seconds * 1_000L);
  }

  private static Pace half(double highest, int seconds) {
    return new Pace(AFTERWARDS_SHARE * highest, seconds * 1_000L);
  }

  private Part load(String name, SignedTransfers transfers, int from, Pace pace, int connections) {
    Progress.Phase phase = rig.progress().begin(name, 0);
    TransferSource source = new TransferSource(transfers, from, transfers.count(), pace);
    Rig.Span span = rig.run(phase, source, connections, (long) pace.limitSeconds());
    phase.end("%,.0f/s settled %s".formatted(source.settledPerSecond(), source.counts()));
    return new Part(source, span);
  }

  private Report report(Part peak, Part over, Part recovery, Part afterwards, long added) {
    long settled = 0;
    long doubtful = 0;
    for (Part part : new Part[] {peak, over, recovery, afterwards}) {
      settled += part.source().settledCount();
      doubtful += part.source().counts().lostCount() + part.source().counts().refusalCount();
    }
    long merges = 1L + options.seconds();
    boolean agrees =
        added >= settled && (!rig.node().isOwn() || added <= settled + doubtful + merges);
    double highest = peak.source().settledPerSecond();
    double ratio = over.source().settledPerSecond() / highest;
    ObjectNode json = NodeApi.object();
    json.put("scenario", Scenario.OVERLOAD.toString());
    json.put("connections", connections);
    json.put("overloadConnections", EXCESS * connections);
    json.put("settledPerSecond", Usage.rounded(over.source().settledPerSecond()));
    json.put("ratio", Usage.rounded(ratio));
    write(json.putObject("highest"), peak);
    write(json.putObject("overload"), over);
    write(json.putObject("recovery"), recovery);
    write(json.putObject("afterwards"), afterwards);
    json.putObject("chain").put("transfersAdded", added).put("agrees", agrees);
    TextReport text = new TextReport();
    text.line("highest rate", "%,.0f/s settled, %,d connections", highest, connections);
    text.line(
        "overload",
        "%,.0f/s settled of %,.0f/s sent over %,d connections: %.3f of the highest rate",
        over.source().settledPerSecond(),
        EXCESS * highest,
        EXCESS * connections,
        ratio);
    text.counts(over.source().counts());
    text.usage(over.span(), over.source().settledCount(), "transfer");
    text.line(
        "memory before",
        "node %,d MiB at most",
        peak.span().after().node().peakResidentBytes() >> 20);
    text.latency("first 5 s", recovery.source().latencies());
    text.latency("afterwards", afterwards.source().latencies());
    text.line(
        "chain", "%,d transfers more%s", added, agrees ? ", as answered" : ": NOT as answered");
    return new Report(json, text.toString(), agrees);
  }

  private void write(ObjectNode json, Part part) {
    TransferSource source = part.source();
    json.put("ratePerSecond", Usage.rounded(source.pace().ratePerSecond()));
    json.put("seconds", Usage.rounded(source.seconds()));
    json.put("settled", source.settledCount());
    json.put("settledPerSecond", Usage.rounded(source.settledPerSecond()));
    json.put("ranOutOfTransfers", source.ranOut());
    json.set("latencyMillis", source.latencies().toJson());
    source.counts().writeTo(json);
    rig.writeUsage(json, part.span());
  }
}
