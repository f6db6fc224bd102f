package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import network.tender.merchant.ExactJson;
import network.tender.merchant.ListPart;
import network.tender.settlement.BusyException;
import network.tender.web.AnswerRoom;
import network.tender.web.LongQuestions;
import network.tender.web.Problems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A list that may be large. It is read in pages, each in a turn of its caller ({@link
 * LongQuestions}) and written off the event loop. One page is an answer as any other, with a tag;
 * more are sent one after the other as fast as they are read ({@link AnswerRoom}). If anything goes
 * wrong then, the connection ends before the list does, so that nobody takes a part for the whole.
 *
 * @param <T> what is listed
 */
final class LongList<T> {
  private static final Logger LOG = LoggerFactory.getLogger(LongList.class);

  /** What a page that waits for its reader is taken to be at most, before it is known. */
  private static final int PART_BYTES = 1_000_000;

  /**
   * Reads a page.
   *
   * @param <T> what is listed
   */
  @FunctionalInterface
  interface Reading<T> {
    /** The items behind a place. */
    Future<ListPart<T>> read(ListPart.Place after);
  }

  /**
   * A page as it is sent.
   *
   * @param items JSON values with commas between them
   * @param next where the list goes on; empty if no page follows
   */
  private record Written(Buffer items, Optional<ListPart.Place> next) {}

  private final Call call;
  private final Reading<T> reading;
  private final Function<T, JsonNode> json;

  /**
   * A list for a caller.
   *
   * @param json how each is written; called on any thread
   */
  LongList(Call call, Reading<T> reading, Function<T, JsonNode> json) {
    this.call = call;
    this.reading = reading;
    this.json = json;
  }

  /** Reads the first page. */
  Future<GreenfieldSurface.Listed> answer() {
    return inTurn(
        call,
        () ->
            reading
                .read(ListPart.Place.START)
                .compose(
                    page ->
                        page.next().isEmpty()
                            ? whole(call, page.items(), json)
                            : write(page).map(first -> ctx -> begin(ctx, first))));
  }

  /** Asks in the caller's turn. */
  static <R> Future<R> inTurn(Call call, Supplier<Future<R>> question) {
    return LongQuestions.of(call.ctx()).inTurn(call.key().userId(), question);
  }

  /** A list whose items are known, as an answer; to be called in a turn. */
  static <T> Future<GreenfieldSurface.Listed> whole(
      Call call, List<T> items, Function<T, JsonNode> json) {
    return call.ctx()
        .vertx()
        .executeBlocking(
            () -> {
              Buffer body = Buffer.buffer("[");
              body.appendBuffer(written(items, json)).appendString("]");
              String tag = EntityTags.of(body);
              return ctx -> GreenfieldSurface.end(ctx, body, tag);
            },
            false);
  }

  private static <T> Buffer written(List<T> items, Function<T, JsonNode> json) {
    Buffer written = Buffer.buffer();
    for (T item : items) {
      if (written.length() > 0) {
        written.appendByte((byte) ',');
      }
      written.appendBytes(ExactJson.writeBytes(json.apply(item)));
    }
    return written;
  }

  private Future<Written> write(ListPart<T> page) {
    return call.ctx()
        .vertx()
        .executeBlocking(() -> new Written(written(page.items(), json), page.next()), false);
  }

  private void begin(RoutingContext ctx, Written first) {
    if (ctx.request().method().equals(HttpMethod.HEAD)) {
      putHeaders(ctx);
      ctx.response().end();
      return;
    }
    Optional<AnswerRoom.PartedAnswer> room =
        AnswerRoom.of(ctx).begin(ctx, call.key().userId(), PART_BYTES);
    if (room.isEmpty()) {
      ctx.fail(Problems.unavailable(new BusyException()));
      return;
    }
    putHeaders(ctx);
    room.get().write(Buffer.buffer("[")).onSuccess(begun -> send(room.get(), true, first));
  }

  /** Also for {@code HEAD}: nobody knows the length. */
  private static void putHeaders(RoutingContext ctx) {
    ctx.response()
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, GreenfieldSurface.JSON)
        .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
  }

  /**
   * Sends a page and all behind it.
   *
   * @param none true if no item has been sent yet
   */
  private void send(AnswerRoom.PartedAnswer answer, boolean none, Written page) {
    boolean empty = page.items().length() == 0;
    Buffer part = Buffer.buffer(none || empty ? "" : ",").appendBuffer(page.items());
    if (page.next().isEmpty()) {
      answer
          .write(part.appendString("]"))
          .onSuccess(taken -> answer.end())
          .onFailure(failure -> abort(answer, failure));
      return;
    }
    answer
        .write(part)
        .compose(
            taken ->
                inTurn(call, () -> reading.read(page.next().orElseThrow()).compose(this::write)))
        .onSuccess(next -> send(answer, none && empty, next))
        .onFailure(failure -> abort(answer, failure));
  }

  private static void abort(AnswerRoom.PartedAnswer answer, Throwable failure) {
    if (!answer.isOver()) {
      LOG.debug("A list is cut: {}", failure.toString());
      answer.abort();
    }
  }
}
