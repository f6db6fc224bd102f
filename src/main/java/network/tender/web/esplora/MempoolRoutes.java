package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Transaction;
import network.tender.ledger.PendingTransfer;

/** Questions about all pending transfers together. */
final class MempoolRoutes {
  private static final int RECENT = 10;

  /** Most transfers in one question about times. */
  private static final int MAX_TIMES = 100;

  /** Least virtual size of a step in the histogram of fees, as in electrs. */
  private static final long HISTOGRAM_STEP_VBYTES = 50_000;

  /** What a pending transfer costs to sort or to write, in bytes of {@link Answer#written}. */
  private static final long BYTES_EACH = 70;

  private final Vertx vertx;
  private final Network network;
  private final PendingReader pending;

  MempoolRoutes(Vertx vertx, Network network, PendingReader pending) {
    this.vertx = vertx;
    this.network = network;
    this.pending = pending;
  }

  void mount(Routes routes) {
    routes.get("/mempool", ctx -> written(all -> Answer.changing(backlog(all))));
    routes.get("/mempool/txids", ctx -> written(all -> Answer.changing(txids(all))));
    routes.get("/mempool/recent", ctx -> pending.all().map(all -> recentAnswer(all.transfers())));
    routes.get(
        "/v1/fees/mempool-blocks", ctx -> written(all -> Answer.changing(blocks(network, all))));
    routes.get("/v1/transaction-times", this::times);
  }

  private Future<Answer> written(java.util.function.Function<List<PendingTransfer>, Answer> form) {
    return pending
        .all()
        .compose(
            all ->
                Answer.written(
                    vertx, BYTES_EACH * all.transfers().size(), () -> form.apply(all.transfers())));
  }

  /** Count, sums and the fees' histogram. */
  static JsonObject backlog(List<PendingTransfer> all) {
    long virtualSize = 0;
    long fees = 0;
    for (PendingTransfer transfer : all) {
      virtualSize += transfer.transfer().virtualSize();
      fees += transfer.fee().sat();
    }
    return new JsonObject()
        .put("count", all.size())
        .put("vsize", virtualSize)
        .put("total_fee", fees)
        .put("fee_histogram", histogram(all));
  }

  /** Pairs of a fee rate and the virtual size that pays it or more, up to the rate before. */
  private static JsonArray histogram(List<PendingTransfer> all) {
    List<PendingTransfer> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparing(MempoolRoutes::rate).reversed());
    JsonArray histogram = new JsonArray();
    long step = 0;
    BigDecimal last = BigDecimal.ZERO;
    for (PendingTransfer transfer : sorted) {
      BigDecimal rate = rate(transfer);
      if (step > HISTOGRAM_STEP_VBYTES && rate.compareTo(last) != 0) {
        histogram.add(new JsonArray().add(last).add(step));
        step = 0;
      }
      last = rate;
      step += transfer.transfer().virtualSize();
    }
    if (step > 0) {
      histogram.add(new JsonArray().add(last).add(step));
    }
    return histogram;
  }

  static BigDecimal rate(PendingTransfer transfer) {
    return BlockDetails.rate(transfer.fee().sat(), transfer.transfer().virtualSize());
  }

  private static JsonArray txids(List<PendingTransfer> all) {
    JsonArray txids = new JsonArray();
    all.forEach(transfer -> txids.add(transfer.transfer().txid().toString()));
    return txids;
  }

  private static Answer recentAnswer(List<PendingTransfer> all) {
    return Answer.changing(recent(all, RECENT));
  }

  /** The newest ones, newest first. */
  static JsonArray recent(List<PendingTransfer> all, int count) {
    JsonArray recent = new JsonArray();
    for (int i = all.size() - 1; i >= Math.max(0, all.size() - count); i--) {
      Transaction transfer = all.get(i).transfer();
      long value = 0;
      for (int j = 0; j < transfer.outputCount(); j++) {
        value += transfer.outputSat(j);
      }
      recent.add(
          new JsonObject()
              .put("txid", transfer.txid().toString())
              .put("fee", all.get(i).fee().sat())
              .put("vsize", transfer.virtualSize())
              .put("value", value));
    }
    return recent;
  }

  /** The blocks that the pending transfers will fill, in the order in which they were accepted. */
  static JsonArray blocks(Network network, List<PendingTransfer> all) {
    JsonArray blocks = new JsonArray();
    int from = 0;
    while (from < all.size()) {
      long weight = 0;
      int to = from;
      while (to < all.size()
          && weight + all.get(to).transfer().weight() <= network.maxBlockWeight()) {
        weight += all.get(to).transfer().weight();
        to++;
      }
      to = Math.max(to, from + 1);
      blocks.add(block(all.subList(from, to)));
      from = to;
    }
    return blocks;
  }

  private static JsonObject block(List<PendingTransfer> part) {
    long size = 0;
    long virtualSize = 0;
    long fees = 0;
    BigDecimal[] rates = new BigDecimal[part.size()];
    for (int i = 0; i < rates.length; i++) {
      Transaction transfer = part.get(i).transfer();
      size += transfer.size();
      virtualSize += transfer.virtualSize();
      fees += part.get(i).fee().sat();
      rates[i] = rate(part.get(i));
    }
    java.util.Arrays.sort(rates);
    JsonArray range = BlockDetails.range(rates);
    return new JsonObject()
        .put("blockSize", size)
        .put("blockVSize", virtualSize)
        .put("nTx", part.size())
        .put("totalFees", fees)
        .put("medianFee", range.getValue(range.size() / 2))
        .put("feeRange", range);
  }

  /** When transfers were accepted, seconds; 0 for those that are not pending. */
  private Future<Answer> times(RoutingContext ctx) {
    List<Hash> txids = ctx.queryParam("txId[]").stream().map(PathValues::hash).toList();
    if (txids.size() > MAX_TIMES) {
      throw EsploraErrors.badInput("Too many txids, the most is " + MAX_TIMES).toException();
    }
    return written(all -> Answer.changing(times(txids, all)));
  }

  private static JsonArray times(List<Hash> txids, List<PendingTransfer> all) {
    Set<Hash> wanted = new HashSet<>(txids);
    Map<Hash, Long> seconds = new HashMap<>();
    for (PendingTransfer transfer : all) {
      Hash txid = transfer.transfer().txid();
      if (wanted.contains(txid)) {
        seconds.put(txid, transfer.admittedMillis() / 1_000);
      }
    }
    JsonArray times = new JsonArray();
    txids.forEach(txid -> times.add(seconds.getOrDefault(txid, 0L)));
    return times;
  }
}
