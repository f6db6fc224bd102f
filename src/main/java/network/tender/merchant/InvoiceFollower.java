package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one invoice again whenever it has changed, for one listener. It reads one at a time, so
 * that the listener never hears of an older state after a newer one; changes during a read make one
 * more read, however many they are. A change is never dropped: what can't be read is read again,
 * ever less often, until it can be or the listener goes.
 */
final class InvoiceFollower {
  /** How followers read. */
  static final class Reads {
    private static final long FIRST_RETRY_MILLIS = 250;
    private static final long MAX_RETRY_MILLIS = 8_000;
    private static final long LIMIT_MILLIS = 15_000;

    private final Vertx vertx;
    private final Counter retries;
    private final long firstRetryMillis;

    /**
     * Reads with the usual pauses.
     *
     * @param retries counts the reads that follow a failed one
     */
    Reads(Vertx vertx, Counter retries) {
      this(vertx, retries, FIRST_RETRY_MILLIS);
    }

    /** Reads with a first pause of the caller's own, in milliseconds. */
    Reads(Vertx vertx, Counter retries, long firstRetryMillis) {
      this.vertx = vertx;
      this.retries = retries;
      this.firstRetryMillis = firstRetryMillis;
    }

    private void later(int failures, Runnable read) {
      // Doubled each time; the shift is bounded, so that it can't overflow.
      long pause = Math.min(MAX_RETRY_MILLIS, firstRetryMillis << Math.min(failures - 1, 10));
      vertx.setTimer(
          pause,
          id -> {
            retries.increment();
            read.run();
          });
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(InvoiceFollower.class);

  private final Reads reads;
  private final Supplier<Future<Optional<InvoiceView>>> invoice;
  private final Consumer<InvoiceView> listener;
  private boolean reading;
  private boolean changedAgain;
  private boolean ended;

  private InvoiceFollower(
      Reads reads,
      Supplier<Future<Optional<InvoiceView>>> invoice,
      Consumer<InvoiceView> listener) {
    this.reads = reads;
    this.invoice = invoice;
    this.listener = listener;
  }

  /** Reads for the first time; false if there is no such invoice. */
  private Future<Boolean> start() {
    synchronized (this) {
      reading = true;
    }
    return read()
        .map(
            found -> {
              found.ifPresent(this::tell);
              readAgainIfChanged();
              return found.isPresent();
            });
  }

  private void changed() {
    synchronized (this) {
      if (reading) {
        changedAgain = true;
      }
      if (reading || ended) {
        return;
      }
      reading = true;
    }
    readOn(0);
  }

  private synchronized void end() {
    ended = true;
  }

  private synchronized boolean isEnded() {
    return ended;
  }

  private Future<Optional<InvoiceView>> read() {
    // What comes after the limit is dropped, so it can't overtake a later read.
    return invoice.get().timeout(Reads.LIMIT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void readOn(int failures) {
    synchronized (this) {
      if (ended) {
        return;
      }
      changedAgain = false; // This read sees whatever has changed until now.
    }
    read().onComplete(done -> afterRead(done, failures));
  }

  private void afterRead(AsyncResult<Optional<InvoiceView>> done, int failures) {
    if (done.succeeded()) {
      done.result().ifPresent(this::tell);
      readAgainIfChanged();
      return;
    }
    if (failures == 0) {
      // Once for each outage, not for each try.
      LOG.warn("A changed invoice was not read; trying again: {}", done.cause().toString());
    }
    reads.later(failures + 1, () -> readOn(failures + 1));
  }

  private void tell(InvoiceView view) {
    if (isEnded()) {
      return;
    }
    try {
      listener.accept(view);
    } catch (RuntimeException e) {
      LOG.error("A listener to an invoice failed", e);
    }
  }

  private void readAgainIfChanged() {
    synchronized (this) {
      reading = changedAgain && !ended;
      if (!reading) {
        return;
      }
    }
    readOn(0);
  }

  /**
   * Follows an invoice.
   *
   * @param invoice reads it as it stands now
   * @return what ends it; empty if there is no such invoice; failed if the first read fails
   */
  static Future<Optional<Runnable>> follow(
      Reads reads,
      InvoiceEvents events,
      String invoiceId,
      Supplier<Future<Optional<InvoiceView>>> invoice,
      Consumer<InvoiceView> listener) {
    InvoiceFollower follower = new InvoiceFollower(reads, invoice, listener);
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
