package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.journal.ChainIndex;
import network.tender.journal.ScriptTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.PendingTransfer;
import network.tender.settlement.Settlement;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;

/**
 * Questions about scripts, by the hash or by the address. Lists join what is pending with the
 * blocks below that moment, so that each transfer is in exactly one of the two.
 */
final class ScriptRoutes {
  /** Confirmed transactions on a page; clients ask again after a full one. */
  private static final int PAGE = 25;

  /** Most pending transactions in an answer; there are no pages of them. */
  private static final int MAX_PENDING = 50;

  /** Most coins of one script in an answer. */
  private static final int MAX_COINS = 10_000;

  /** How often coins are read because a block came in between; then the client is to ask again. */
  private static final int MAX_READINGS = 4;

  /** What a transaction and an address of its own are called in the JSON. */
  private record Target(String member, String text, Hash hash) {}

  private final Vertx vertx;
  private final Network network;
  private final ChainReader chain;
  private final ChainIndex index;
  private final PendingReader pending;
  private final Settlement settlement;
  private final EsploraJson json;

  ScriptRoutes(
      Vertx vertx,
      Network network,
      ChainReader chain,
      ChainIndex index,
      PendingReader pending,
      Settlement settlement,
      EsploraJson json) {
    this.vertx = vertx;
    this.network = network;
    this.chain = chain;
    this.index = index;
    this.pending = pending;
    this.settlement = settlement;
    this.json = json;
  }

  void mount(Routes routes) {
    mount(routes, "/scripthash/:script", this::scriptHash);
    mount(routes, "/address/:script", this::address);
    // A list of all addresses is not kept; electrs answers so where it keeps none.
    routes.get(
        "/address-prefix/:prefix",
        ctx -> {
          throw EsploraErrors.badInput("address search disabled").toException();
        });
  }

  private void mount(Routes routes, String path, Function<RoutingContext, Target> target) {
    routes.inTurn(path, ctx -> stats(target.apply(ctx)));
    routes.inTurn(
        path + "/txs",
        ctx ->
            history(
                target.apply(ctx).hash(),
                PathValues.query(ctx, "after_txid").map(PathValues::hash)));
    routes.inTurn(path + "/txs/chain", ctx -> chain(target.apply(ctx).hash(), Optional.empty()));
    routes.inTurn(
        path + "/txs/chain/:last",
        ctx -> chain(target.apply(ctx).hash(), Optional.of(PathValues.hash(ctx, "last"))));
    routes.inTurn(path + "/txs/mempool", ctx -> pendingOnly(target.apply(ctx).hash()));
    routes.inTurn(path + "/utxo", ctx -> unspent(target.apply(ctx).hash(), MAX_READINGS));
  }

  private Target scriptHash(RoutingContext ctx) {
    String text = ctx.pathParam("script");
    return new Target("scripthash", text, PathValues.scriptHash(text));
  }

  private Target address(RoutingContext ctx) {
    String text = ctx.pathParam("script");
    return new Target("address", text, PathValues.addressHash(text, network));
  }

  // Sums.

  private Future<Answer> stats(Target target) {
    return pending
        .ofScript(target.hash(), 0)
        .compose(
            waiting ->
                index
                    .totals(target.hash(), waiting.height())
                    .map(
                        settled ->
                            Answer.changing(
                                new JsonObject()
                                    .put(target.member(), target.text())
                                    .put("chain_stats", totals(settled))
                                    .put("mempool_stats", totals(waiting.totals())))));
  }

  private static JsonObject totals(ScriptTotals totals) {
    return new JsonObject()
        .put("funded_txo_count", totals.fundedCount())
        .put("funded_txo_sum", totals.fundedSat())
        .put("spent_txo_count", totals.spentCount())
        .put("spent_txo_sum", totals.spentSat())
        .put("tx_count", totals.transactions());
  }

  // Histories.

  /** What is pending and the newest page, or what comes behind a transaction of either. */
  private Future<Answer> history(Hash scriptHash, Optional<Hash> behind) {
    return pending
        .ofScript(scriptHash, behind.isEmpty() ? MAX_PENDING : Integer.MAX_VALUE)
        .compose(
            waiting -> {
              int from = behind.map(txid -> behind(waiting.transfers(), txid)).orElse(0);
              if (from < 0) {
                return chain(scriptHash, behind);
              }
              List<ShownTransaction> all = new ArrayList<>();
              waiting.transfers().stream()
                  .skip(from)
                  .limit(MAX_PENDING)
                  .map(ShownTransaction::of)
                  .forEach(all::add);
              // Always, however many are pending: clients go on behind the last of the list, and
              // behind a pending one there is nothing for them.
              return page(scriptHash, Optional.of(top(waiting.height())))
                  .compose(chain::transactions)
                  .compose(
                      settled -> {
                        all.addAll(settled);
                        return list(all);
                      });
            });
  }

  /** Where the list goes on behind a transaction; -1 if it is not in it. */
  private static int behind(List<PendingTransfer> transfers, Hash txid) {
    for (int i = 0; i < transfers.size(); i++) {
      if (transfers.get(i).transfer().txid().equals(txid)) {
        return i + 1;
      }
    }
    return -1;
  }

  /** The place above all of a block. */
  private static ChainIndex.Place top(int height) {
    return new ChainIndex.Place(height + 1, 0);
  }

  private Future<Answer> chain(Hash scriptHash, Optional<Hash> behind) {
    return (behind.isEmpty()
            ? page(scriptHash, Optional.empty())
            : behind(scriptHash, behind.get())
                .compose(
                    place ->
                        place.isEmpty()
                            ? Future.succeededFuture(List.<ChainIndex.Place>of())
                            : page(scriptHash, place)))
        .compose(chain::transactions)
        .compose(this::list);
  }

  /** The place of a transaction in a script's history; none if it is not in there. */
  private Future<Optional<ChainIndex.Place>> behind(Hash scriptHash, Hash txid) {
    return index
        .find(txid)
        .compose(
            place ->
                place.isEmpty()
                    ? Future.succeededFuture(place)
                    : index
                        .history(scriptHash, Optional.of(next(place.get())), 1)
                        .map(
                            newest ->
                                newest.equals(List.of(place.get())) ? place : Optional.empty()));
  }

  /** The place just above another. */
  private static ChainIndex.Place next(ChainIndex.Place place) {
    return new ChainIndex.Place(place.height(), place.position() + 1);
  }

  private Future<List<ChainIndex.Place>> page(Hash scriptHash, Optional<ChainIndex.Place> before) {
    return index.history(scriptHash, before, PAGE);
  }

  private Future<Answer> pendingOnly(Hash scriptHash) {
    return pending
        .ofScript(scriptHash, MAX_PENDING)
        .compose(waiting -> list(waiting.transfers().stream().map(ShownTransaction::of).toList()));
  }

  private Future<Answer> list(List<ShownTransaction> all) {
    return Answer.written(
        vertx, ShownTransaction.sourceBytes(all), () -> Answer.changing(json.transactions(all)));
  }

  // Coins.

  private Future<Answer> unspent(Hash scriptHash, int readings) {
    return pending
        .coinsOf(scriptHash)
        .compose(
            waiting ->
                settlement
                    .coinsOf(scriptHash, MAX_COINS + 1)
                    .compose(
                        coins -> {
                          // A block between the two would have moved coins from one to the other.
                          if (chain.tip() == waiting.height()) {
                            return unspent(requireFew(coins), waiting);
                          }
                          if (readings <= 1) {
                            throw Problem.of(ProblemCode.BUSY)
                                .with(Problem.RETRY_AFTER_SECONDS, 1)
                                .toException();
                          }
                          return unspent(scriptHash, readings - 1);
                        }));
  }

  /** This list has no pages, in electrs neither; a part of it would be taken for all there is. */
  private static Map<Outpoint, Coin> requireFew(Map<Outpoint, Coin> coins) {
    if (coins.size() > MAX_COINS) {
      throw EsploraErrors.badInput("Too many unspent transaction outputs").toException();
    }
    return coins;
  }

  private Future<Answer> unspent(Map<Outpoint, Coin> coins, PendingIndex.Coins waiting) {
    return chain
        .cards(coins.values().stream().map(Coin::height).toList())
        .compose(
            cards ->
                Answer.written(
                    vertx,
                    150L * coins.size(),
                    () -> Answer.changing(unspent(coins, waiting, cards))));
  }

  private static JsonArray unspent(
      Map<Outpoint, Coin> coins, PendingIndex.Coins waiting, Map<Integer, BlockCard> cards) {
    JsonArray list = new JsonArray();
    coins.forEach(
        (outpoint, coin) -> {
          BlockCard card = cards.get(coin.height());
          if (card != null && !waiting.spent().contains(outpoint)) {
            list.add(unspent(outpoint, EsploraJson.status(card), coin.amount().sat()));
          }
        });
    waiting
        .created()
        .forEach(
            (outpoint, sat) -> {
              if (!coins.containsKey(outpoint)) {
                list.add(unspent(outpoint, EsploraJson.unconfirmed(), sat));
              }
            });
    return list;
  }

  private static JsonObject unspent(Outpoint outpoint, JsonObject status, long sat) {
    return new JsonObject()
        .put("txid", outpoint.txid().toString())
        .put("vout", Integer.toUnsignedLong(outpoint.index()))
        .put("status", status)
        .put("value", sat);
  }
}
