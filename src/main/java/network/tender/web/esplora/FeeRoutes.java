package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.PendingTransfer;
import network.tender.settlement.Settlement;

/** What a transfer should pay, and what others pay. Every target is the next block. */
final class FeeRoutes {
  /** Blocks between two adjustments of Bitcoin's target. */
  private static final int RETARGET_BLOCKS = 2_016;

  /** Blocks whose times tell how fast they come. */
  private static final int PACE_BLOCKS = 10;

  /** Bitcoin's own pace; a chain that stood still is not told as slower than that. */
  private static final long MAX_PACE_MILLIS = 600_000;

  /** Most relatives of a pending transfer that are told. */
  private static final int MAX_RELATIVES = 50;

  private final Network network;
  private final ChainReader chain;
  private final Settlement settlement;

  FeeRoutes(Network network, ChainReader chain, Settlement settlement) {
    this.network = network;
    this.chain = chain;
    this.settlement = settlement;
  }

  void mount(Routes routes) {
    routes.get("/fee-estimates", ctx -> Future.succeededFuture(estimates()));
    routes.get(
        "/v1/fees/recommended",
        ctx -> Future.succeededFuture(Answer.changing(recommended(network))));
    routes.get("/v1/difficulty-adjustment", ctx -> adjustment(chain).map(Answer::changing));
    routes.get("/v1/cpfp/:txid", this::relatives);
  }

  private Answer estimates() {
    BigDecimal satPerVbyte = BigDecimal.valueOf(network.feeFloorSatPerKvb(), 3);
    JsonObject estimates = new JsonObject();
    for (int target = 1; target <= 25; target++) {
      estimates.put(Integer.toString(target), satPerVbyte);
    }
    for (String target : List.of("144", "504", "1008")) {
      estimates.put(target, satPerVbyte);
    }
    return Answer.changing(estimates);
  }

  /** The least rate for every wish, in whole sat/vB, as clients of this answer expect. */
  static JsonObject recommended(Network network) {
    long rate =
        BigDecimal.valueOf(network.feeFloorSatPerKvb(), 3)
            .setScale(0, RoundingMode.CEILING)
            .longValueExact();
    return new JsonObject()
        .put("fastestFee", rate)
        .put("halfHourFee", rate)
        .put("hourFee", rate)
        .put("economyFee", rate)
        .put("minimumFee", rate);
  }

  /** Regtest's target never changes; the pace is that of the last blocks. */
  static Future<JsonObject> adjustment(ChainReader chain) {
    int tip = chain.tip();
    int from = Math.max(0, tip - PACE_BLOCKS);
    return chain
        .cards(List.of(from, tip))
        .map(
            cards -> {
              BlockCard first = cards.get(from);
              BlockCard last = cards.get(tip);
              long millis =
                  first == null || last == null || from == tip ? 1_000 : pace(first, last);
              int done = tip % RETARGET_BLOCKS;
              int remaining = RETARGET_BLOCKS - done;
              long lastMillis = last == null ? 0 : last.timeSeconds() * 1_000;
              return new JsonObject()
                  .put("progressPercent", percent(done))
                  .put("difficultyChange", 0)
                  .put("estimatedRetargetDate", lastMillis + remaining * millis)
                  .put("remainingBlocks", remaining)
                  .put("remainingTime", remaining * millis)
                  .put("previousRetarget", 0)
                  .put("previousTime", lastMillis / 1_000)
                  .put("nextRetargetHeight", tip + remaining)
                  .put("timeAvg", millis)
                  .put("adjustedTimeAvg", millis)
                  .put("timeOffset", 0)
                  .put("expectedBlocks", done);
            });
  }

  /** Milliseconds between two neighbouring blocks. */
  private static long pace(BlockCard first, BlockCard last) {
    long millis =
        (last.timeSeconds() - first.timeSeconds()) * 1_000 / (last.height() - first.height());
    return Math.max(1, Math.min(MAX_PACE_MILLIS, millis));
  }

  private static BigDecimal percent(int done) {
    return BigDecimal.valueOf(done * 100L)
        .divide(BigDecimal.valueOf(RETARGET_BLOCKS), 2, RoundingMode.HALF_UP);
  }

  /** The pending transfers that a pending one hangs on, and those that hang on it. */
  private Future<Answer> relatives(RoutingContext ctx) {
    Hash txid = PathValues.hash(ctx, "txid");
    return settlement
        .pending(txid)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(new JsonObject().put("ancestors", new JsonArray()))
                    : relatives(found.get()))
        .map(Answer::changing);
  }

  private Future<JsonObject> relatives(PendingTransfer pending) {
    Deque<Hash> parents = new ArrayDeque<>();
    parentsOf(pending.transfer(), parents);
    Deque<PendingTransfer> open = new ArrayDeque<>(List.of(pending));
    return ancestors(parents, new LinkedHashMap<>())
        .compose(
            above ->
                descendants(open, new LinkedHashMap<>())
                    .map(below -> relatives(pending, above, below)));
  }

  private static void parentsOf(Transaction transfer, Collection<Hash> parents) {
    for (int i = 0; i < transfer.inputCount(); i++) {
      parents.add(transfer.prevout(i).txid());
    }
  }

  private Future<Collection<PendingTransfer>> ancestors(
      Deque<Hash> open, Map<Hash, PendingTransfer> found) {
    Hash txid = open.poll();
    if (txid == null || found.size() >= MAX_RELATIVES) {
      return Future.succeededFuture(found.values());
    }
    if (found.containsKey(txid)) {
      return ancestors(open, found);
    }
    return settlement
        .pending(txid)
        .compose(
            parent -> {
              parent.ifPresent(
                  p -> {
                    found.put(txid, p);
                    parentsOf(p.transfer(), open);
                  });
              return ancestors(open, found);
            });
  }

  private Future<Collection<PendingTransfer>> descendants(
      Deque<PendingTransfer> open, Map<Hash, PendingTransfer> found) {
    PendingTransfer next = open.poll();
    if (next == null || found.size() >= MAX_RELATIVES) {
      return Future.succeededFuture(found.values());
    }
    List<Outpoint> outputs =
        IntStream.range(0, next.transfer().outputCount())
            .mapToObj(next.transfer()::outpoint)
            .toList();
    return settlement
        .pendingSpenders(outputs)
        .compose(
            spenders -> {
              for (PendingTransfer spender : spenders.values()) {
                if (found.put(spender.transfer().txid(), spender) == null) {
                  open.add(spender);
                }
              }
              return descendants(open, found);
            });
  }

  private static JsonObject relatives(
      PendingTransfer pending,
      Collection<PendingTransfer> above,
      Collection<PendingTransfer> below) {
    List<PendingTransfer> line = new ArrayList<>(above);
    line.add(pending);
    long fees = line.stream().mapToLong(transfer -> transfer.fee().sat()).sum();
    long virtualSize = line.stream().mapToLong(transfer -> transfer.transfer().virtualSize()).sum();
    return new JsonObject()
        .put("ancestors", relatives(above))
        .put("bestDescendant", best(below).map(FeeRoutes::relative).orElse(null))
        .put("descendants", relatives(below))
        .put("effectiveFeePerVsize", BlockDetails.rate(fees, virtualSize))
        .put("fee", pending.fee().sat())
        .put("adjustedVsize", pending.transfer().virtualSize());
  }

  private static Optional<PendingTransfer> best(Collection<PendingTransfer> transfers) {
    return transfers.stream().max(java.util.Comparator.comparing(MempoolRoutes::rate));
  }

  private static JsonArray relatives(Collection<PendingTransfer> transfers) {
    JsonArray list = new JsonArray();
    transfers.forEach(transfer -> list.add(relative(transfer)));
    return list;
  }

  private static JsonObject relative(PendingTransfer transfer) {
    return new JsonObject()
        .put("txid", transfer.transfer().txid().toString())
        .put("fee", transfer.fee().sat())
        .put("weight", transfer.transfer().weight());
  }
}
