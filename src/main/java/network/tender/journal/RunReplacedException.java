package network.tender.journal;

import io.vertx.core.Future;
import java.util.function.Supplier;

/** A page was not there, usually because its run has been replaced by a merged one. */
final class RunReplacedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private static final int MAX_ATTEMPTS = 10;

  /**
   * A page was not there.
   *
   * @param store what the names of its tables begin with
   */
  RunReplacedException(String store, SortedRun.Page page) {
    super("page %d of the %s run %d is not there".formatted(page.number(), store, page.run()));
  }

  private RunReplacedException(RunReplacedException last) {
    super(
        "%d times in a row pages were gone, although the runs were looked up anew each time; the last: %s"
            .formatted(MAX_ATTEMPTS, last.getMessage()),
        last);
  }

  /** Asks again of the runs that there are then, whenever pages are gone, but not for ever. */
  static <T> Future<T> retry(Supplier<Future<T>> question) {
    return retry(question, MAX_ATTEMPTS);
  }

  private static <T> Future<T> retry(Supplier<Future<T>> question, int attempts) {
    return question
        .get()
        .recover(
            error -> {
              if (error instanceof RunReplacedException gone) {
                return attempts > 1
                    ? retry(question, attempts - 1)
                    : Future.failedFuture(new RunReplacedException(gone));
              }
              return Future.failedFuture(error);
            });
  }
}
