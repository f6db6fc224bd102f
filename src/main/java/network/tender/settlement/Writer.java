package network.tender.settlement;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The context on which alone the ledger is touched.
 *
 * @param context an event loop's
 */
public record Writer(Context context) {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

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

  /**
   * Runs something on a writer's context and brings the result back to the caller's.
   *
   * @param writer runs a step on that context, from any thread
   * @param work begun there
   */
  public static <T> Future<T> call(Vertx vertx, Executor writer, Supplier<Future<T>> work) {
    Context caller = vertx.getOrCreateContext();
    Promise<T> promise = Promise.promise();
    writer.execute(
        () -> {
          Future<T> result;
          try {
            result = work.get();
          } catch (RuntimeException e) {
            LOG.error("The ledger failed at a question", e);
            result = Future.failedFuture(e);
          }
          result.onComplete(
              ended ->
                  caller.runOnContext(
                      back -> {
                        if (ended.succeeded()) {
                          promise.complete(ended.result());
                        } else {
                          promise.fail(ended.cause());
                        }
                      }));
        });
    return promise.future();
  }
}
