package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Invoice;
import network.tender.merchant.InvoiceWalks;
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

  private static final long READ_SECONDS = 15;

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
  InvoiceStream(RoutingContext ctx, InvoiceWalks.Walk walk, Function<Invoice, JsonNode> json) {
    this.ctx = ctx;
    this.response = ctx.response();
    this.walk = walk;
    this.json = json;
  }

  void begin() {
    ctx.addEndHandler(
        ended -> {
          over = true;
          walk.end();
        });
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json; charset=utf-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
    if (ctx.request().method().equals(HttpMethod.HEAD)) {
      response.end();
    } else {
      next();
    }
  }

  private void next() {
    walk.next()
        .timeout(READ_SECONDS, TimeUnit.SECONDS)
        .map(
            invoices -> {
              if (!over) {
                write(invoices);
              }
              return invoices;
            })
        .onFailure(this::cut);
  }

  private void write(List<Invoice> invoices) {
    if (invoices.isEmpty()) {
      response.end("]");
      return;
    }
    Buffer part = Buffer.buffer();
    for (Invoice invoice : invoices) {
      part.appendByte((byte) (isFirst ? '[' : ','));
      part.appendBytes(ExactJson.writeBytes(json.apply(invoice)));
      isFirst = false;
    }
    response.write(part);
    if (!response.writeQueueFull()) {
      // Not at once: what is known already would all be written by one step of the event loop.
      ctx.vertx().runOnContext(go -> next());
      return;
    }
    long timer = ctx.vertx().setTimer(PATIENCE_MILLIS, id -> cut(new SlowReaderException()));
    response.drainHandler(
        drained -> {
          response.drainHandler(null);
          if (ctx.vertx().cancelTimer(timer) && !over) {
            next();
          }
        });
  }

  private void cut(Throwable cause) {
    if (!over) {
      LOG.debug("A list of invoices is cut: {}", cause.toString());
      over = true;
      walk.end();
      response.reset();
    }
  }

  private static final class SlowReaderException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SlowReaderException() {
      super("its reader takes nothing", null, false, false);
    }
  }
}
