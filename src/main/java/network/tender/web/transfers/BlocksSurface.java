package network.tender.web.transfers;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.follower.FollowerStatus;
import network.tender.journal.Journal;
import network.tender.journal.StoredBlock;
import network.tender.settlement.Settlement;
import network.tender.web.AnswerRoom;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;
import network.tender.web.Replies;
import network.tender.web.Surface;

/** {@code /v1/blocks}, {@code /v1/network} and {@code /v1/validators}: what a verifier needs. */
public final class BlocksSurface implements Surface {
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence OCTETS =
      HttpHeaders.createOptimized("application/octet-stream");

  private static final int DEFAULT_PAGE = 10;

  /** Blocks with more transactions than this are written out on a worker thread. */
  private static final int LARGE_BLOCK_TRANSACTIONS = 200;

  private final Network network;
  private final Journal journal;
  private final Settlement settlement;
  private final Supplier<Optional<FollowerStatus>> following;
  private final AnswerRoom room;

  /**
   * The surface over a journal.
   *
   * @param following how this node follows another; empty if it seals blocks itself
   */
  public BlocksSurface(
      Network network,
      Journal journal,
      Settlement settlement,
      Supplier<Optional<FollowerStatus>> following,
      AnswerRoom room) {
    this.room = room;
    this.network = network;
    this.journal = journal;
    this.settlement = settlement;
    this.following = following;
  }

  @Override
  public void bind(RouterBuilder builder) {
    // The validator takes an id of digits for a number, and some hashes look like one.
    builder.getRoute("getBlock").setDoValidation(false).addHandler(this::getBlock);
    builder.getRoute("listBlocks").addHandler(this::listBlocks);
    builder.getRoute("getNetwork").addHandler(this::getNetwork);
    builder.getRoute("getValidators").addHandler(this::getValidators);
  }

  private void getBlock(RoutingContext ctx) {
    String id = ctx.pathParam("id");
    boolean raw = wantsRaw(ctx);
    // Never a block that the node itself does not tell of yet: the journal may be ahead.
    int tip = settlement.status().height();
    Replies.read(
        ctx,
        room.inTurn(
            () -> isHeight(id) ? journal.byHeight(Integer.parseInt(id)) : journal.byHash(hash(id))),
        found -> answer(ctx, found.filter(block -> block.height() <= tip), raw));
  }

  /** Ten digits and more are no height of any chain, and 64 may be a hash. */
  private static boolean isHeight(String id) {
    return !id.isEmpty() && id.length() <= 9 && id.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static Hash hash(String id) {
    try {
      return Hash.fromDisplayHex(id);
    } catch (IllegalArgumentException e) {
      throw Problem.of(
              ProblemCode.INVALID_HASH,
              "A block is named by its height, at most 9 digits, or by its hash, 64 hex digits.")
          .toException();
    }
  }

  private static boolean wantsRaw(RoutingContext ctx) {
    List<String> format = ctx.queryParam("format");
    if (!format.isEmpty()) {
      return switch (format.get(0)) {
        case "raw" -> true;
        case "json" -> false;
        default ->
            throw Problem.of(
                    ProblemCode.INVALID_REQUEST, "The parameter 'format' is 'json' or 'raw'.")
                .toException();
      };
    }
    String accept = ctx.request().getHeader(HttpHeaders.ACCEPT);
    return accept != null
        && accept.toLowerCase(Locale.ROOT).strip().startsWith("application/octet-stream");
  }

  private void answer(RoutingContext ctx, Optional<StoredBlock> found, boolean raw) {
    if (found.isEmpty()) {
      ctx.fail(
          Problem.of(
                  ProblemCode.BLOCK_NOT_FOUND,
                  "The chain has no such block; its newest height is "
                      + settlement.status().height()
                      + ".")
              .toException());
      return;
    }
    StoredBlock block = found.get();
    String etag = "\"" + block.hash() + (raw ? "-raw\"" : "-json\"");
    ctx.response()
        .putHeader(HttpHeaders.ETAG, etag)
        .putHeader(HttpHeaders.VARY, "Accept")
        // One block is final, so even the block at a height never changes.
        .putHeader(HttpHeaders.CACHE_CONTROL, TransfersSurface.IMMUTABLE);
    String known = ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH);
    if (known != null && known.contains(etag)) {
      ctx.response().setStatusCode(304).end();
      return;
    }
    Callable<Buffer> write =
        raw
            ? () -> Buffer.buffer(block.block().toBytes())
            : () -> BlockJson.whole(block).toBuffer();
    render(ctx, block, write)
        .onSuccess(
            body -> {
              ctx.response().putHeader(HttpHeaders.CONTENT_TYPE, raw ? OCTETS : JSON);
              room.send(ctx, body);
            })
        .onFailure(ctx::fail);
  }

  private static Future<Buffer> render(
      RoutingContext ctx, StoredBlock block, Callable<Buffer> write) {
    if (block.block().transactions().size() > LARGE_BLOCK_TRANSACTIONS) {
      return ctx.vertx().executeBlocking(write, false);
    }
    try {
      return Future.succeededFuture(write.call());
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  private void listBlocks(RoutingContext ctx) {
    int tip = settlement.status().height();
    int before = Math.min(intParam(ctx, "before", tip + 1), tip + 1);
    int limit = intParam(ctx, "limit", DEFAULT_PAGE);
    int from = Math.max(0, before - limit);
    int count = before - from;
    Replies.read(
        ctx,
        count == 0
            ? Future.succeededFuture(List.of())
            : room.inTurn(() -> journal.read(from, count)),
        blocks -> answerList(ctx, blocks, from));
  }

  /** The contract has already bounded the values. */
  private static int intParam(RoutingContext ctx, String name, int otherwise) {
    List<String> values = ctx.queryParam(name);
    return values.isEmpty() ? otherwise : Integer.parseInt(values.get(0));
  }

  private static void answerList(RoutingContext ctx, List<StoredBlock> blocks, int from) {
    List<StoredBlock> newestFirst = new ArrayList<>(blocks);
    Collections.reverse(newestFirst);
    JsonArray list = new JsonArray();
    for (StoredBlock block : newestFirst) {
      list.add(BlockJson.summary(block.height(), block.hash(), block.block(), block.timeMillis()));
    }
    JsonObject page = new JsonObject().put("blocks", list);
    if (from > 0) {
      page.put("nextBefore", from);
    }
    ctx.response()
        .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
        .end(page.toBuffer());
  }

  private void getNetwork(RoutingContext ctx) {
    Settlement.Status status = settlement.status();
    JsonObject tip =
        new JsonObject()
            .put("height", status.height())
            .put("hash", status.hash().toString())
            .put("time", Instant.ofEpochMilli(status.timeMillis()).toString())
            .put("timeMillis", status.timeMillis());
    JsonObject json =
        validators()
            .put("name", network.name())
            .put("hrp", network.hrp())
            .put("pubKeyHashPrefix", network.pubKeyHashPrefix())
            .put("scriptHashPrefix", network.scriptHashPrefix())
            .put("coinCode", network.coinCode())
            .put("uriScheme", network.uriScheme())
            .put("paymentMethodId", network.paymentMethodId())
            .put("feeFloorSatPerKvb", network.feeFloorSatPerKvb())
            .put("genesisHash", Network.genesis().hash().toString())
            .put("regtest", network.isRegtest())
            .put("tip", tip)
            .put("totals", BlockJson.totals(status.totals()))
            .put("pendingTransfers", status.pendingTransfers());
    following.get().ifPresent(how -> json.put("follows", follows(how, status.height())));
    ctx.response()
        .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
        .end(json.toBuffer());
  }

  private static JsonObject follows(FollowerStatus how, int height) {
    JsonObject json =
        new JsonObject()
            .put("node", how.node().toString())
            .put("state", how.state().code())
            .put("nodeHeight", how.nodeHeight())
            .put("lagBlocks", Math.max(0, how.nodeHeight() - height));
    if (how.contactMillis() > 0) {
      json.put("contact", Instant.ofEpochMilli(how.contactMillis()).toString());
    }
    how.alarm()
        .ifPresent(
            alarm -> {
              JsonObject told =
                  new JsonObject()
                      .put("height", alarm.height())
                      .put("code", alarm.code())
                      .put("detail", alarm.detail());
              alarm.blockHash().ifPresent(hash -> told.put("blockHash", hash.toString()));
              json.put("alarm", told);
            });
    return json;
  }

  private void getValidators(RoutingContext ctx) {
    ctx.response()
        .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
        .end(validators().toBuffer());
  }

  /** The form of the file that {@code receipt verify --validators} reads. */
  private JsonObject validators() {
    JsonArray keys = new JsonArray();
    network.validators().forEach(key -> keys.add(key.toString()));
    return new JsonObject()
        .put("network", network.name())
        .put("quorum", network.validators().size())
        .put("validators", keys);
  }
}
