package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes first answers that nobody repeats a request for any more. */
final class AnswerPruner {
  private static final Logger LOG = LoggerFactory.getLogger(AnswerPruner.class);
  private static final long PERIOD_MILLIS = 60_000;

  /** Between two steps, while there is more to remove. */
  private static final long STEP_MILLIS = 50;

  private final Vertx vertx;
  private final IdempotentAnswers answers;
  private volatile boolean stopped;
  private volatile long timer;
  private volatile Future<Void> running = Future.succeededFuture();

  AnswerPruner(Vertx vertx, IdempotentAnswers answers) {
    this.vertx = vertx;
    this.answers = answers;
  }

  void start() {
    timer = vertx.setTimer(PERIOD_MILLIS, id -> prune());
  }

  private void prune() {
    if (stopped) {
      return;
    }
    running =
        answers
            .prune()
            .onComplete(
                done -> {
                  if (done.failed()) {
                    LOG.warn("Old answers can't be removed; going on trying", done.cause());
                  }
                  if (!stopped) {
                    boolean more = done.succeeded() && done.result();
                    timer = vertx.setTimer(more ? STEP_MILLIS : PERIOD_MILLIS, id -> prune());
                  }
                })
            .<Void>mapEmpty()
            .otherwiseEmpty();
  }

  /** Stops after the step under way. */
  Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return running;
  }
}
