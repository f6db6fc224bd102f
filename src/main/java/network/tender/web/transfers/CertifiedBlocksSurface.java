package network.tender.web.transfers;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.List;
import network.tender.journal.Journal;
import network.tender.ledger.CertifiedBlock;
import network.tender.settlement.Settlement;
import network.tender.web.AnswerRoom;
import network.tender.web.Problem;
import network.tender.web.ProblemCode;
import network.tender.web.Replies;
import network.tender.web.StreamMetrics;
import network.tender.web.Surface;

/** {@code /v1/certified-blocks}: many blocks in one answer, for nodes that verify the chain. */
public final class CertifiedBlocksSurface implements Surface {
  /** The header that says how high the chain is. */
  public static final String TIP_HEIGHT = "Tender-Tip-Height";

  /** What an answer's blocks may take, unless the first alone takes more. */
  private static final int MAX_BYTES = 4_000_000;

  private static final int MAX_BLOCKS = 500;
  private static final CharSequence OCTETS =
      HttpHeaders.createOptimized("application/octet-stream");
  private static final int RETRY_SECONDS = 5;

  private final Journal journal;
  private final Settlement settlement;
  private final BlockWaiters waiters;
  private final AnswerRoom room;

  /**
   * The surface over a journal.
   *
   * @param metrics whoever waits for a block has a place among the live streams
   */
  public CertifiedBlocksSurface(
      Vertx vertx, Journal journal, Settlement settlement, StreamMetrics metrics, AnswerRoom room) {
    this.room = room;
    this.journal = journal;
    this.settlement = settlement;
    this.waiters = new BlockWaiters(vertx, settlement, metrics);
  }

  @Override
  public void bind(RouterBuilder builder) {
    builder.getRoute("getCertifiedBlocks").addHandler(this::getCertifiedBlocks);
  }

  @Override
  public void drain() {
    waiters.close();
  }

  private void getCertifiedBlocks(RoutingContext ctx) {
    int from = number(ctx, "from", 0);
    int limit = number(ctx, "limit", MAX_BLOCKS);
    Future<Void> there =
        waiters
            .await(from, number(ctx, "waitMillis", 0), ctx)
            .orElseThrow(
                () ->
                    Problem.of(ProblemCode.TOO_MANY_STREAMS)
                        .with(Problem.RETRY_AFTER_SECONDS, RETRY_SECONDS)
                        .toException());
    there.onComplete(
        done -> {
          if (ctx.response().closed()) {
            return;
          }
          int tip = settlement.status().height();
          Replies.read(
              ctx, room.inTurn(() -> blocks(from, limit, tip)), blocks -> answer(ctx, blocks, tip));
        });
  }

  /** Never a block that the node itself does not tell of yet. */
  private Future<List<CertifiedBlock>> blocks(int from, int limit, int tip) {
    return from > tip
        ? Future.succeededFuture(List.of())
        : journal.certified(from, Math.min(limit, tip - from + 1), MAX_BYTES);
  }

  private void answer(RoutingContext ctx, List<CertifiedBlock> blocks, int tip) {
    ctx.response()
        .putHeader(HttpHeaders.CONTENT_TYPE, OCTETS)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(TIP_HEIGHT, Integer.toString(tip));
    room.send(ctx, Buffer.buffer(CertifiedBlock.encode(blocks)));
  }

  /** The contract has already bounded the values. */
  private static int number(RoutingContext ctx, String name, int otherwise) {
    List<String> values = ctx.queryParam(name);
    return values.isEmpty() ? otherwise : Integer.parseInt(values.get(0));
  }
}
