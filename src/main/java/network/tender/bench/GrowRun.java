package network.tender.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * Scenario {@code grow}: the same load on ever more coins. Transfers have one input and one output,
 * so that the number of coins stays as it is, and spend coins from all over the set in no order;
 * where there are more transfers than coins, they spend what earlier ones have paid. In a data
 * folder that is kept, the coins are made once.
 */
final class GrowRun {
  private static final List<Integer> DEFAULT_COINS = List.of(10_000, 1_000_000);
  private static final int FIRST_GUESS_PER_SECOND = 14_000;
  private static final double MARGIN = 1.3;

  /** So that no transfer meets one of a line of its own that still waits for its block. */
  private static final int LEAST_COINS = 10_000;

  /** Enough to take a measurement long; making keys' scripts for more would take too long. */
  private static final int MOST_SPENDABLE = 2_000_000;

  /** What coins of one size last for, if each pays its fee again and again. */
  private static final int TRANSFERS_IN_ALL = 16_000_000;

  private final Rig rig;
  private final BenchOptions options;
  private final int connections;
  private final GrownCoins grown;

  GrowRun(Rig rig) {
    this.rig = rig;
    this.options = rig.options();
    this.connections = options.connections().orElse(TransfersRun.DEFAULT_CONNECTIONS);
    this.grown = GrownCoins.in(rig.node().dataDir());
  }

  private record Stage(long coins, TransfersRun.Measured measured, double misses, boolean agrees) {
    double perSecond() {
      return measured.source().settledPerSecond();
    }
  }

  Report run() {
    List<Integer> sizes = options.coins().isEmpty() ? DEFAULT_COINS : options.coins();
    ObjectNode json = NodeApi.object();
    json.put("scenario", Scenario.GROW.toString());
    json.put("connections", connections);
    ArrayNode stages = json.putArray("stages");
    TextReport text = new TextReport();
    boolean trusted = true;
    double first = 0;
    double last = 0;
    for (int size : sizes) {
      Stage stage = stage(size, last > 0 ? last : FIRST_GUESS_PER_SECOND);
      first = first == 0 ? stage.perSecond() : first;
      last = stage.perSecond();
      trusted &= stage.agrees();
      write(stages.addObject(), text, stage, first);
    }
    json.put("settledPerSecond", Usage.rounded(last));
    json.put("ratio", Usage.rounded(last / first));
    text.line("ratio", "%.3f of the first rate with the most coins", last / first);
    return new Report(json, text.toString(), trusted);
  }

  private void write(ObjectNode json, TextReport text, Stage stage, double first) {
    TransferSource source = stage.measured().source();
    json.put("coins", stage.coins());
    json.put("sent", source.sent());
    json.put("settled", source.settledCount());
    json.put("settledPerSecond", Usage.rounded(stage.perSecond()));
    json.put("ranOutOfTransfers", source.ranOut());
    json.set("latencyMillis", source.latencies().toJson());
    json.put("coinCacheMisses", stage.misses());
    json.put("transfersAdded", stage.measured().added());
    json.put("agrees", stage.agrees());
    source.counts().writeTo(json);
    rig.writeUsage(json, stage.measured().span());
    text.line(
        "settled",
        "%,.0f/s with %,d coins (%.3f of the first), %,.0f coins read from the store%s",
        stage.perSecond(),
        stage.coins(),
        stage.perSecond() / first,
        stage.misses(),
        stage.agrees() ? "" : ", and the chain DOES NOT AGREE");
    text.latency("latency", source.latencies());
    text.usage(stage.measured().span(), source.settledCount(), "transfer");
    text.counts(source.counts());
  }

  private Stage stage(int size, double expectedPerSecond) {
    GrownCoins.Stage made = made(size);
    long fee = rig.feeSat(Signing.ROUND_VBYTES);
    int[] order = shuffled(made);
    int seconds = options.warmupSeconds() + options.seconds();
    long wanted =
        options.transfers().orElse((int) (expectedPerSecond * MARGIN * seconds) + connections);
    long rounds = (made.coins().sat() - Signing.OUTPUT_SAT) / fee;
    int count = (int) Math.min(wanted, rounds * order.length - made.used());
    if (count < wanted / 2) {
      // Half of the guess is more than the warm-up takes; less would measure nothing.
      throw new BenchException(
          "coins-used-up",
          "The coins of this data folder have been spent as often as they can be.");
    }
    Progress.Phase phase = rig.progress().begin("sign transfers", count);
    SignedTransfers transfers =
        rig.signing().signRounds(made.coins(), order, made.used(), count, fee, phase);
    phase.end("%,d transfers".formatted(count));
    int begun = made.used();
    // Until it is known better, also by a run after this one, should this one end halfway.
    grown.use(made, begun + count);
    rig.settleDown();
    long held = rig.api().getJson("/v1/network").path("totals").path("coins").asLong();
    int used = 0;
    if (options.warmupSeconds() > 0 && options.transfers().isEmpty()) {
      Progress.Phase warming = rig.progress().begin("warm-up", 0);
      Pace pace = new Pace(0, options.warmupSeconds() * 1_000L);
      TransferSource warm = new TransferSource(transfers, 0, count, pace);
      rig.run(warming, warm, connections, options.warmupSeconds());
      warming.end(
          "%,.0f/s, %d of %,d not settled at once %s"
              .formatted(
                  warm.settledPerSecond(),
                  warm.sent() - warm.settledCount(),
                  warm.sent(),
                  warm.counts().refused()));
      used = warm.position();
    }
    OptionalDouble before = rig.api().gauge("tender_coin_cache_misses_total");
    Pace pace =
        new Pace(0, options.transfers().isPresent() ? Long.MAX_VALUE : options.seconds() * 1_000L);
    TransfersRun.Measured measured =
        TransfersRun.measure(
            rig, transfers.restAnd(used, new SignedTransfers(0)), count - used, pace, connections);
    grown.use(made, begun + used + measured.source().position());
    double misses = rig.api().gauge("tender_coin_cache_misses_total").orElse(0) - before.orElse(0);
    return new Stage(held, measured, misses, TransfersRun.agrees(rig, measured));
  }

  /** Makes the coins that are missing; all are there if an earlier run has made them. */
  private GrownCoins.Stage made(int size) {
    int have = grown.count();
    Optional<GrownCoins.Stage> last = grown.last();
    if (have == size && last.isPresent()) {
      if (last.get().kind() != options.kind()) {
        throw new BenchException(
            "other-kind", "The coins of this data folder are of kind " + last.get().kind() + ".");
      }
      return last.get();
    }
    int more = size - have;
    if (more < LEAST_COINS) {
      throw new BenchException(
          "bad-coins",
          "Each number of coins must be at least 10000 above the one before it, or the %,d that the"
                  .formatted(have)
              + " data folder has.");
    }
    int stride = (more + MOST_SPENDABLE - 1) / MOST_SPENDABLE | 1;
    int spendable = (more + stride - 1) / stride;
    int rounds = (TRANSFERS_IN_ALL + spendable - 1) / spendable;
    long sat = Signing.OUTPUT_SAT + rounds * rig.feeSat(Signing.ROUND_VBYTES);
    GrownCoins.Stage stage =
        new GrownCoins.Stage(rig.spread(more, sat, stride), stride, options.kind());
    grown.add(stage);
    rig.tidyDatabase();
    return stage;
  }

  /** The coins that can be spent, in no order. */
  private static int[] shuffled(GrownCoins.Stage stage) {
    int stride = stage.stride();
    int[] order = new int[(stage.coins().count() + stride - 1) / stride];
    for (int i = 0; i < order.length; i++) {
      order[i] = i * stride;
    }
    SplittableRandom random = new SplittableRandom(1);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }
}
