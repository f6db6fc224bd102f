package network.tender.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Waiting in tests. */
final class Awaiting {
  private Awaiting() {}

  static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(60, TimeUnit.SECONDS);
  }

  /** Waits until a condition holds. */
  static void until(Vertx vertx, String what, BooleanSupplier condition) throws TimeoutException {
    Promise<Void> promise = Promise.promise();
    long timer =
        vertx.setPeriodic(
            10,
            id -> {
              if (condition.getAsBoolean()) {
                promise.tryComplete();
              }
            });
    try {
      promise.future().await(60, TimeUnit.SECONDS);
    } finally {
      vertx.cancelTimer(timer);
    }
    assertThat(condition.getAsBoolean()).as(what).isTrue();
  }
}
