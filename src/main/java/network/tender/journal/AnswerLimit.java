package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * Ends the wait for work of many statements once none of them has been answered for a while. On one
 * context only.
 */
final class AnswerLimit {
  private final EventLoop loop;
  private final Duration limit;
  private final Promise<Void> silence = Promise.promise();
  private long timer;

  /** Begins to wait for the first answer. */
  AnswerLimit(EventLoop loop, Duration limit) {
    this.loop = loop;
    this.limit = limit;
    start();
  }

  private void start() {
    timer =
        loop.vertx()
            .setTimer(
                Math.max(1, limit.toMillis()),
                id -> silence.tryFail(new TimeoutException("no answer within " + limit)));
  }

  /** An answer has come: the wait for the next one begins. */
  void answered() {
    if (!silence.future().isComplete()) {
      loop.vertx().cancelTimer(timer);
      start();
    }
  }

  /**
   * The same result, or a failure once there was no answer for too long. What the Future stands for
   * is not stopped.
   */
  <T> Future<T> limit(Future<T> work) {
    Promise<T> promise = Promise.promise();
    silence.future().onFailure(promise::tryFail);
    work.onComplete(
        result -> {
          loop.vertx().cancelTimer(timer);
          silence.tryComplete();
          if (result.succeeded()) {
            promise.tryComplete(result.result());
          } else {
            promise.tryFail(result.cause());
          }
        });
    return promise.future();
  }
}
