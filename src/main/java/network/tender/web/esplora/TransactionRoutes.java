package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import network.tender.chain.Hash;
import network.tender.chain.MerkleTree;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.PendingTransfer;
import network.tender.settlement.Settlement;
import org.jspecify.annotations.Nullable;

/**
 * Questions about single transactions. What is pending is asked for first, then the chain: so
 * nothing is missed that moves from one to the other.
 */
final class TransactionRoutes {
  /** What an output's spender costs to write, in bytes of {@link Answer#written}. */
  private static final long OUTSPEND_BYTES = 100;

  private final Vertx vertx;
  private final ChainReader chain;
  private final Settlement settlement;
  private final EsploraJson json;

  TransactionRoutes(Vertx vertx, ChainReader chain, Settlement settlement, EsploraJson json) {
    this.vertx = vertx;
    this.chain = chain;
    this.settlement = settlement;
    this.json = json;
  }

  void mount(Routes routes) {
    String path = "/tx/:txid";
    routes.inTurn(path, ctx -> required(txid(ctx)).compose(this::shown));
    routes.inTurn(
        path + "/hex",
        text(tx -> Answer.lasting(tx.transaction().toHex()).unlessPending(tx.pending())));
    routes.inTurn(
        path + "/raw",
        text(tx -> Answer.lasting(tx.transaction().toBytes()).unlessPending(tx.pending())));
    routes.inTurn(path + "/status", ctx -> transaction(txid(ctx)).map(TransactionRoutes::status));
    routes.inTurn(path + "/merkle-proof", ctx -> confirmed(txid(ctx)).compose(this::merkleProof));
    routes.inTurn(
        path + "/merkleblock-proof", ctx -> confirmed(txid(ctx)).compose(this::merkleBlock));
    routes.inTurn(path + "/outspend/:vout", this::outspend);
    routes.inTurn(path + "/outspends", ctx -> required(txid(ctx)).compose(this::outspends));
  }

  private static Hash txid(RoutingContext ctx) {
    return PathValues.hash(ctx, "txid");
  }

  private Function<RoutingContext, Future<Answer>> text(Function<ShownTransaction, Answer> form) {
    return ctx -> required(txid(ctx)).map(form);
  }

  /** A transaction, pending or in a block. */
  Future<Optional<ShownTransaction>> transaction(Hash txid) {
    return settlement
        .pending(txid)
        .compose(
            pending ->
                pending.isPresent()
                    ? Future.succeededFuture(pending.map(ShownTransaction::of))
                    : chain.transaction(txid).map(found -> found.map(ShownTransaction::of)));
  }

  private Future<ShownTransaction> required(Hash txid) {
    return transaction(txid)
        .map(found -> found.orElseThrow(() -> EsploraErrors.transactionNotFound().toException()));
  }

  private Future<ChainReader.Located> confirmed(Hash txid) {
    return chain
        .transaction(txid)
        .map(found -> found.orElseThrow(() -> EsploraErrors.notConfirmed().toException()));
  }

  private Future<Answer> shown(ShownTransaction tx) {
    return Answer.written(
        vertx,
        tx.sourceBytes(),
        () -> Answer.lasting(json.transaction(tx)).unlessPending(tx.pending()));
  }

  private static Answer status(Optional<ShownTransaction> found) {
    boolean inBlock = found.isPresent() && !found.get().pending();
    return Answer.lasting(inBlock ? found.get().status() : EsploraJson.unconfirmed())
        .unlessPending(!inBlock);
  }

  private Future<Answer> merkleProof(ChainReader.Located tx) {
    return Answer.written(
        vertx,
        hashedBytes(tx),
        () -> {
          JsonArray merkle = new JsonArray();
          MerkleTree.branch(tx.block().block().txids(), tx.position())
              .forEach(sibling -> merkle.add(sibling.toString()));
          return Answer.lasting(
              new JsonObject()
                  .put("block_height", tx.block().height())
                  .put("merkle", merkle)
                  .put("pos", tx.position()));
        });
  }

  private Future<Answer> merkleBlock(ChainReader.Located tx) {
    return Answer.written(
        vertx,
        hashedBytes(tx),
        () -> Answer.lasting(PartialMerkleTree.merkleBlockHex(tx.block().block(), tx.position())));
  }

  /** Hashing the tree of a large block is too long a step for an event loop. */
  private static long hashedBytes(ChainReader.Located tx) {
    return 50L * tx.block().block().transactions().size();
  }

  private Future<Answer> outspend(RoutingContext ctx) {
    Outpoint outpoint = new Outpoint(txid(ctx), PathValues.number(ctx, "vout"));
    return spenders(List.of(outpoint)).map(found -> Answer.changing(outspend(found.get(outpoint))));
  }

  private Future<Answer> outspends(ShownTransaction tx) {
    List<Outpoint> outpoints =
        IntStream.range(0, tx.transaction().outputCount())
            .mapToObj(tx.transaction()::outpoint)
            .toList();
    return spenders(outpoints)
        .compose(
            found ->
                Answer.written(
                    vertx,
                    OUTSPEND_BYTES * outpoints.size(),
                    () -> {
                      JsonArray list = new JsonArray();
                      outpoints.forEach(outpoint -> list.add(outspend(found.get(outpoint))));
                      return Answer.changing(list);
                    }));
  }

  private static JsonObject outspend(@Nullable Spender spender) {
    return spender == null ? new JsonObject().put("spent", false) : spender.json();
  }

  private Future<Map<Outpoint, Spender>> spenders(List<Outpoint> outpoints) {
    return settlement
        .pendingSpenders(outpoints)
        .compose(
            pending ->
                chain
                    .spenders(outpoints.stream().filter(o -> !pending.containsKey(o)).toList())
                    .map(
                        settled -> {
                          settled.putAll(pendingSpenders(pending));
                          return settled;
                        }));
  }

  private static Map<Outpoint, Spender> pendingSpenders(Map<Outpoint, PendingTransfer> pending) {
    Map<Hash, Transaction> spenders = new HashMap<>();
    Map<Hash, Set<Outpoint>> spent = new HashMap<>();
    pending.forEach(
        (outpoint, spender) -> {
          Hash txid = spender.transfer().txid();
          spenders.put(txid, spender.transfer());
          spent.computeIfAbsent(txid, one -> new HashSet<>()).add(outpoint);
        });
    Map<Outpoint, Spender> found = new HashMap<>();
    spenders.forEach(
        (txid, spender) ->
            found.putAll(
                Spender.of(
                    spender, spent.getOrDefault(txid, Set.of()), EsploraJson.unconfirmed())));
    return found;
  }
}
