package network.tender.settlement;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/**
 * The context on which alone the ledger is touched.
 *
 * @param context an event loop's
 */
public record Writer(Context context) {
  /** The same Future, completed on this context wherever it comes from. */
  public <T> Future<T> here(Future<T> future) {
    Promise<T> promise = Promise.promise();
    future.onComplete(
        result -> {
          Runnable complete =
              () -> {
                if (result.succeeded()) {
                  promise.complete(result.result());
                } else {
                  promise.fail(result.cause());
                }
              };
          if (Vertx.currentContext() == context) {
            complete.run();
          } else {
            context.runOnContext(there -> complete.run());
          }
        });
    return promise.future();
  }
}
