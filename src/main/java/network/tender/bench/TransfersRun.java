package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Scenario {@code transfers}: single transfers, each in a request of its own that is answered when
 * it is settled.
 */
final class TransfersRun {
  /**
   * Each connection waits for its block, and there are five of those a second: many are needed, but
   * no more than a node takes.
   */
  static final int DEFAULT_CONNECTIONS = 4_000;

  /** For the warm-up, as long as nothing is known of the node: more than it will take. */
  private static final int FIRST_GUESS_PER_SECOND = 12_000;

  /** A node gets faster than its warm-up was. */
  private static final double MARGIN = 1.6;

  /** Until the compiler has done with the echo, which is little code. */
  private static final int CEILING_WARMUP_SECONDS = 15;

  private static final int LEAST_TRANSFERS = 1_000;

  /** Memory for transfers that wait: some 400 bytes each. */
  private static final int MOST_TRANSFERS = 4_000_000;

  /** Two hundred blocks, five of them a second. */
  private static final int SECONDS_PER_MERGE = 40;

  /** A batch keeps a node busy for a while; a few of them at a time are enough. */
  private static final int DEFAULT_BATCH_CONNECTIONS = 8;

  private final Rig rig;
  private final BenchOptions options;
  private final int connections;

  TransfersRun(Rig rig) {
    this.rig = rig;
    this.options = rig.options();
    this.connections =
        options
            .connections()
            .orElse(options.batch() > 1 ? DEFAULT_BATCH_CONNECTIONS : DEFAULT_CONNECTIONS);
  }

  Report run() {
    try (CeilingOrNone ceiling = CeilingOrNone.open(options, connections)) {
      SignedTransfers payload;
      SignedTransfers transfers;
      if (options.warmupSeconds() > 0) {
        payload = rig.prepare(warmupCount());
        rig.settleDown();
        measureCeiling(ceiling, payload);
        TransferSource warm = warmUp(payload);
        // What the warm-up has left over is as good as new.
        int left = payload.count() - warm.position();
        int needed = count(warm.laterPerSecond(), ceiling.perSecond());
        transfers = payload.restAnd(warm.position(), rig.prepare(Math.max(1, needed - left)));
        rig.settleDown();
      } else {
        payload = rig.prepare(count(0, 0));
        transfers = payload;
        rig.settleDown();
        measureCeiling(ceiling, payload);
      }
      Measured measured = measure(transfers);
      ceiling.measure(payload, 0, rig.progress());
      Optional<RawVerification> raw =
          options.batch() > 1 && options.ceilingSeconds() > 0
              ? Optional.of(
                  RawVerification.measure(options.kind(), options.ceilingSeconds(), rig.progress()))
              : Optional.empty();
      return report(measured, ceiling, raw);
    }
  }

  private void measureCeiling(CeilingOrNone ceiling, SignedTransfers payload) {
    int warmup = Math.min(CEILING_WARMUP_SECONDS, 2 * options.ceilingSeconds());
    ceiling.measure(payload, warmup, rig.progress());
  }

  private int warmupCount() {
    double rate =
        options.ratePerSecond() > 0 ? options.ratePerSecond() : (double) FIRST_GUESS_PER_SECOND;
    return bounded(rate * options.warmupSeconds());
  }

  private int count(double warmRate, double ceilingRate) {
    if (options.transfers().isPresent()) {
      return options.transfers().getAsInt();
    }
    if (options.ratePerSecond() > 0) {
      return bounded(Math.ceil(options.ratePerSecond() * options.seconds()) + 1);
    }
    double expected = warmRate > 0 ? warmRate * MARGIN : FIRST_GUESS_PER_SECOND;
    double atMost = ceilingRate > 0 ? Math.min(expected, ceilingRate) : expected;
    return bounded(atMost * options.seconds() + connections);
  }

  private static int bounded(double count) {
    return (int) Math.min(MOST_TRANSFERS, Math.max(LEAST_TRANSFERS, count));
  }

  private TransferSource warmUp(SignedTransfers transfers) {
    Progress.Phase phase = rig.progress().begin("warm-up", 0);
    Pace pace = new Pace(options.ratePerSecond(), options.warmupSeconds() * 1_000L);
    TransferSource source =
        new TransferSource(transfers, 0, transfers.count(), pace, options.batch());
    rig.run(phase, source, connections, options.warmupSeconds());
    phase.end("%,.0f/s at last".formatted(source.laterPerSecond()));
    return source;
  }

  /**
   * What was measured.
   *
   * @param added transfers that the chain has more
   */
  record Measured(
      TransferSource source, Rig.Span span, long added, OptionalDouble catchUp, Usage caughtUp) {}

  private Measured measure(SignedTransfers transfers) {
    int count = Math.min(transfers.count(), options.transfers().orElse(Integer.MAX_VALUE));
    long limitMillis =
        options.transfers().isPresent() ? Long.MAX_VALUE : options.seconds() * 1_000L;
    return measure(
        rig,
        new TransferSource(
            transfers, 0, count, new Pace(options.ratePerSecond(), limitMillis), options.batch()),
        count,
        connections);
  }

  /** Sends transfers and waits until the index has them too. */
  static Measured measure(
      Rig rig, SignedTransfers transfers, int count, Pace pace, int connections) {
    return measure(rig, new TransferSource(transfers, 0, count, pace), count, connections);
  }

  private static Measured measure(Rig rig, TransferSource source, int count, int connections) {
    Pace pace = source.pace();
    Progress.Phase phase = rig.progress().begin("measure", pace.hasLimit() ? 0 : count);
    long before = rig.api().totalTransfers();
    long seconds = pace.hasLimit() ? (long) pace.limitSeconds() : count / 100;
    Rig.Span span = rig.run(phase, source, connections, seconds);
    phase.end("%,.0f/s settled".formatted(source.settledPerSecond()));
    OptionalDouble catchUp = rig.indexCatchUp();
    long added = rig.api().totalTransfers() - before;
    return new Measured(source, span, added, catchUp, rig.node().usage());
  }

  /** True if the chain has grown by what was answered. */
  static boolean agrees(Rig rig, Measured measured) {
    TransferSource source = measured.source();
    // What was refused for the time being, or never answered, may be settled all the same.
    long doubtful = source.counts().lostCount() + source.counts().refusalCount();
    // On a chain of more than a thousand blocks the development wallet merges what they pay it.
    long merges = 1 + (long) Math.ceil(source.seconds()) / SECONDS_PER_MERGE;
    return measured.added() >= source.settledCount()
        && (!rig.node().isOwn() || measured.added() <= source.settledCount() + doubtful + merges);
  }

  private Report report(Measured measured, CeilingOrNone ceiling, Optional<RawVerification> raw) {
    TransferSource source = measured.source();
    boolean agrees = agrees(rig, measured);
    double seconds = source.seconds();
    ObjectNode json = NodeApi.object();
    json.put("scenario", Scenario.TRANSFERS.toString());
    json.put("shape", options.shape().toString());
    json.put("kind", options.kind().toString());
    json.put("connections", connections);
    json.put("batch", options.batch());
    json.put("ratePerSecond", options.ratePerSecond());
    json.put("seconds", Usage.rounded(seconds));
    json.put("sent", source.sent());
    json.put("settled", source.settledCount());
    json.put("settledInTime", source.settledInTime());
    json.put("settledPerSecond", Usage.rounded(source.settledPerSecond()));
    json.put("acceptedPerSecond", Usage.rounded(source.settledCount() / Math.max(1e-9, seconds)));
    json.put("ranOutOfTransfers", source.ranOut());
    ceiling.writeTo(json, source.settledPerSecond(), cpuMicros(measured));
    raw.ifPresent(
        checks -> {
          double left = checks.perSecondLeftBy(options.shape().inputs(), clientCpuMicros(measured));
          json.put("rawVerificationsPerSecond", Usage.rounded(checks.perSecond()));
          json.put("rawLeftByClientPerSecond", Usage.rounded(left));
          json.put("rawRatio", Usage.rounded(source.settledPerSecond() / left));
        });
    json.set("latencyMillis", source.latencies().toJson());
    source.counts().writeTo(json);
    rig.writeUsage(json, measured.span());
    json.putObject("chain").put("transfersAdded", measured.added()).put("agrees", agrees);
    ObjectNode index = json.putObject("index");
    measured.catchUp().ifPresent(s -> index.put("catchUpSeconds", Usage.rounded(s)));
    index.set("cpuSeconds", Usage.cpuSeconds(measured.span().after(), measured.caughtUp()));
    return new Report(json, text(json, measured, agrees), agrees);
  }

  private String text(ObjectNode json, Measured measured, boolean agrees) {
    TransferSource source = measured.source();
    TextReport text = new TextReport();
    text.line(
        "settled",
        "%,.0f/s over %.1f s (%,d transfers, %s %s, %d connections)",
        source.settledPerSecond(),
        source.seconds(),
        source.settledCount(),
        options.shape(),
        options.kind(),
        connections);
    if (json.has("ratio")) {
      text.line(
          "ceiling",
          "%,.0f/s (one signature check and an HTTP echo)",
          json.path("ceilingPerSecond").asDouble());
      text.line(
          "ratio",
          "%.3f by the clock, %.3f by processor time",
          json.path("ratio").asDouble(),
          json.path("cpuRatio").asDouble());
    }
    if (json.has("rawRatio")) {
      text.line(
          "raw checks",
          "%,.0f/s on all processors, %,.0f/s beside the client: ratio %.3f",
          json.path("rawVerificationsPerSecond").asDouble(),
          json.path("rawLeftByClientPerSecond").asDouble(),
          json.path("rawRatio").asDouble());
    }
    text.latency("latency", source.latencies());
    text.usage(measured.span(), source.settledCount(), "transfer");
    measured
        .catchUp()
        .ifPresent(s -> text.line("index", "caught up %.2f s after the last answer", s));
    text.counts(source.counts());
    if (source.ranOut()) {
      text.line("note", "there were too few transfers for the time; warm up for longer");
    }
    text.line(
        "chain",
        "%,d transfers more%s",
        measured.added(),
        agrees ? ", as answered" : ": NOT what was answered");
    return text.toString();
  }

  private static double clientCpuMicros(Measured measured) {
    Usage before = measured.span().before();
    Usage after = measured.span().after();
    return (after.client().cpuSeconds() - before.client().cpuSeconds())
        * 1e6
        / Math.max(1, measured.source().settledCount());
  }

  /** Processor time of one transfer, in all processes together; 0 if it is not known. */
  private static double cpuMicros(Measured measured) {
    return measured.span().after().node().cpuSeconds() == 0
        ? 0
        : Usage.totalCpuSeconds(measured.span().before(), measured.span().after())
            * 1e6
            / Math.max(1, measured.source().settledCount());
  }
}
