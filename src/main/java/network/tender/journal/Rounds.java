package network.tender.journal;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Work in rounds, one after the other. Futures that are composed in one another, a level for each
 * round, are completed level by level when the last one is: a thousand of them are too many for a
 * stack. Here each round stands alone.
 */
public final class Rounds {
  private Rounds() {}

  /**
   * Does rounds as long as each says that there is another one.
   *
   * @param round begins a round; true if there is another one to do
   * @return completes after the last round; fails with the first one that does
   */
  public static Future<Void> run(Supplier<Future<Boolean>> round) {
    Promise<Void> all = Promise.promise();
    next(round, all);
    return all.future();
  }

  private static void next(Supplier<Future<Boolean>> round, Promise<Void> all) {
    while (true) {
      Future<Boolean> one = begin(round);
      if (!one.isComplete()) {
        one.onComplete(
            result -> {
              if (goesOn(one, all)) {
                next(round, all);
              }
            });
        return;
      }
      // At once: calling on from here would be a level of the stack.
      if (!goesOn(one, all)) {
        return;
      }
    }
  }

  /** Whatever a round throws is its failure: who waits for the rounds is to hear of it. */
  private static Future<Boolean> begin(Supplier<Future<Boolean>> round) {
    try {
      return Objects.requireNonNull(round.get());
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      return Future.failedFuture(e);
    }
  }

  private static boolean goesOn(Future<Boolean> one, Promise<Void> all) {
    if (one.failed()) {
      all.fail(one.cause());
      return false;
    }
    if (!one.result()) {
      all.complete();
      return false;
    }
    return true;
  }
}
