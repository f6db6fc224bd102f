package network.tender.journal;

import io.vertx.core.Future;
import java.util.function.Supplier;

/** A page was not there, usually because its run has been replaced by a merged one. */
final class RunReplacedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private static final int MAX_ATTEMPTS = 10;

  RunReplacedException(SortedRun.Page page) {
    super("page " + page.number() + " of the run " + page.run() + " is not there");
  }

  /** Asks again of the runs that there are then, whenever pages are gone, but not for ever. */
  static <T> Future<T> retry(Supplier<Future<T>> question) {
    return retry(question, MAX_ATTEMPTS);
  }

  private static <T> Future<T> retry(Supplier<Future<T>> question, int attempts) {
    return question
        .get()
        .recover(
            error ->
                error instanceof RunReplacedException && attempts > 1
                    ? retry(question, attempts - 1)
                    : Future.failedFuture(error));
  }
}
