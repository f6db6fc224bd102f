package network.tender.merchant;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one invoice again whenever it has changed, for one listener. It reads one at a time, so
 * that the listener never hears of an older state after a newer one; changes during a read make one
 * more read, however many they are.
 */
final class InvoiceFollower {
  private static final Logger LOG = LoggerFactory.getLogger(InvoiceFollower.class);

  private final InvoiceViews views;
  private final String invoiceId;
  private final Consumer<InvoiceView> listener;
  private boolean reading;
  private boolean changedAgain;
  private boolean ended;

  InvoiceFollower(InvoiceViews views, String invoiceId, Consumer<InvoiceView> listener) {
    this.views = views;
    this.invoiceId = invoiceId;
    this.listener = listener;
  }

  /** Reads for the first time; false if there is no such invoice. */
  Future<Boolean> start() {
    synchronized (this) {
      reading = true;
    }
    return read();
  }

  void changed() {
    synchronized (this) {
      if (reading) {
        changedAgain = true;
      }
      if (reading || ended) {
        return;
      }
      reading = true;
    }
    readOn();
  }

  synchronized void end() {
    ended = true;
  }

  private synchronized boolean isEnded() {
    return ended;
  }

  private void readOn() {
    // Whoever waits asks again after a while; the log need not repeat the whole outage.
    read().onFailure(error -> LOG.warn("A changed invoice was not read: {}", error.toString()));
  }

  private Future<Boolean> read() {
    return views
        .find(invoiceId)
        .map(
            found -> {
              if (!isEnded()) {
                found.ifPresent(listener);
              }
              return found.isPresent();
            })
        .onComplete(done -> readAgainIfChanged());
  }

  private void readAgainIfChanged() {
    synchronized (this) {
      reading = changedAgain && !ended;
      changedAgain = false;
      if (!reading) {
        return;
      }
    }
    readOn();
  }

  /**
   * Follows an invoice.
   *
   * @return what ends it; empty if there is no such invoice
   */
  static Future<Optional<Runnable>> follow(
      InvoiceViews views, InvoiceEvents events, String invoiceId, Consumer<InvoiceView> listener) {
    InvoiceFollower follower = new InvoiceFollower(views, invoiceId, listener);
    // Before the first read, so that no change falls in between.
    Optional<Runnable> subscription = events.subscribe(invoiceId, change -> follower.changed());
    if (subscription.isEmpty()) {
      return Future.failedFuture(new TooManyFollowersException());
    }
    Runnable end =
        () -> {
          follower.end();
          subscription.get().run();
        };
    return follower
        .start()
        .map(found -> found ? Optional.of(end) : Optional.<Runnable>empty())
        .onComplete(
            done -> {
              if (done.failed() || done.result().isEmpty()) {
                end.run();
              }
            });
  }
}
