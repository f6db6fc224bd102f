package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import network.tender.chain.Hash;
import network.tender.journal.StoredBlock;

/** Questions about blocks. */
final class BlockRoutes {
  private static final int BLOCKS_PAGE = 10;

  /** The same for the questions of mempool's own interface. */
  private static final int DETAILED_BLOCKS_PAGE = 15;

  private static final int TRANSACTIONS_PAGE = 25;

  /** A txid in a list, and a transaction in a block, at the least. */
  private static final int TXID_BYTES = 67;

  private final Vertx vertx;
  private final ChainReader chain;
  private final EsploraJson json;
  private final BlockDetails details;

  BlockRoutes(Vertx vertx, ChainReader chain, EsploraJson json, BlockDetails details) {
    this.vertx = vertx;
    this.chain = chain;
    this.json = json;
    this.details = details;
  }

  void mount(Routes routes) {
    routes.get("/blocks/tip/height", ctx -> tipHeight());
    routes.get("/blocks/tip/hash", ctx -> tipHash());
    routes.get("/blocks", ctx -> blocks(Optional.empty()));
    routes.get("/blocks/:height", ctx -> blocks(PathValues.optionalNumber(ctx, "height")));
    routes.get("/block-height/:height", this::blockAtHeight);
    routes.inTurn("/block/:hash", ctx -> block(hash(ctx)));
    routes.inTurn("/block/:hash/header", ctx -> stored(hash(ctx)).map(BlockRoutes::header));
    routes.inTurn("/block/:hash/status", ctx -> status(hash(ctx)));
    routes.inTurn("/block/:hash/raw", ctx -> stored(hash(ctx)).compose(this::raw));
    routes.inTurn("/block/:hash/txids", ctx -> stored(hash(ctx)).compose(this::txids));
    routes.inTurn(
        "/block/:hash/txid/:index",
        ctx -> {
          int index = PathValues.number(ctx, "index");
          return stored(hash(ctx)).map(block -> txid(block, index));
        });
    routes.inTurn("/block/:hash/txs", ctx -> stored(hash(ctx)).compose(block -> txs(block, 0)));
    routes.inTurn(
        "/block/:hash/txs/:start",
        ctx -> {
          int start = PathValues.optionalNumber(ctx, "start").orElse(0);
          return stored(hash(ctx)).compose(block -> txs(block, start));
        });
    routes.inTurn("/v1/blocks", ctx -> detailedBlocks(Optional.empty()));
    routes.inTurn(
        "/v1/blocks/:height", ctx -> detailedBlocks(PathValues.optionalNumber(ctx, "height")));
    routes.inTurn(
        "/v1/block/:hash",
        ctx ->
            stored(hash(ctx)).compose(block -> details.block(block.height())).map(Answer::lasting));
  }

  private static Hash hash(RoutingContext ctx) {
    return PathValues.hash(ctx, "hash");
  }

  private Future<StoredBlock> stored(Hash hash) {
    return chain
        .block(hash)
        .map(block -> block.orElseThrow(() -> EsploraErrors.blockNotFound().toException()));
  }

  private Future<Answer> tipHeight() {
    return Future.succeededFuture(Answer.changing(Integer.toString(chain.tip())));
  }

  private Future<Answer> tipHash() {
    return chain.card(chain.tip()).map(card -> Answer.changing(card.hash().toString()));
  }

  private Future<Answer> blockAtHeight(RoutingContext ctx) {
    return chain
        .card(PathValues.number(ctx, "height"))
        .map(card -> Answer.lasting(card.hash().toString()));
  }

  private Future<Answer> blocks(Optional<Integer> from) {
    int tip = chain.tip();
    int newest = Math.min(from.orElse(tip), tip);
    int oldest = Math.max(0, newest - BLOCKS_PAGE + 1);
    return chain
        .row(oldest, newest)
        .map(
            row -> {
              JsonArray list = new JsonArray();
              for (int height = newest; height >= oldest; height--) {
                list.add(json(row, height));
              }
              return Answer.changing(list);
            });
  }

  private Future<Answer> detailedBlocks(Optional<Integer> from) {
    int tip = chain.tip();
    int newest = Math.min(from.orElse(tip), tip);
    int oldest = Math.max(0, newest - DETAILED_BLOCKS_PAGE + 1);
    return details
        .blocks(
            IntStream.rangeClosed(oldest, newest).map(h -> newest + oldest - h).boxed().toList())
        .map(list -> Answer.changing(new JsonArray(list)));
  }

  private Future<Answer> block(Hash hash) {
    return stored(hash)
        .compose(
            block ->
                chain
                    .row(block.height(), block.height())
                    .map(row -> Answer.lasting(json(row, block.height()))));
  }

  static JsonObject json(ChainReader.CardRow row, int height) {
    return EsploraJson.block(row.card(height), row.medianTimeSeconds(height));
  }

  private static Answer header(StoredBlock block) {
    return Answer.lasting(HexFormat.of().formatHex(block.block().header().toBytes()));
  }

  /** A block that is not in the chain is said to be in no best chain, as in electrs. */
  private Future<Answer> status(Hash hash) {
    return chain
        .block(hash)
        .compose(
            found -> {
              if (found.isEmpty()) {
                return Future.succeededFuture(
                    Answer.changing(
                        new JsonObject()
                            .put("in_best_chain", false)
                            .putNull("height")
                            .putNull("next_best")));
              }
              int height = found.get().height();
              return chain
                  .cards(List.of(height + 1))
                  .map(
                      cards -> {
                        BlockCard next = cards.get(height + 1);
                        JsonObject status =
                            new JsonObject()
                                .put("in_best_chain", true)
                                .put("height", height)
                                .put("next_best", next == null ? null : next.hash().toString());
                        return Answer.lasting(status).unlessPending(next == null);
                      });
            });
  }

  private Future<Answer> raw(StoredBlock block) {
    return Answer.written(
        vertx, block.block().weight() / 4, () -> Answer.lasting(block.block().toBytes()));
  }

  private Future<Answer> txids(StoredBlock block) {
    return Answer.written(
        vertx,
        (long) TXID_BYTES * block.block().transactions().size(),
        () -> {
          JsonArray txids = new JsonArray();
          block.block().txids().forEach(txid -> txids.add(txid.toString()));
          return Answer.lasting(txids);
        });
  }

  private static Answer txid(StoredBlock block, int index) {
    if (index >= block.block().transactions().size()) {
      throw EsploraErrors.outOfRange().toException();
    }
    return Answer.lasting(block.block().transactions().get(index).txid().toString());
  }

  private Future<Answer> txs(StoredBlock block, int start) {
    if (start % TRANSACTIONS_PAGE != 0) {
      throw EsploraErrors.badInput("start index must be a multiple of " + TRANSACTIONS_PAGE)
          .toException();
    }
    int count = block.block().transactions().size();
    if (start >= count) {
      throw EsploraErrors.badInput("start index out of range").toException();
    }
    List<ShownTransaction> page =
        IntStream.range(start, Math.min(count, start + TRANSACTIONS_PAGE))
            .mapToObj(position -> ShownTransaction.of(block, position))
            .toList();
    return Answer.written(
        vertx, ShownTransaction.sourceBytes(page), () -> Answer.lasting(json.transactions(page)));
  }
}
