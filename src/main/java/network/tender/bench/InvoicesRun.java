package network.tender.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.journal.DatabaseOptions;
import org.jspecify.annotations.Nullable;

/**
 * Scenario {@code invoices}: first only made, against the rate at which the same number of clients
 * insert single rows; then their whole life, from the request until they are settled.
 */
final class InvoicesRun {
  static final int DEFAULT_CONNECTIONS = 32;

  /** A payment waits for its block, so more must be under way than invoices are made at a time. */
  private static final int LIFE_CONNECTIONS = 20;

  /** PostgreSQL takes 60 clients, and the node is some of them. */
  private static final int MOST_INSERTING = 40;

  /** The driver prepares its statement after some, and the Java machine compiles. */
  private static final int INSERT_WARMUP_SECONDS = 2;

  private static final int MOST_COINS = 1_000_000;

  private final Rig rig;
  private final BenchOptions options;
  private final int connections;

  InvoicesRun(Rig rig) {
    this.rig = rig;
    this.options = rig.options();
    this.connections = options.connections().orElse(DEFAULT_CONNECTIONS);
  }

  Report run() {
    Shop shop = Shop.open(rig.node());
    warmUp(shop);
    List<Double> inserts = new ArrayList<>();
    insert(inserts);
    InvoiceSource made = InvoiceSource.makeOnly(shop, pace(options.seconds()));
    Progress.Phase making = rig.progress().begin("make invoices", 0);
    Rig.Span makingSpan = rig.run(making, made, connections, options.seconds());
    making.end("%,.0f/s".formatted(made.madePerSecond()));
    insert(inserts);

    int coins = (int) Math.min(MOST_COINS, made.madePerSecond() * options.seconds() + 1_000);
    CoinPurse purse = new CoinPurse(rig, coins);
    rig.settleDown();
    InvoiceSource life = InvoiceSource.wholeLife(shop, purse, pace(options.seconds()), connections);
    Progress.Phase living = rig.progress().begin("make, pay, settle", 0);
    Rig.Span lifeSpan = rig.run(living, life, connections * LIFE_CONNECTIONS, options.seconds());
    living.end("%,.0f/s".formatted(life.settledPerSecond()));
    return report(made, makingSpan, inserts, life, lifeSpan);
  }

  private Pace pace(int seconds) {
    return new Pace(options.ratePerSecond(), seconds * 1_000L);
  }

  private void warmUp(Shop shop) {
    if (options.warmupSeconds() > 0) {
      Progress.Phase phase = rig.progress().begin("warm-up", 0);
      InvoiceSource source =
          InvoiceSource.makeOnly(shop, new Pace(0, options.warmupSeconds() * 1_000L));
      rig.run(phase, source, connections, options.warmupSeconds());
      phase.end("%,.0f/s".formatted(source.madePerSecond()));
    }
  }

  private int inserting() {
    return Math.min(connections, MOST_INSERTING);
  }

  /** What the machine's disk and PostgreSQL give swings: it is measured before and after. */
  private void insert(List<Double> rates) {
    Optional<DatabaseOptions> place = rig.node().database();
    if (place.isEmpty() || options.ceilingSeconds() == 0) {
      return;
    }
    int clients = inserting();
    Progress.Phase phase = rig.progress().begin("insert rows", 0);
    if (rates.isEmpty()) {
      DurableInserts.measure(place.get(), clients, INSERT_WARMUP_SECONDS);
    }
    double rate = DurableInserts.measure(place.get(), clients, options.ceilingSeconds());
    phase.end("%,.0f/s with %d clients".formatted(rate, clients));
    rates.add(rate);
  }

  /** Coins for payments, one after the other. */
  static final class CoinPurse implements InvoiceSource.Purse {
    private static final int PAYMENT_VBYTES = 200;

    private final Rig rig;
    private final Funding.Coins coins;
    private int next;

    CoinPurse(Rig rig, int count) {
      this.rig = rig;
      long sat = Shop.INVOICE_SAT + Signing.OUTPUT_SAT + rig.feeSat(PAYMENT_VBYTES);
      this.coins = rig.coins(count, sat, 1);
    }

    @Override
    public @Nullable Transaction pay(Script to) {
      if (next == coins.count()) {
        return null;
      }
      return rig.signing().pay(coins, next++, to, Shop.INVOICE_SAT, Signing.OUTPUT_SAT);
    }
  }

  private Report report(
      InvoiceSource made,
      Rig.Span makingSpan,
      List<Double> inserts,
      InvoiceSource life,
      Rig.Span lifeSpan) {
    boolean trusted = life.unsettledCount() == 0;
    ObjectNode json = NodeApi.object();
    json.put("scenario", Scenario.INVOICES.toString());
    json.put("connections", connections);
    json.put("ratePerSecond", options.ratePerSecond());
    json.put("created", made.madeCount());
    json.put("createdPerSecond", Usage.rounded(made.madePerSecond()));
    OptionalDouble ceiling = inserts.stream().mapToDouble(rate -> rate).average();
    ceiling.ifPresent(
        rate -> {
          json.put("ceilingPerSecond", Usage.rounded(rate));
          ArrayNode measured = json.putArray("ceilings");
          inserts.forEach(each -> measured.add(Usage.rounded(each)));
          json.put("ceilingClients", inserting());
          json.put("ratio", Usage.rounded(made.madePerSecond() / rate));
        });
    json.set("createMillis", made.makeLatencies().toJson());
    made.counts().writeTo(json);
    json.set("cpuSecondsOfCreating", Usage.cpuSeconds(makingSpan.before(), makingSpan.after()));
    json.put("settled", life.settledCount());
    json.put("settledPerSecond", Usage.rounded(life.settledPerSecond()));
    json.set("latencyMillis", life.lifeLatencies().toJson());
    json.set("life", life.toJson());
    json.put("paidButNotSettled", life.unsettledCount());
    rig.writeUsage(json, lifeSpan);
    TextReport text = new TextReport();
    text.line("created", "%,.0f/s with %d connections", made.madePerSecond(), connections);
    ceiling.ifPresent(
        rate ->
            text.line(
                    "ceiling",
                    "%,.0f/s single rows inserted by %d clients, the mean of %,.0f/s before and"
                        + " %,.0f/s after",
                    rate,
                    inserting(),
                    inserts.get(0),
                    inserts.get(1))
                .line("ratio", "%.3f", made.madePerSecond() / rate));
    text.latency("latency", made.makeLatencies());
    text.usage(makingSpan, made.madeCount(), "invoice");
    text.counts(made.counts());
    text.line(
        "settled",
        "%,.0f/s from the request to the settled invoice, %d connections",
        life.settledPerSecond(),
        connections * LIFE_CONNECTIONS);
    text.latency("made in", life.makeLatencies());
    text.latency("paid in", life.payLatencies());
    text.latency("all in", life.lifeLatencies());
    text.usage(lifeSpan, life.settledCount(), "invoice");
    text.counts(life.counts());
    if (!trusted) {
      text.line("WRONG", "%d invoices were paid and not settled", life.unsettledCount());
    }
    return new Report(json, text.toString(), trusted);
  }
}
