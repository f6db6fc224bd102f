package network.tender.journal;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The one context on which an object's state is touched, so that it needs no locks.
 *
 * @param vertx whose context it is
 * @param context an event-loop context
 */
record EventLoop(Vertx vertx, Context context) {
  /** The caller's own context. */
  static EventLoop current(Vertx vertx) {
    return new EventLoop(vertx, vertx.getOrCreateContext());
  }

  /** Does something on the context; its result arrives on the caller's context. */
  <T> Future<T> call(Supplier<Future<T>> work) {
    if (Vertx.currentContext() == context) {
      return work.get();
    }
    Context caller = vertx.getOrCreateContext();
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        v ->
            attempt(work)
                .onComplete(
                    result ->
                        caller.runOnContext(
                            w -> {
                              if (result.succeeded()) {
                                promise.complete(result.result());
                              } else {
                                promise.fail(result.cause());
                              }
                            })));
    return promise.future();
  }

  private static <T> Future<T> attempt(Supplier<Future<T>> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /**
   * The same result, or a failure once the time is over; on the context, unlike {@link
   * Future#timeout}. What the Future stands for is not stopped.
   */
  <T> Future<T> within(Duration limit, Future<T> future) {
    Promise<T> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            Math.max(1, limit.toMillis()),
            id -> promise.tryFail(new TimeoutException("no answer within " + limit)));
    future.onComplete(
        result -> {
          vertx.cancelTimer(timer);
          if (result.succeeded()) {
            promise.tryComplete(result.result());
          } else {
            promise.tryFail(result.cause());
          }
        });
    return promise.future();
  }
}
