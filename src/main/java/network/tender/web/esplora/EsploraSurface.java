package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import network.tender.chain.Address;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.journal.ChainIndex;
import network.tender.journal.Journal;
import network.tender.ledger.Coin;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.Bodies;
import network.tender.web.ErrorShape;
import network.tender.web.HttpSettings;
import network.tender.web.Problems;
import network.tender.web.Replies;
import network.tender.web.Surface;
import network.tender.web.transfers.TransferIntake;

/**
 * Esplora for wallets. Its paths are under {@code /esplora}, and under {@code /api} as far as no
 * other surface claims them. Success is always 200 and errors are plain text.
 */
public final class EsploraSurface implements Surface {
  private static final List<String> BASES = List.of("/esplora", "/api");

  /** Confirmed transactions on a page; clients ask again after a full one. */
  private static final int PAGE = 25;

  /** Most coins of one script in an answer. */
  private static final int MAX_COINS = 10_000;

  private static final int BLOCKS_PAGE = 10;
  private static final int MEDIAN_BLOCKS = 11;
  private static final String FINAL = "public, max-age=157784630";
  private static final String CHANGING = "no-cache";

  private final Network network;
  private final Settlement settlement;
  private final ChainIndex index;
  private final TransferIntake intake;
  private final ChainReader chain;
  private final EsploraJson json;

  /** The surface over a journal and its index. */
  public EsploraSurface(
      Network network,
      Journal journal,
      ChainIndex index,
      Settlement settlement,
      TransferIntake intake) {
    this.network = network;
    this.settlement = settlement;
    this.index = index;
    this.intake = intake;
    this.chain = new ChainReader(journal, index, settlement);
    this.json = new EsploraJson(network);
  }

  @Override
  public void bind(RouterBuilder builder) {
    // Esplora has a contract of its own; clients do not keep to media types and such.
  }

  @Override
  public Map<String, ErrorShape> errorShapes() {
    return Map.of(BASES.get(0), EsploraErrors::write, BASES.get(1), EsploraErrors::write);
  }

  @Override
  public Set<String> crossOriginPrefixes() {
    return Set.copyOf(BASES);
  }

  @Override
  public Set<String> rawBodyPaths() {
    // Clients send the digits as a form, with any type or with none.
    return Set.of("/esplora/tx", "/api/tx");
  }

  @Override
  public void mount(Router router) {
    for (String base : BASES) {
      router.get(base + "/blocks/tip/height").handler(this::tipHeight);
      router.get(base + "/blocks/tip/hash").handler(this::tipHash);
      router.get(base + "/blocks").handler(this::blocks);
      router.get(base + "/blocks/:height").handler(this::blocks);
      router.get(base + "/block-height/:height").handler(this::blockAtHeight);
      router.get(base + "/block/:hash").handler(this::block);
      router.get(base + "/fee-estimates").handler(this::feeEstimates);
      router.get(base + "/mempool").handler(this::mempool);
      router.post(base + "/tx").handler(this::broadcast);
      mountTransaction(router, base + "/tx/:txid");
      mountHistory(router, base + "/scripthash/:script", this::scriptHash);
      mountHistory(router, base + "/address/:script", this::addressHash);
    }
  }

  private void mountTransaction(Router router, String path) {
    router
        .get(path)
        .handler(
            found(
                (ctx, tx) ->
                    finalJson(ctx, json.transaction(tx.block(), tx.position()).toBuffer())));
    router.get(path + "/hex").handler(found((ctx, tx) -> finalText(ctx, tx(tx).toHex())));
    router
        .get(path + "/raw")
        .handler(
            found(
                (ctx, tx) ->
                    send(ctx, "application/octet-stream", FINAL, Buffer.buffer(tx(tx).toBytes()))));
    router.get(path + "/merkle-proof").handler(found(EsploraSurface::merkleProof));
    router.get(path + "/status").handler(this::status);
    router.get(path + "/outspend/:vout").handler(this::outspend);
    router.get(path + "/outspends").handler(this::outspends);
  }

  private void mountHistory(Router router, String path, Function<RoutingContext, Hash> scriptHash) {
    router.get(path + "/txs").handler(ctx -> history(ctx, scriptHash.apply(ctx)));
    router.get(path + "/txs/chain").handler(ctx -> history(ctx, scriptHash.apply(ctx)));
    router.get(path + "/txs/chain/:last").handler(ctx -> history(ctx, scriptHash.apply(ctx)));
    router.get(path + "/utxo").handler(ctx -> unspent(ctx, scriptHash.apply(ctx)));
  }

  // Blocks.

  private void tipHeight(RoutingContext ctx) {
    changingText(ctx, Integer.toString(chain.tip()));
  }

  private void tipHash(RoutingContext ctx) {
    int tip = chain.tip();
    Replies.read(
        ctx,
        chain.cards(List.of(tip)),
        cards -> changingText(ctx, card(cards, tip).hash().toString()));
  }

  private static BlockCard card(Map<Integer, BlockCard> cards, int height) {
    BlockCard card = cards.get(height);
    if (card == null) {
      throw EsploraErrors.blockNotFound().toException();
    }
    return card;
  }

  private void blockAtHeight(RoutingContext ctx) {
    int height = number(ctx.pathParam("height"));
    Replies.read(
        ctx,
        chain.cards(List.of(height)),
        cards -> finalText(ctx, card(cards, height).hash().toString()));
  }

  private void blocks(RoutingContext ctx) {
    String from = ctx.pathParam("height");
    int tip = chain.tip();
    int newest = from == null ? tip : Math.min(number(from), tip);
    int oldest = Math.max(0, newest - BLOCKS_PAGE + 1);
    Replies.read(
        ctx,
        chain.cards(heights(oldest - MEDIAN_BLOCKS + 1, newest)),
        cards -> {
          JsonArray list = new JsonArray();
          for (int height = newest; height >= oldest; height--) {
            list.add(blockJson(cards, height));
          }
          send(ctx, "application/json", CHANGING, list.toBuffer());
        });
  }

  private void block(RoutingContext ctx) {
    Hash hash = hash(ctx.pathParam("hash"));
    Replies.read(
        ctx,
        chain
            .block(hash)
            .map(
                block ->
                    block.orElseThrow(() -> EsploraErrors.blockNotFound().toException()).height())
            .compose(
                height ->
                    chain
                        .cards(heights(height - MEDIAN_BLOCKS + 1, height))
                        .map(cards -> blockJson(cards, height))),
        block -> finalJson(ctx, block.toBuffer()));
  }

  private static List<Integer> heights(int from, int to) {
    return IntStream.rangeClosed(Math.max(0, from), to).boxed().toList();
  }

  private static JsonObject blockJson(Map<Integer, BlockCard> cards, int height) {
    long[] times =
        heights(height - MEDIAN_BLOCKS + 1, height).stream()
            .mapToLong(h -> card(cards, h).timeSeconds())
            .sorted()
            .toArray();
    return EsploraJson.block(card(cards, height), times[times.length / 2]);
  }

  // Transactions.

  private Handler<RoutingContext> found(BiConsumer<RoutingContext, ChainReader.Located> then) {
    return ctx ->
        Replies.read(
            ctx,
            chain.transaction(hash(ctx.pathParam("txid"))),
            tx ->
                then.accept(
                    ctx, tx.orElseThrow(() -> EsploraErrors.transactionNotFound().toException())));
  }

  private static Transaction tx(ChainReader.Located located) {
    return located.block().block().transactions().get(located.position());
  }

  private static void merkleProof(RoutingContext ctx, ChainReader.Located tx) {
    JsonArray merkle = new JsonArray();
    MerkleTree.branch(tx.block().block().txids(), tx.position())
        .forEach(sibling -> merkle.add(sibling.toString()));
    finalJson(
        ctx,
        new JsonObject()
            .put("block_height", tx.block().height())
            .put("merkle", merkle)
            .put("pos", tx.position())
            .toBuffer());
  }

  private void status(RoutingContext ctx) {
    Replies.read(
        ctx,
        chain.transaction(hash(ctx.pathParam("txid"))),
        tx -> {
          if (tx.isPresent()) {
            BlockCard card = BlockCard.of(tx.get().block());
            finalJson(ctx, EsploraJson.status(card).toBuffer());
          } else {
            send(ctx, "application/json", CHANGING, EsploraJson.unconfirmed().toBuffer());
          }
        });
  }

  private void outspend(RoutingContext ctx) {
    Outpoint outpoint = new Outpoint(hash(ctx.pathParam("txid")), number(ctx.pathParam("vout")));
    Replies.read(
        ctx,
        chain.spender(outpoint).map(spender -> outspend(outpoint, spender)),
        outspend -> send(ctx, "application/json", CHANGING, outspend.toBuffer()));
  }

  private static JsonObject outspend(Outpoint outpoint, Optional<ChainReader.Located> spender) {
    if (spender.isEmpty()) {
      return new JsonObject().put("spent", false);
    }
    Transaction spending = tx(spender.get());
    for (int i = 0; i < spending.inputCount(); i++) {
      if (spending.prevout(i).equals(outpoint)) {
        return new JsonObject()
            .put("spent", true)
            .put("txid", spending.txid().toString())
            .put("vin", i)
            .put("status", EsploraJson.status(BlockCard.of(spender.get().block())));
      }
    }
    throw new IllegalStateException("the index names a spender that does not spend " + outpoint);
  }

  private void outspends(RoutingContext ctx) {
    Replies.read(
        ctx,
        chain
            .transaction(hash(ctx.pathParam("txid")))
            .compose(
                located -> {
                  Transaction transaction =
                      tx(
                          located.orElseThrow(
                              () -> EsploraErrors.transactionNotFound().toException()));
                  return outspendsFrom(transaction, 0, new JsonArray());
                }),
        list -> send(ctx, "application/json", CHANGING, list.toBuffer()));
  }

  /** One output after the other, so that a transaction with thousands of them is no burden. */
  private Future<JsonArray> outspendsFrom(Transaction transaction, int from, JsonArray list) {
    if (from == transaction.outputCount()) {
      return Future.succeededFuture(list);
    }
    Outpoint outpoint = transaction.outpoint(from);
    return chain
        .spender(outpoint)
        .compose(
            spender -> {
              list.add(outspend(outpoint, spender));
              return outspendsFrom(transaction, from + 1, list);
            });
  }

  // Scripts.

  private void history(RoutingContext ctx, Hash scriptHash) {
    String last = ctx.pathParam("last");
    List<String> after = ctx.queryParam("after_txid");
    Optional<Hash> behind =
        last != null
            ? Optional.of(hash(last))
            : after.isEmpty() ? Optional.empty() : Optional.of(hash(after.get(0)));
    Replies.read(
        ctx,
        page(scriptHash, behind).compose(chain::transactions),
        transactions -> {
          JsonArray list = new JsonArray();
          transactions.forEach(tx -> list.add(json.transaction(tx.block(), tx.position())));
          send(ctx, "application/json", CHANGING, list.toBuffer());
        });
  }

  private Future<List<ChainIndex.Place>> page(Hash scriptHash, Optional<Hash> behind) {
    if (behind.isEmpty()) {
      return index.history(scriptHash, Optional.empty(), PAGE);
    }
    return index
        .find(behind.get())
        .compose(
            place ->
                place.isEmpty()
                    ? Future.succeededFuture(List.of())
                    : index.history(scriptHash, place, PAGE));
  }

  private void unspent(RoutingContext ctx, Hash scriptHash) {
    Replies.read(
        ctx,
        settlement
            .coinsOf(scriptHash, MAX_COINS + 1)
            .map(EsploraSurface::requireFew)
            .compose(
                coins ->
                    chain
                        .cards(coins.values().stream().map(coin -> coin.height()).toList())
                        .map(
                            cards -> {
                              JsonArray list = new JsonArray();
                              coins.forEach(
                                  (outpoint, coin) ->
                                      list.add(
                                          new JsonObject()
                                              .put("txid", outpoint.txid().toString())
                                              .put("vout", Integer.toUnsignedLong(outpoint.index()))
                                              .put(
                                                  "status",
                                                  EsploraJson.status(card(cards, coin.height())))
                                              .put("value", coin.amount().sat())));
                              return list;
                            })),
        list -> send(ctx, "application/json", CHANGING, list.toBuffer()));
  }

  /** This list has no pages, in electrs neither; a part of it would be taken for all there is. */
  private static Map<Outpoint, Coin> requireFew(Map<Outpoint, Coin> coins) {
    if (coins.size() > MAX_COINS) {
      throw EsploraErrors.badInput("Too many unspent transaction outputs").toException();
    }
    return coins;
  }

  private Hash scriptHash(RoutingContext ctx) {
    try {
      return Hash.of(HexFormat.of().parseHex(ctx.pathParam("script")));
    } catch (IllegalArgumentException e) {
      throw EsploraErrors.badInput("Invalid scripthash").toException();
    }
  }

  private Hash addressHash(RoutingContext ctx) {
    try {
      return Address.parse(ctx.pathParam("script"), network).hash();
    } catch (MalformedException e) {
      throw EsploraErrors.badInput("Address on invalid network").toException();
    }
  }

  // The rest.

  private void broadcast(RoutingContext ctx) {
    Replies.write(
        ctx,
        Bodies.read(ctx.request(), HttpSettings.DEFAULT_MAX_BODY_BYTES)
            .compose(body -> intake.submit(null, body, Settlement.Wait.SETTLED)),
        outcome -> broadcastAnswer(ctx, outcome));
  }

  private static void broadcastAnswer(RoutingContext ctx, Outcome outcome) {
    if (outcome instanceof Outcome.Settled settled) {
      changingText(ctx, settled.receipt().txid().toString());
    } else if (outcome instanceof Outcome.Accepted accepted) {
      changingText(ctx, accepted.txid().toString());
    } else if (outcome instanceof Outcome.Refused refused) {
      ctx.fail(EsploraErrors.refused(refused.rejection()).toException());
    } else if (outcome instanceof Outcome.Unavailable unavailable) {
      ctx.fail(Problems.of(unavailable).toException());
    }
  }

  /** The same rate for every target, because every target is the next block. */
  private void feeEstimates(RoutingContext ctx) {
    BigDecimal satPerVbyte = BigDecimal.valueOf(network.feeFloorSatPerKvb(), 3);
    JsonObject estimates = new JsonObject();
    for (int target = 1; target <= 25; target++) {
      estimates.put(Integer.toString(target), satPerVbyte);
    }
    for (String target : List.of("144", "504", "1008")) {
      estimates.put(target, satPerVbyte);
    }
    send(ctx, "application/json", CHANGING, estimates.toBuffer());
  }

  private void mempool(RoutingContext ctx) {
    JsonObject mempool =
        new JsonObject()
            .put("count", settlement.status().pendingTransfers())
            .put("vsize", 0)
            .put("total_fee", 0)
            .put("fee_histogram", new JsonArray());
    send(ctx, "application/json", CHANGING, mempool.toBuffer());
  }

  private static int number(String text) {
    if (text.isEmpty() || text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw EsploraErrors.badInput("Invalid number").toException();
    }
    return Integer.parseInt(text);
  }

  private static Hash hash(String text) {
    try {
      return Hash.fromDisplayHex(text);
    } catch (IllegalArgumentException e) {
      throw EsploraErrors.badInput("Invalid hex string").toException();
    }
  }

  private static void changingText(RoutingContext ctx, String text) {
    send(ctx, "text/plain", CHANGING, Buffer.buffer(text));
  }

  private static void finalText(RoutingContext ctx, String text) {
    send(ctx, "text/plain", FINAL, Buffer.buffer(text));
  }

  private static void finalJson(RoutingContext ctx, Buffer body) {
    send(ctx, "application/json", FINAL, body);
  }

  private static void send(RoutingContext ctx, String type, String caching, Buffer body) {
    ctx.response().putHeader("Content-Type", type).putHeader("Cache-Control", caching).end(body);
  }
}
