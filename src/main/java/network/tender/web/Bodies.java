package network.tender.web;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a request's body with a limit, for the paths in {@link Surface#rawBodyPaths}. */
public final class Bodies {
  private static final Logger LOG = LoggerFactory.getLogger(Bodies.class);

  private Bodies() {}

  /**
   * The body, empty if there is none. Fails with {@link ProblemCode#BODY_TOO_LARGE} as soon as more
   * than {@code limitBytes} are announced or have arrived; the rest is then passed over.
   */
  public static Future<Buffer> read(HttpServerRequest request, int limitBytes) {
    String announced = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (announced != null && isAbove(announced, limitBytes)) {
      return Future.failedFuture(tooLarge(limitBytes));
    }
    Collector collector = new Collector(limitBytes);
    request.handler(collector::take);
    request.endHandler(end -> collector.finish());
    request.exceptionHandler(collector::fail);
    return collector.promise.future();
  }

  private static boolean isAbove(String announced, int limitBytes) {
    try {
      return Long.parseLong(announced) > limitBytes;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private static ProblemException tooLarge(int limitBytes) {
    return Problem.of(
            ProblemCode.BODY_TOO_LARGE,
            "The body is larger than the " + limitBytes + " bytes that this path accepts.")
        .with("limitBytes", limitBytes)
        .toException();
  }

  private static final class Collector {
    private final Promise<Buffer> promise = Promise.promise();
    private final int limitBytes;
    private @Nullable Buffer body;

    Collector(int limitBytes) {
      this.limitBytes = limitBytes;
    }

    void take(Buffer chunk) {
      Buffer soFar = body;
      int length = soFar == null ? 0 : soFar.length();
      if (length + chunk.length() > limitBytes) {
        promise.tryFail(tooLarge(limitBytes));
      } else if (soFar == null) {
        body = chunk; // small requests come in one piece
      } else {
        body = (soFar.length() == 0 ? Buffer.buffer() : soFar).appendBuffer(chunk);
      }
    }

    void finish() {
      Buffer all = body;
      promise.tryComplete(all == null ? Buffer.buffer(0) : all);
    }

    void fail(Throwable cause) {
      LOG.debug("A caller went away: {}", String.valueOf(cause));
      promise.tryFail(
          Problem.of(ProblemCode.REQUEST_TIMEOUT, "The body did not arrive: " + cause.getMessage())
              .toException());
    }
  }
}
