package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import network.tender.script.Curve;

/**
 * Scenario {@code transfers}: single transfers, each in a request of its own that is answered when
 * it is settled.
 */
final class TransfersRun {
  /** For the warm-up, as long as nothing is known of the node: more than it will take. */
  private static final int FIRST_GUESS_PER_SECOND = 12_000;

  /** A node gets faster than its warm-up was. */
  private static final double MARGIN = 1.6;

  private static final int ANSWER_LIMIT_SECONDS = 120;
  private static final int CEILING_WARMUP_SECONDS = 5;
  private static final int LEAST_TRANSFERS = 1_000;

  /** Memory for transfers that wait: some 400 bytes each. */
  private static final int MOST_TRANSFERS = 4_000_000;

  private final BenchOptions options;
  private final Progress progress;
  private final NodeUnderTest node;
  private final NodeApi api;
  private final Funding funding;
  private final Signing signing;

  TransfersRun(BenchOptions options, Progress progress, NodeUnderTest node) {
    this.options = options;
    this.progress = progress;
    this.node = node;
    this.api = node.api();
    Curve curve = Curve.load(Curve.Provider.AUTO);
    KeyRing keys = new KeyRing(curve);
    this.funding = new Funding(api, curve, keys, options.kind());
    this.signing = new Signing(curve, keys, options.kind(), options.shape());
  }

  Report run() {
    try (CeilingOrNone ceiling = CeilingOrNone.open(options)) {
      SignedTransfers payload;
      SignedTransfers transfers;
      if (options.warmupSeconds() > 0) {
        payload = prepare(warmupCount());
        settleDown();
        ceiling.measure(
            payload, Math.min(CEILING_WARMUP_SECONDS, options.ceilingSeconds()), progress);
        TransferSource warm = warmUp(payload);
        // What the warm-up has left over is as good as new.
        int left = payload.count() - warm.position();
        int needed = count(warm.laterPerSecond(), ceiling.perSecond());
        transfers = payload.restAnd(warm.position(), prepare(Math.max(1, needed - left)));
        settleDown();
      } else {
        payload = prepare(count(0, 0));
        transfers = payload;
        settleDown();
        ceiling.measure(
            payload, Math.min(CEILING_WARMUP_SECONDS, options.ceilingSeconds()), progress);
      }
      Measured measured = measure(transfers);
      ceiling.measure(payload, 0, progress);
      return report(measured, ceiling);
    }
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
      return bounded(Math.ceil(options.ratePerSecond() * options.seconds()));
    }
    double expected = warmRate > 0 ? warmRate * MARGIN : FIRST_GUESS_PER_SECOND;
    double atMost = ceilingRate > 0 ? Math.min(expected, ceilingRate) : expected;
    return bounded(atMost * options.seconds() + options.connections());
  }

  private static int bounded(double count) {
    return (int) Math.min(MOST_TRANSFERS, Math.max(LEAST_TRANSFERS, count));
  }

  private SignedTransfers prepare(int count) {
    int inputs = options.shape().inputs();
    long coinSat = signing.coinSat(funding.feeSat(options.shape().maxVirtualBytes()));
    Progress.Phase split = progress.begin("split coins", 0);
    Funding.Coins coins = funding.coins(count * inputs, coinSat, inputs, split);
    split.end("%,d coins".formatted(coins.count()));
    Progress.Phase sign = progress.begin("sign transfers", count);
    SignedTransfers signed = signing.sign(coins, sign);
    sign.end(
        "%,d transfers, %.0f us each".formatted(count, sign.seconds() * 1e6 / Math.max(1, count)));
    return signed;
  }

  /** The node's own late work for the preparation must not fall into a measurement. */
  private void settleDown() {
    Progress.Phase phase = progress.begin("wait for index and coins", 0);
    OptionalDouble seconds = api.catchUp(true, phase);
    phase.end(seconds.isPresent() ? "" : "(the node's metrics are not known)");
  }

  private TransferSource warmUp(SignedTransfers transfers) {
    Progress.Phase phase = progress.begin("warm-up", transfers.count());
    TransferSource source =
        new TransferSource(
            transfers,
            0,
            transfers.count(),
            options.ratePerSecond(),
            options.warmupSeconds() * 1_000L);
    try (Load load = Load.open(api.url(), options.connections())) {
      load.run(source, phase, options.warmupSeconds() + ANSWER_LIMIT_SECONDS);
    }
    phase.end("%,.0f/s at last".formatted(source.laterPerSecond()));
    return source;
  }

  private record Measured(
      TransferSource source,
      Usage before,
      Usage after,
      long added,
      OptionalDouble catchUpSeconds,
      Usage caughtUp) {}

  private Measured measure(SignedTransfers transfers) {
    long limitMillis =
        options.transfers().isPresent() ? Long.MAX_VALUE : options.seconds() * 1_000L;
    int count = Math.min(transfers.count(), options.transfers().orElse(Integer.MAX_VALUE));
    TransferSource source =
        new TransferSource(transfers, 0, count, options.ratePerSecond(), limitMillis);
    Progress.Phase phase = progress.begin("measure", count);
    long transfersBefore = api.totalTransfers();
    Usage before;
    Usage after;
    try (Load load = Load.open(api.url(), options.connections())) {
      before = node.usage();
      load.run(source, phase, options.seconds() + transfers.count() / 100 + ANSWER_LIMIT_SECONDS);
      after = node.usage();
    }
    phase.end("%,.0f/s settled".formatted(source.settledPerSecond()));
    Progress.Phase behind = progress.begin("index catches up", 0);
    OptionalDouble catchUp = api.catchUp(false, behind);
    behind.end("");
    return new Measured(
        source, before, after, api.totalTransfers() - transfersBefore, catchUp, node.usage());
  }

  private Report report(Measured measured, CeilingOrNone ceiling) {
    TransferSource source = measured.source();
    double settledPerSecond = source.settledPerSecond();
    // What was sent and not answered, or refused for the time being, may be settled all the same.
    long doubtful = source.lostCount() + source.refusalCount();
    boolean trusted =
        measured.added() >= source.settledCount()
            && (!node.isOwn() || measured.added() <= source.settledCount() + doubtful);
    ObjectNode json = NodeApi.object();
    json.put("scenario", "transfers");
    json.put("shape", options.shape().toString());
    json.put("kind", options.kind().toString());
    json.put("connections", options.connections());
    json.put("ratePerSecond", options.ratePerSecond());
    json.put("seconds", Usage.rounded(source.seconds()));
    json.put("sent", source.sent());
    json.put("settled", source.settledCount());
    json.put("settledInTime", source.settledInTime());
    json.put("settledPerSecond", Usage.rounded(settledPerSecond));
    json.put(
        "acceptedPerSecond",
        Usage.rounded(source.settledCount() / Math.max(1e-9, source.seconds())));
    json.put("ranOutOfTransfers", source.ranOut());
    ceiling.writeTo(json, settledPerSecond, cpuMicros(measured));
    json.set("latencyMillis", source.latencies().toJson());
    ObjectNode refused = json.putObject("refused");
    source.refused().forEach(refused::put);
    json.put("retries", source.retryCount());
    json.put("lostAnswers", source.lostCount());
    json.set("cpuSeconds", Usage.cpuSeconds(measured.before(), measured.after()));
    json.put("nodeResidentBytes", measured.after().node().peakResidentBytes());
    json.put("postgresResidentBytes", measured.after().postgres().residentBytes());
    json.put("clientResidentBytes", measured.after().client().residentBytes());
    ObjectNode chain = json.putObject("chain");
    chain.put("transfersAdded", measured.added());
    chain.put("agrees", trusted);
    ObjectNode index = json.putObject("index");
    measured.catchUpSeconds().ifPresent(s -> index.put("catchUpSeconds", Usage.rounded(s)));
    index.set("cpuSeconds", Usage.cpuSeconds(measured.after(), measured.caughtUp()));
    json.put("fileSystem", node.fileSystem());
    json.put("processors", Runtime.getRuntime().availableProcessors());
    return new Report(json, text(json, measured), trusted);
  }

  private static String text(ObjectNode json, Measured measured) {
    TransferSource source = measured.source();
    StringBuilder text = new StringBuilder();
    line(
        text,
        "settled",
        "%,.0f/s over %.1f s (%,d transfers, %s %s, %d connections)",
        source.settledPerSecond(),
        source.seconds(),
        source.settledCount(),
        json.path("shape").asText(),
        json.path("kind").asText(),
        json.path("connections").asInt());
    if (json.has("ratio")) {
      line(
          text,
          "ceiling",
          "%,.0f/s (one signature check and an HTTP echo)",
          json.path("ceilingPerSecond").asDouble());
      line(
          text,
          "ratio",
          "%.3f by the clock, %.3f by processor time",
          json.path("ratio").asDouble(),
          json.path("cpuRatio").asDouble());
    }
    Latencies latencies = source.latencies();
    line(
        text,
        "latency",
        "p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, longest %.1f ms",
        latencies.percentileMillis(50),
        latencies.percentileMillis(99),
        latencies.percentileMillis(99.9),
        latencies.maxMillis());
    double settled = Math.max(1, source.settledCount());
    line(
        text,
        "processor time",
        "node %.1f s, PostgreSQL %.1f s, client %.1f s (%.0f, %.0f, %.0f us a transfer)",
        cpu(json, "node"),
        cpu(json, "postgres"),
        cpu(json, "client"),
        cpu(json, "node") * 1e6 / settled,
        cpu(json, "postgres") * 1e6 / settled,
        cpu(json, "client") * 1e6 / settled);
    line(
        text,
        "memory",
        "node %,d MiB at most, PostgreSQL %,d MiB",
        measured.after().node().peakResidentBytes() >> 20,
        measured.after().postgres().residentBytes() >> 20);
    measured
        .catchUpSeconds()
        .ifPresent(s -> line(text, "index", "caught up %.2f s after the last answer", s));
    if (source.refusalCount() > 0 || source.lostCount() > 0) {
      line(
          text,
          "refused",
          "%s, %,d tried again, %,d answers lost",
          refusals(source.refused()),
          source.retryCount(),
          source.lostCount());
    }
    if (source.ranOut()) {
      line(text, "note", "there were too few transfers for the time; add --transfers");
    }
    line(
        text,
        "chain",
        "%,d transfers more%s",
        measured.added(),
        json.path("chain").path("agrees").asBoolean()
            ? ", as answered"
            : ": NOT what was answered");
    return text.toString().stripTrailing();
  }

  /** Processor time of one transfer, in all processes together; 0 if it is not known. */
  private static double cpuMicros(Measured measured) {
    return measured.after().node().cpuSeconds() == 0
        ? 0
        : Usage.totalCpuSeconds(measured.before(), measured.after())
            * 1e6
            / Math.max(1, measured.source().settledCount());
  }

  private static double cpu(ObjectNode json, String process) {
    return json.path("cpuSeconds").path(process).asDouble();
  }

  private static String refusals(Map<String, Long> refused) {
    StringBuilder text = new StringBuilder();
    refused.forEach(
        (code, count) ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(String.format(Locale.ROOT, "%,d %s", count, code)));
    return text.isEmpty() ? "none" : text.toString();
  }

  private static void line(StringBuilder text, String name, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "%-15s", name));
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
