package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Scenario {@code mixed}: for seven transfers two questions of wallets and one step in the life of
 * an invoice.
 */
final class MixedRun {
  private static final double READS = 2.0 / 7;
  private static final double INVOICE_STEPS = 1.0 / 7;

  /** Made, asked for its address, paid and looked at. */
  private static final int STEPS_OF_AN_INVOICE = 4;

  /** Questions under way at a time. */
  private static final int READS_AT_ONCE = 64;

  private static final int TRANSFERS_PER_SECOND = 10_000;
  private static final int MOST_READ_TRANSFERS = 10_000;
  private static final int MOST_TRANSFERS = 2_000_000;

  private final Rig rig;
  private final BenchOptions options;
  private final int connections;

  MixedRun(Rig rig) {
    this.rig = rig;
    this.options = rig.options();
    this.connections = options.connections().orElse(TransfersRun.DEFAULT_CONNECTIONS);
  }

  private record Parts(TransferSource transfers, ReadSource reads, InvoiceSource invoices) {
    /** At a fixed rate each has its own; in a closed loop the transfers lead. */
    MixedSource all(boolean closedLoop) {
      double unbounded = Double.POSITIVE_INFINITY;
      return new MixedSource(
          transfers,
          List.of(
              new MixedSource.Share(reads, closedLoop ? READS : unbounded, READS_AT_ONCE),
              new MixedSource.Share(
                  invoices, closedLoop ? INVOICE_STEPS : unbounded, Integer.MAX_VALUE)));
    }
  }

  Report run() {
    Shop shop = Shop.open(rig.node());
    int seconds = options.warmupSeconds() + options.seconds();
    int count =
        options
            .transfers()
            .orElse(Math.min(MOST_TRANSFERS, TRANSFERS_PER_SECOND * seconds + connections));
    SignedTransfers known = ReadsRun.settled(rig, Math.min(count, MOST_READ_TRANSFERS));
    SignedTransfers fresh = rig.prepare(count);
    InvoicesRun.CoinPurse purse =
        new InvoicesRun.CoinPurse(rig, (int) (count * INVOICE_STEPS / STEPS_OF_AN_INVOICE) + 1_000);
    rig.settleDown();
    int used = 0;
    if (options.warmupSeconds() > 0) {
      Progress.Phase phase = rig.progress().begin("warm-up", 0);
      Parts warm = parts(shop, known, fresh, 0, purse, options.warmupSeconds());
      rig.run(phase, warm.all(options.ratePerSecond() == 0), connections, options.warmupSeconds());
      phase.end("");
      used = warm.transfers().position();
    }
    Progress.Phase phase = rig.progress().begin("measure", 0);
    Parts parts = parts(shop, known, fresh, used, purse, options.seconds());
    Rig.Span span =
        rig.run(phase, parts.all(options.ratePerSecond() == 0), connections, options.seconds());
    phase.end("%,.0f transfers/s".formatted(parts.transfers().settledPerSecond()));
    return report(parts, span);
  }

  private Parts parts(
      Shop shop,
      SignedTransfers known,
      SignedTransfers fresh,
      int from,
      InvoicesRun.CoinPurse purse,
      int seconds) {
    // A rate is for transfers; the others keep their shares to it.
    double rate = options.ratePerSecond();
    long millis = seconds * 1_000L;
    return new Parts(
        new TransferSource(fresh, from, fresh.count(), new Pace(rate, millis)),
        new ReadSource(known, known.count(), new Pace(rate * READS, millis)),
        InvoiceSource.wholeLife(
            shop,
            purse,
            new Pace(rate * INVOICE_STEPS / STEPS_OF_AN_INVOICE, millis),
            InvoicesRun.DEFAULT_CONNECTIONS));
  }

  private Report report(Parts parts, Rig.Span span) {
    TransferSource transfers = parts.transfers();
    ReadSource reads = parts.reads();
    InvoiceSource invoices = parts.invoices();
    boolean trusted = invoices.unsettledCount() == 0;
    ObjectNode json = NodeApi.object();
    json.put("scenario", Scenario.MIXED.toString());
    json.put("connections", connections);
    json.put("ratePerSecond", options.ratePerSecond());
    json.put("seconds", options.seconds());
    json.put("settled", transfers.settledCount());
    json.put("settledPerSecond", Usage.rounded(transfers.settledPerSecond()));
    json.put("ranOutOfTransfers", transfers.ranOut());
    json.set("latencyMillis", transfers.latencies().toJson());
    transfers.counts().writeTo(json);
    ObjectNode read = json.putObject("reads");
    read.put("answeredPerSecond", Usage.rounded(reads.perSecond()));
    read.set("latencyMillis", reads.latencies().toJson());
    reads.counts().writeTo(read);
    json.set("invoices", invoices.toJson());
    json.put("paidButNotSettled", invoices.unsettledCount());
    rig.writeUsage(json, span);
    TextReport text = new TextReport();
    text.line(
        "settled",
        "%,.0f transfers/s over %d s (%d connections)",
        transfers.settledPerSecond(),
        options.seconds(),
        connections);
    text.latency("latency", transfers.latencies()).counts(transfers.counts());
    text.line("read", "%,.0f answers/s", reads.perSecond());
    text.latency("latency", reads.latencies()).counts(reads.counts());
    text.line("invoices", "%,.0f/s made, paid and settled", invoices.settledPerSecond());
    text.latency("latency", invoices.lifeLatencies()).counts(invoices.counts());
    text.usage(span, transfers.settledCount(), "transfer");
    if (transfers.ranOut()) {
      text.line("note", "there were too few transfers for the time; add --transfers");
    }
    return new Report(json, text.toString(), trusted);
  }
}
