package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Invoice;
import network.tender.merchant.InvoiceWalks;
import network.tender.settlement.BusyException;
import network.tender.web.AnswerRoom;
import network.tender.web.Problems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A long list on its way: some invoices are read, written and forgotten, then the next, as fast as
 * the reader takes them. If anything goes wrong, the connection ends before the list does, so that
 * no reader takes a part for the whole.
 */
final class InvoiceStream {
  private static final Logger LOG = LoggerFactory.getLogger(InvoiceStream.class);

  /** Who takes nothing for so long is hung up on: others want to read too. */
  private static final long PATIENCE_MILLIS = 30_000;

  private static final int PART_BYTES = 1_000_000;

  private final Call call;
  private final RoutingContext ctx;
  private final HttpServerResponse response;
  private final InvoiceWalks.Walk walk;
  private final Function<Invoice, JsonNode> json;
  private boolean isFirst = true;
  private boolean over;

  /**
   * A list for a request.
   *
   * @param walk to be ended with the answer
   * @param json what is written of each
   */
  InvoiceStream(Call call, InvoiceWalks.Walk walk, Function<Invoice, JsonNode> json) {
    this.call = call;
    this.ctx = call.ctx();
    this.response = ctx.response();
    this.walk = walk;
    this.json = json;
  }

  void begin() {
    if (response.closed()) {
      walk.end(); // Gone while the first were read: nobody else would notice.
      return;
    }
    ctx.addEndHandler(
        ended -> {
          over = true;
          walk.end();
        });
    boolean isHead = ctx.request().method().equals(HttpMethod.HEAD);
    Optional<AnswerRoom.PartedAnswer> room =
        isHead ? Optional.empty() : AnswerRoom.of(ctx).begin(ctx, call.key().userId(), PART_BYTES);
    if (!isHead && room.isEmpty()) {
      ctx.fail(Problems.unavailable(new BusyException()));
      return;
    }
    if (isHead) {
      putHeaders();
      response.end();
      walk.end();
    } else {
      next(room.get());
    }
  }

  private void putHeaders() {
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, GreenfieldSurface.JSON)
        .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
  }

  /** Reads some and writes them, in a turn; who reads slowly has none. */
  private void next(AnswerRoom.PartedAnswer answer) {
    LongList.inTurn(call, () -> walk.next().compose(this::written))
        .onSuccess(
            part -> {
              if (!over) {
                write(answer, part);
              }
            })
        .onFailure(this::cut);
  }

  /** The end of the list if there are no more. */
  private Future<Buffer> written(List<Invoice> invoices) {
    boolean first = isFirst;
    isFirst = false;
    return ctx.vertx()
        .executeBlocking(
            () -> {
              if (invoices.isEmpty()) {
                return Buffer.buffer(first ? "[]" : "]");
              }
              Buffer part = Buffer.buffer();
              for (Invoice invoice : invoices) {
                part.appendByte((byte) (first && part.length() == 0 ? '[' : ','));
                part.appendBytes(ExactJson.writeBytes(json.apply(invoice)));
              }
              return part;
            },
            false);
  }

  private void write(AnswerRoom.PartedAnswer answer, Buffer part) {
    boolean isLast = part.length() <= 2;
    if (!response.headWritten()) {
      putHeaders();
    }
    long timer = ctx.vertx().setTimer(PATIENCE_MILLIS, id -> cut(new SlowReaderException()));
    answer
        .write(part)
        .onComplete(
            taken -> {
              ctx.vertx().cancelTimer(timer);
              if (over) {
                return;
              }
              if (taken.failed()) {
                cut(taken.cause());
              } else if (isLast) {
                answer.end();
                walk.end();
              } else {
                next(answer);
              }
            });
  }

  private void cut(Throwable cause) {
    if (over) {
      return;
    }
    over = true;
    walk.end();
    if (response.headWritten()) {
      LOG.debug("A list of invoices is cut: {}", cause.toString());
      response.reset();
    } else {
      // Nothing was sent: whoever asks is told, and when to ask again.
      ctx.fail(Problems.unavailable(cause));
    }
  }

  private static final class SlowReaderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SlowReaderException() {
      super("its reader takes nothing", null, false, false);
    }
  }
}
