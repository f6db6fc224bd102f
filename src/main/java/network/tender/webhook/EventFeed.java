package network.tender.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import network.tender.merchant.EventCursor;
import network.tender.merchant.InvoiceEventLog;

/** Reads a store's events for those who ask, and lets them wait for the next ones. */
public final class EventFeed {
  /** Longest wait, in milliseconds. */
  public static final int MAX_WAIT_MILLIS = 10_000;

  /** Most who wait at a time. */
  public static final int MAX_WAITING = 1_000;

  /** Also without being told: what was written a moment ago may not be seen yet. */
  private static final int LOOK_MILLIS = 500;

  /** So many wait for events already that one more is refused. */
  public static final class TooManyWaitingException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    TooManyWaitingException() {
      super("too many wait for events");
    }
  }

  /** Most of them that look into the database at a time; it is for others too. */
  private static final int MAX_LOOKING = 3;

  /** Most of one reader that read what they have found. */
  private static final int MAX_READING = 3;

  /** One who waits, until the next look. */
  private record Waiting(String storeId, Promise<Void> told) {}

  private final Vertx vertx;
  private final InvoiceEventLog log;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicInteger places = new AtomicInteger();
  private final Turns looks;
  private final Turns readings;
  private final Counter refused;
  private final Runnable end;

  EventFeed(Vertx vertx, InvoiceEventLog log, MeterRegistry registry) {
    this.vertx = vertx;
    this.log = log;
    this.looks = new Turns(vertx, MAX_LOOKING);
    this.readings = new Turns(vertx, MAX_READING);
    this.end = log.onWritten(this::written);
    Gauge.builder("tender.event.feed.waiting", places, AtomicInteger::get)
        .description("Readers of the event feed that wait for the next event")
        .register(registry);
    this.refused =
        Counter.builder("tender.event.feed.refused")
            .description("Readers of the event feed refused because too many were waiting")
            .register(registry);
  }

  private void written(String storeId) {
    if (!waiting.isEmpty()) {
      waiting.forEach(
          one -> {
            if (one.storeId().equals(storeId)) {
              one.told().tryComplete();
            }
          });
    }
  }

  /**
   * A store's events behind a place.
   *
   * @param take how many at most
   * @param waitMillis how long to wait for the first of them, 0 to {@link #MAX_WAIT_MILLIS}
   * @return fails with {@link TooManyWaitingException} if it would have to wait and {@link
   *     #MAX_WAITING} do already
   */
  public Future<List<InvoiceEventLog.Entry>> read(
      String storeId, EventCursor after, int take, int waitMillis) {
    return read(
            storeId,
            storeId,
            after,
            waitMillis,
            () ->
                log.page(storeId, after, take)
                    .map(page -> page.isEmpty() ? Optional.empty() : Optional.of(page)))
        .map(found -> found.orElse(List.of()));
  }

  /**
   * The same in a form of the caller's own, and when the caller likes.
   *
   * @param reader who asks, such as an account; only a few of one's questions read at a time
   * @param reading reads what is behind the place; empty if that is nothing
   * @return as {@link #read(String, EventCursor, int, int)}
   */
  public <T> Future<Optional<T>> read(
      String reader,
      String storeId,
      EventCursor after,
      int waitMillis,
      Supplier<Future<Optional<T>>> reading) {
    return reading
        .get()
        .compose(
            found -> {
              if (found.isPresent() || waitMillis <= 0) {
                return Future.succeededFuture(found);
              }
              if (places.incrementAndGet() > MAX_WAITING) {
                places.decrementAndGet();
                refused.increment();
                return Future.failedFuture(new TooManyWaitingException());
              }
              Context here = vertx.getOrCreateContext();
              Promise<Optional<T>> waited = Promise.promise();
              await(reader, storeId, after, waitMillis, reading)
                  .onComplete(done -> places.decrementAndGet())
                  .onComplete(done -> here.runOnContext(v -> waited.handle(done)));
              return waited.future();
            });
  }

  private <T> Future<Optional<T>> await(
      String reader,
      String storeId,
      EventCursor after,
      int waitMillis,
      Supplier<Future<Optional<T>>> reading) {
    return pause(storeId, Math.min(waitMillis, LOOK_MILLIS))
        .compose(told -> look(reader, storeId, after, reading))
        .compose(
            found ->
                found.isPresent() || waitMillis <= LOOK_MILLIS
                    ? Future.succeededFuture(found)
                    : await(reader, storeId, after, waitMillis - LOOK_MILLIS, reading));
  }

  /**
   * Most find nothing, which costs little; nothing is read for them. What is read may wait long for
   * its reader's other questions, and holds up that reader only.
   */
  private <T> Future<Optional<T>> look(
      String reader, String storeId, EventCursor after, Supplier<Future<Optional<T>>> reading) {
    return looks
        .take("all", () -> log.hasBehind(storeId, after))
        .compose(
            any ->
                any ? readings.take(reader, reading) : Future.succeededFuture(Optional.<T>empty()));
  }

  private Future<Void> pause(String storeId, int millis) {
    Waiting one = new Waiting(storeId, Promise.promise());
    waiting.add(one);
    long timer = vertx.setTimer(millis, id -> one.told().tryComplete());
    return one.told()
        .future()
        .onComplete(
            done -> {
              waiting.remove(one);
              vertx.cancelTimer(timer);
            });
  }

  void close() {
    end.run();
    waiting.forEach(one -> one.told().tryComplete());
  }
}
