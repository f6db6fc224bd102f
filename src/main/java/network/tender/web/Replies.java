package network.tender.web;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Answers requests with what a Future brings. */
public final class Replies {
  /** A database that hangs must not make callers hang with it. */
  private static final long READ_LIMIT_SECONDS = 15;

  private Replies() {}

  /**
   * Writes the answer once its data has been read from the journal or an index; if that can't be
   * done in time, a 503.
   */
  public static <T> void read(RoutingContext ctx, Future<T> data, Consumer<T> writer) {
    read(ctx, data, writer, late -> {});
  }

  /**
   * As {@link #read(RoutingContext, Future, Consumer)}, for data that has to be given back.
   *
   * @param late takes what comes after the answer was given without it
   */
  public static <T> void read(
      RoutingContext ctx, Future<T> data, Consumer<T> writer, Consumer<T> late) {
    read(ctx, data, writer, late, TimeUnit.SECONDS.toMillis(READ_LIMIT_SECONDS));
  }

  static <T> void read(
      RoutingContext ctx, Future<T> data, Consumer<T> writer, Consumer<T> late, long limitMillis) {
    Future<T> inTime = inTime(ctx, data, limitMillis);
    inTime.onFailure(missed -> data.onSuccess(late::accept));
    write(ctx, inTime, writer);
  }

  /**
   * The same result, or a {@link TimeoutException} once the time is over. The clock is that of the
   * request's own event loop: {@link Future#timeout} wakes another thread twice for each request
   * whose data no context belongs to, which costs more than many an answer.
   *
   * @param limitMillis at least 1
   */
  public static <T> Future<T> inTime(RoutingContext ctx, Future<T> data, long limitMillis) {
    if (data.isComplete()) {
      return data;
    }
    Vertx vertx = ctx.vertx();
    Promise<T> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            limitMillis,
            id -> promise.tryFail(new TimeoutException("no answer in " + limitMillis + " ms")));
    data.onComplete(
        read -> {
          vertx.cancelTimer(timer);
          if (read.succeeded()) {
            promise.tryComplete(read.result());
          } else {
            promise.tryFail(read.cause());
          }
        });
    return promise.future();
  }

  /**
   * Writes the answer once its data is there, however long that takes. If the data can't be had
   * now, that is a 503; if something else goes wrong, or writing throws, it is a problem's own
   * status or a bug, but always an answer.
   */
  public static <T> void write(RoutingContext ctx, Future<T> data, Consumer<T> writer) {
    Context loop = ctx.vertx().getOrCreateContext();
    data.onComplete(
        read -> {
          // A time limit may be over on a thread that is none of ours.
          if (Vertx.currentContext() == null) {
            loop.runOnContext(here -> answer(ctx, read, writer));
          } else {
            answer(ctx, read, writer);
          }
        });
  }

  private static <T> void answer(RoutingContext ctx, AsyncResult<T> read, Consumer<T> writer) {
    if (read.failed()) {
      ctx.fail(Problems.unavailable(read.cause()));
      return;
    }
    try {
      writer.accept(read.result());
    } catch (RuntimeException e) {
      ctx.fail(e);
    }
  }
}
