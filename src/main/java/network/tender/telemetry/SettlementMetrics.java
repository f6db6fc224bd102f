package network.tender.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The way of a transfer from arrival to a durable block. Safe for any thread. */
public final class SettlementMetrics {
  /** A part of the way. */
  public enum Stage {
    /** Bytes to a transaction, and its context-free rules; measured by the HTTP surface. */
    DECODE,
    /** Finding the coins it spends, from arrival. */
    RESOLVE,
    /** Checking signatures, waiting for a free thread included. */
    VERIFY,
    /** Pending until a block takes it. */
    QUEUE,
    /** Assembling and certifying the block. */
    SEAL,
    /** Making the block durable. */
    COMMIT
  }

  private final Timer settlement;
  private final Map<Stage, Timer> stages = new EnumMap<>(Stage.class);
  private final Counter settled;
  private final Counter repeated;
  private final Map<String, Counter> refused = new HashMap<>();
  private final Map<String, Counter> unavailable = new HashMap<>();
  private final AtomicLong pendingTransfers = new AtomicLong();
  private final AtomicLong pendingWeight = new AtomicLong();
  private final AtomicLong inFlight = new AtomicLong();
  private final AtomicLong questions = new AtomicLong();
  private final AtomicLong intakeLimit = new AtomicLong();
  private final AtomicLong waitingLoads = new AtomicLong();
  private final AtomicLong waitingLookups = new AtomicLong();
  private final AtomicLong waitingBatches = new AtomicLong();
  private final AtomicLong waitingScripts = new AtomicLong();
  private volatile LongSupplier verifiedKept = () -> 0;
  private volatile LongSupplier verifiedHits = () -> 0;
  private final Counter lookupRejects;
  private final Counter verificationRejects;
  private final Counter intakeRejects;
  private final Counter questionRejects;
  private final DistributionSummary blockTransfers;
  private final DistributionSummary blockFill;
  private final Timer blockSeconds;

  /**
   * Registers every series, so that each exists from the start.
   *
   * @param refusals all codes a transfer can be refused for
   * @param causes all codes a transfer can be put off for
   */
  public SettlementMetrics(
      MeterRegistry registry, Collection<String> refusals, Collection<String> causes) {
    settlement =
        Timer.builder("tender.settlement")
            .description("From a transfer's arrival until its block is durable.")
            .serviceLevelObjectives(Meters.settlementBuckets())
            .register(registry);
    for (Stage stage : Stage.values()) {
      stages.put(
          stage,
          Timer.builder("tender.settlement.stage")
              .description("One stage on the way of a transfer to a durable block.")
              .tag("stage", stage.name().toLowerCase(Locale.ROOT))
              .serviceLevelObjectives(stageBuckets())
              .register(registry));
    }
    settled = transfers(registry, "settled", "none");
    repeated = transfers(registry, "repeated", "none");
    refusals.forEach(code -> refused.put(code, transfers(registry, "refused", code)));
    causes.forEach(code -> unavailable.put(code, transfers(registry, "unavailable", code)));
    gauge(
        registry, "tender.mempool.transfers", "Transfers accepted, not durable.", pendingTransfers);
    gauge(registry, "tender.mempool.weight", "Weight units of pending transfers.", pendingWeight);
    gauge(registry, "tender.intake.transfers", "Transfers between arrival and verdict.", inFlight);
    gauge(
        registry,
        "tender.intake.limit.transfers",
        "Most transfers between arrival and verdict.",
        intakeLimit);
    intakeRejects =
        Counter.builder("tender.intake.rejects")
            .description("Transfers turned away because too many were under way.")
            .register(registry);
    gauge(
        registry,
        "tender.coin.load.waiting",
        "Transfers whose coins wait to be read from the store.",
        waitingLoads);
    gauge(
        registry,
        "tender.spend.lookup.waiting",
        "Transfers with unknown coins that wait to be looked up.",
        waitingLookups);
    lookupRejects =
        Counter.builder("tender.spend.lookup.rejects")
            .description("Transfers with unknown coins turned away because too many waited.")
            .register(registry);
    gauge(
        registry,
        "tender.signature.batches.waiting",
        "Batches of transfers whose signatures wait for a free thread.",
        waitingBatches);
    gauge(
        registry,
        "tender.script.transfers.waiting",
        "Transfers with general scripts or many inputs that wait for their thread.",
        waitingScripts);
    Gauge.builder("tender.verified.transfers", this, m -> m.verifiedKept.getAsLong())
        .description("Transfers found good that would not be checked again.")
        .register(registry);
    FunctionCounter.builder("tender.verified.hits", this, m -> m.verifiedHits.getAsLong())
        .description("Transfers that did not have to be checked again.")
        .register(registry);
    verificationRejects =
        Counter.builder("tender.signature.rejects")
            .description("Transfers turned away because too many signatures waited.")
            .register(registry);
    gauge(registry, "tender.ledger.questions", "Questions to the ledger under way.", questions);
    questionRejects =
        Counter.builder("tender.ledger.question.rejects")
            .description("Questions to the ledger turned away because too many were under way.")
            .register(registry);
    blockTransfers =
        DistributionSummary.builder("tender.block.transfers")
            .description("Transfers in a block.")
            .serviceLevelObjectives(1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000)
            .register(registry);
    blockFill =
        DistributionSummary.builder("tender.block.fill.ratio")
            .description("Weight of a block over the most it may weigh.")
            .serviceLevelObjectives(0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
            .register(registry);
    blockSeconds =
        Timer.builder("tender.block")
            .description("From the start of sealing a block until it is durable.")
            .serviceLevelObjectives(Meters.settlementBuckets())
            .register(registry);
  }

  /** Finer at the small end than a whole settlement's, because stages take microseconds. */
  private static Duration[] stageBuckets() {
    return java.util.stream.LongStream.of(
            100, 500, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
            2_500_000)
        .mapToObj(micros -> Duration.ofNanos(micros * 1_000))
        .toArray(Duration[]::new);
  }

  private static Counter transfers(MeterRegistry registry, String outcome, String reason) {
    return Counter.builder("tender.transfers")
        .description("Transfers handed in, by what became of them.")
        .tag("outcome", outcome)
        .tag("reason", reason)
        .register(registry);
  }

  private static void gauge(
      MeterRegistry registry, String name, String description, AtomicLong value) {
    Gauge.builder(name, value, AtomicLong::get).description(description).register(registry);
  }

  /** A stage took so long. */
  public void stage(Stage stage, long nanos) {
    timer(stage).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Stage stage) {
    Timer timer = stages.get(stage);
    if (timer == null) {
      throw new IllegalStateException("a stage without a timer");
    }
    return timer;
  }

  /** A transfer has become durable, so long after its arrival. */
  public void settled(long nanos) {
    settled.increment();
    settlement.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** A transfer that was pending or settled already has been handed in again. */
  public void repeated() {
    repeated.increment();
  }

  /** A transfer has been refused for a reason of the closed list. */
  public void refused(String code) {
    count(refused, code);
  }

  /** A transfer has been put off for a cause of the closed list. */
  public void unavailable(String code) {
    count(unavailable, code);
  }

  private static void count(Map<String, Counter> counters, String code) {
    Counter counter = counters.get(code);
    if (counter != null) {
      counter.increment();
    }
  }

  /** A transfer has been turned away at the door. */
  public void turnedAway() {
    intakeRejects.increment();
  }

  /** How much is pending now. */
  public void pending(int transfers, long weight) {
    pendingTransfers.set(transfers);
    pendingWeight.set(weight);
  }

  /** How many transfers are between arrival and verdict, and how many may be. */
  public void intake(int transfers, int limit) {
    inFlight.set(transfers);
    intakeLimit.set(limit);
  }

  /**
   * What waits between the stages.
   *
   * @param loads transfers whose coins have to be read from the store
   * @param lookups transfers whose coins are unknown
   * @param signatureBatches batches of transfers whose signatures have to be checked
   * @param scripts transfers whose general scripts, or many inputs, have to be checked
   */
  public void queues(int loads, int lookups, int signatureBatches, int scripts) {
    waitingLoads.set(loads);
    waitingLookups.set(lookups);
    waitingBatches.set(signatureBatches);
    waitingScripts.set(scripts);
  }

  /** Where to ask how many transfers are kept as found good, and how many of them came again. */
  public void verified(LongSupplier kept, LongSupplier hits) {
    verifiedKept = kept;
    verifiedHits = hits;
  }

  /** A transfer with unknown coins has been turned away because too many waited. */
  public void lookupTurnedAway() {
    lookupRejects.increment();
  }

  /** A transfer has been turned away because too many signatures waited. */
  public void verificationTurnedAway() {
    verificationRejects.increment();
  }

  /** How many questions to the ledger are under way. */
  public void questions(int count) {
    questions.set(count);
  }

  /** A question to the ledger has been turned away because too many were under way. */
  public void questionTurnedAway() {
    questionRejects.increment();
  }

  /** A block has become durable. */
  public void block(int transfers, double fillRatio, long nanos) {
    blockTransfers.record(transfers);
    blockFill.record(fillRatio);
    blockSeconds.record(nanos, TimeUnit.NANOSECONDS);
  }
}
