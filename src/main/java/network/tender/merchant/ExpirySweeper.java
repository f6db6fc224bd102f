package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down once a second which invoices have expired. Reads don't wait for it; it is there so
 * that those who wait for an invoice are told, and so that "open" in the database means open.
 */
final class ExpirySweeper {
  private static final Logger LOG = LoggerFactory.getLogger(ExpirySweeper.class);
  private static final long PERIOD_MILLIS = 1_000;

  private final Vertx vertx;
  private final Invoices invoices;
  private volatile boolean stopped;
  private volatile long timer;
  private volatile Future<Void> running = Future.succeededFuture();
  private boolean failing;

  ExpirySweeper(Vertx vertx, Invoices invoices) {
    this.vertx = vertx;
    this.invoices = invoices;
  }

  void start() {
    timer = vertx.setTimer(PERIOD_MILLIS, id -> sweep());
  }

  private void sweep() {
    if (!stopped) {
      running =
          invoices
              .sweep()
              .onComplete(
                  done -> {
                    report(done.cause());
                    boolean more = done.succeeded() && Invoices.isFullSweep(done.result());
                    if (!stopped) {
                      timer = vertx.setTimer(more ? 1 : PERIOD_MILLIS, id -> sweep());
                    }
                  })
              .<Void>mapEmpty()
              .otherwiseEmpty();
    }
  }

  /** Once for each outage, not once a second. */
  private void report(@org.jspecify.annotations.Nullable Throwable error) {
    if (error != null && !failing) {
      LOG.warn("Expired invoices can't be written down; going on trying", error);
    } else if (error == null && failing) {
      LOG.info("Expired invoices are written down again");
    }
    failing = error != null;
  }

  /** Stops after the sweep under way. */
  Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return running;
  }
}
