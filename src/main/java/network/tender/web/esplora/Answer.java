package network.tender.web.esplora;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/**
 * A successful answer; its status is always 200.
 *
 * @param type its media type
 * @param caching the header {@code Cache-Control}
 * @param body its bytes
 */
record Answer(String type, String caching, Buffer body) {
  /** One block is final, so what is in a block never changes. */
  private static final String FINAL = "public, max-age=157784630";

  /** The next block is a fraction of a second away: whoever keeps this has to ask again. */
  private static final String CHANGING = "no-cache";

  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain";
  private static final String OCTETS = "application/octet-stream";

  /** About what is written as JSON within a millisecond or two. */
  private static final int INLINE_BYTES = 30_000;

  /** JSON that is written already. */
  static Answer changing(Buffer json) {
    return new Answer(JSON, CHANGING, json);
  }

  static Answer changing(JsonObject json) {
    return new Answer(JSON, CHANGING, json.toBuffer());
  }

  static Answer changing(JsonArray json) {
    return new Answer(JSON, CHANGING, json.toBuffer());
  }

  static Answer changing(String text) {
    return new Answer(TEXT, CHANGING, Buffer.buffer(text));
  }

  /** JSON that is written already. */
  static Answer lasting(Buffer json) {
    return new Answer(JSON, FINAL, json);
  }

  static Answer lasting(JsonObject json) {
    return new Answer(JSON, FINAL, json.toBuffer());
  }

  static Answer lasting(JsonArray json) {
    return new Answer(JSON, FINAL, json.toBuffer());
  }

  static Answer lasting(String text) {
    return new Answer(TEXT, FINAL, Buffer.buffer(text));
  }

  static Answer lasting(byte[] bytes) {
    return new Answer(OCTETS, FINAL, Buffer.buffer(bytes));
  }

  /** The same answer for something that may still change its place. */
  Answer unlessPending(boolean pending) {
    return pending ? new Answer(type, CHANGING, body) : this;
  }

  /**
   * Writes an answer or a part of one, on a worker thread if it is too long for an event loop.
   *
   * @param sourceBytes about what it is made of, in bytes of blocks
   */
  static <T> Future<T> written(Vertx vertx, long sourceBytes, Supplier<T> writer) {
    if (sourceBytes <= INLINE_BYTES) {
      return Future.succeededFuture(writer.get());
    }
    return vertx.executeBlocking(writer::get, false);
  }
}
