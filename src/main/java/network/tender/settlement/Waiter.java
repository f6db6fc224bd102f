package network.tender.settlement;

import io.vertx.core.Context;
import io.vertx.core.Promise;

/** Somebody who waits for what becomes of a transfer. All but the promise is the writer's. */
final class Waiter {
  final Context context;
  final Promise<Outcome> promise;
  final Settlement.Wait wait;
  final long deadlineNanos;

  /** True once an answer is on its way. */
  boolean answered;

  Waiter(Context context, Promise<Outcome> promise, Settlement.Wait wait, long deadlineNanos) {
    this.context = context;
    this.promise = promise;
    this.wait = wait;
    this.deadlineNanos = deadlineNanos;
  }
}
