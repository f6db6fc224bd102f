package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import network.tender.chain.Network;
import network.tender.ledger.PendingTransfer;
import network.tender.settlement.Settlement;

/** What mempool's sockets are told that is the same for all of them. */
final class SocketContent {
  private static final int BLOCKS = 8;
  private static final int RECENT_TRANSACTIONS = 6;

  private final Vertx vertx;
  private final Network network;
  private final ChainReader chain;
  private final BlockDetails details;
  private final PendingReader pending;

  SocketContent(
      Vertx vertx,
      Network network,
      ChainReader chain,
      BlockDetails details,
      PendingReader pending) {
    this.vertx = vertx;
    this.network = network;
    this.chain = chain;
    this.details = details;
    this.pending = pending;
  }

  /** The newest blocks, oldest first. */
  Future<Map<String, Object>> blocks() {
    int tip = chain.tip();
    return details
        .blocks(IntStream.rangeClosed(Math.max(0, tip - BLOCKS + 1), tip).boxed().toList())
        .map(list -> Map.of("blocks", new JsonArray(list)));
  }

  /** A block that is durable. */
  Future<JsonObject> block(int height) {
    return details.block(height);
  }

  /** What is pending, in figures, and what it costs to be next. */
  Future<Map<String, Object>> stats() {
    return FeeRoutes.adjustment(chain)
        .compose(adjustment -> pending.all().compose(all -> stats(all, adjustment)));
  }

  private Future<Map<String, Object>> stats(Settlement.Pending all, JsonObject adjustment) {
    return built(
        all,
        transfers -> {
          JsonObject backlog = MempoolRoutes.backlog(transfers);
          Map<String, Object> stats = new TreeMap<>();
          stats.put(
              "mempoolInfo",
              new JsonObject()
                  .put("loaded", true)
                  .put("size", backlog.getValue("count"))
                  .put("bytes", backlog.getValue("vsize"))
                  .put("total_fee", backlog.getValue("total_fee")));
          stats.put("fees", FeeRoutes.recommended(network));
          stats.put("da", adjustment);
          stats.put("transactions", MempoolRoutes.recent(transfers, RECENT_TRANSACTIONS));
          return stats;
        });
  }

  /** The blocks that the pending transfers will fill. */
  Future<Map<String, Object>> mempoolBlocks() {
    return pending
        .all()
        .compose(
            all ->
                built(
                    all,
                    transfers ->
                        Map.of("mempool-blocks", MempoolRoutes.blocks(network, transfers))));
  }

  private Future<Map<String, Object>> built(
      Settlement.Pending all,
      java.util.function.Function<List<PendingTransfer>, Map<String, Object>> form) {
    return all.transfers().size() <= 500
        ? Future.succeededFuture(form.apply(all.transfers()))
        : vertx.executeBlocking(() -> form.apply(all.transfers()), false);
  }

  /** What a socket begins with. */
  Future<Map<String, Object>> init() {
    Map<String, Object> parts = new TreeMap<>();
    parts.put("backend", "esplora");
    parts.put("loadingIndicators", new JsonObject());
    return blocks()
        .onSuccess(parts::putAll)
        .compose(done -> stats())
        .onSuccess(parts::putAll)
        .compose(done -> mempoolBlocks())
        .onSuccess(parts::putAll)
        .map(parts);
  }
}
