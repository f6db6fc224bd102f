package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import network.tender.journal.DatabaseOptions;
import network.tender.script.Curve;

/** What the scenarios have in common: a node, coins on it, signed transfers, loads. */
final class Rig {
  private static final int ANSWER_LIMIT_SECONDS = 120;

  private final BenchOptions options;
  private final Progress progress;
  private final NodeUnderTest node;
  private final KeyRing keys;
  private final Funding funding;
  private final Signing signing;

  Rig(BenchOptions options, Progress progress, NodeUnderTest node) {
    this.options = options;
    this.progress = progress;
    this.node = node;
    Curve curve = Curve.load(Curve.Provider.AUTO);
    this.keys = new KeyRing(curve);
    this.funding = new Funding(node, curve, keys, options.kind());
    this.signing = new Signing(curve, keys, options.kind(), options.shape());
  }

  BenchOptions options() {
    return options;
  }

  Progress progress() {
    return progress;
  }

  NodeUnderTest node() {
    return node;
  }

  NodeApi api() {
    return node.api();
  }

  KeyRing keys() {
    return keys;
  }

  Signing signing() {
    return signing;
  }

  /** The fee of a transfer of some size. */
  long feeSat(long virtualBytes) {
    return funding.feeSat(virtualBytes);
  }

  /** Makes coins, each enough for its part of a transfer of the run's shape. */
  Funding.Coins coins(int count) {
    long sat = signing.coinSat(feeSat(options.shape().maxVirtualBytes()));
    return coins(count, sat, options.shape().inputs());
  }

  /** Makes coins of some amount. */
  Funding.Coins coins(int count, long sat, int inputs) {
    Progress.Phase phase = progress.begin("split coins", count);
    return ended(phase, funding.coins(count, sat, inputs, phase));
  }

  /** Makes coins of some amount, of which each so many-th can be spent. */
  Funding.Coins spread(int count, long sat, int stride) {
    Progress.Phase phase = progress.begin("split coins", count);
    return ended(phase, funding.spread(count, sat, stride, phase));
  }

  private static Funding.Coins ended(Progress.Phase phase, Funding.Coins coins) {
    phase.end("%,d coins, %,.0f/s".formatted(coins.count(), coins.count() / phase.seconds()));
    return coins;
  }

  /** Signs transfers that spend some coins, in some order. */
  SignedTransfers sign(Funding.Coins coins, Signing.Order order, int count) {
    Progress.Phase phase = progress.begin("sign transfers", count);
    SignedTransfers signed = signing.sign(coins, order, count, phase);
    double micros = phase.seconds() * 1e6 / Math.max(1, count);
    phase.end(String.format(Locale.ROOT, "%,d transfers, %.0f us each", count, micros));
    return signed;
  }

  /** Makes transfers of the run's shape that can be sent. */
  SignedTransfers prepare(int count) {
    return sign(coins(count * options.shape().inputs()), i -> i, count);
  }

  /** The node's own late work for the preparation must not fall into a measurement. */
  void settleDown() {
    Progress.Phase phase = progress.begin("wait for index and coins", 0);
    OptionalDouble seconds = api().catchUp(true, phase);
    phase.end(seconds.isPresent() ? "" : "(the node's metrics are not known)");
  }

  /**
   * What PostgreSQL would do by itself in the minutes after millions of new rows, if it is the
   * node's own.
   */
  void tidyDatabase() {
    Optional<DatabaseOptions> database = node.database();
    if (database.isEmpty()) {
      return;
    }
    settleDown();
    Progress.Phase phase = progress.begin("vacuum", 0);
    try (Connection connection = DurableInserts.connect(database.get());
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM (ANALYZE)");
      statement.execute("CHECKPOINT");
    } catch (SQLException e) {
      throw new BenchException("database-refused", "PostgreSQL refuses the bench: " + e, e);
    }
    phase.end("");
  }

  /** How long the index takes to be at the newest block; empty if the node does not say. */
  OptionalDouble indexCatchUp() {
    Progress.Phase phase = progress.begin("index catches up", 0);
    OptionalDouble seconds = api().catchUp(false, phase);
    phase.end("");
    return seconds;
  }

  /**
   * Runs a load to its end.
   *
   * @param seconds how long it is meant to take
   * @return what was used meanwhile
   */
  Span run(Progress.Phase phase, Source source, int connections, long seconds) {
    try (Load load = Load.open(api().url(), connections)) {
      Usage before = node.usage();
      load.run(source, phase, seconds + ANSWER_LIMIT_SECONDS);
      return new Span(before, node.usage());
    }
  }

  /** What the processes had used at two moments. */
  record Span(Usage before, Usage after) {}

  /** Adds processor time, memory and what they depend on. */
  void writeUsage(ObjectNode json, Span span) {
    json.set("cpuSeconds", Usage.cpuSeconds(span.before(), span.after()));
    json.put("nodeResidentBytes", span.after().node().peakResidentBytes());
    json.put("postgresResidentBytes", span.after().postgres().residentBytes());
    json.put("clientResidentBytes", span.after().client().residentBytes());
    json.put("fileSystem", node.fileSystem());
    json.put("processors", Runtime.getRuntime().availableProcessors());
  }
}
