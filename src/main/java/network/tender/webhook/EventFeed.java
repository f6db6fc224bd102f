package network.tender.webhook;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import network.tender.merchant.EventCursor;
import network.tender.merchant.InvoiceEventLog;

/** Reads a store's events for those who ask, and lets them wait for the next ones. */
public final class EventFeed {
  /** Longest wait, in milliseconds. */
  public static final int MAX_WAIT_MILLIS = 10_000;

  /** Most who wait at a time; others are answered at once. */
  private static final int MAX_WAITING = 1_000;

  /** Also without being told: what was written a moment ago may not be seen yet. */
  private static final int LOOK_MILLIS = 500;

  /** One who waits. */
  private record Waiting(String storeId, Promise<Void> told) {}

  private final Vertx vertx;
  private final InvoiceEventLog log;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final Runnable end;

  EventFeed(Vertx vertx, InvoiceEventLog log) {
    this.vertx = vertx;
    this.log = log;
    this.end = log.onWritten(this::written);
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
   */
  public Future<List<InvoiceEventLog.Entry>> read(
      String storeId, EventCursor after, int take, int waitMillis) {
    return log.read(storeId, after, take)
        .compose(
            entries ->
                !entries.isEmpty() || waitMillis <= 0
                    ? Future.succeededFuture(entries)
                    : pause(storeId, Math.min(waitMillis, LOOK_MILLIS))
                        .compose(told -> read(storeId, after, take, waitMillis - LOOK_MILLIS)));
  }

  private Future<Void> pause(String storeId, int millis) {
    Waiting one = new Waiting(storeId, Promise.promise());
    if (waiting.size() < MAX_WAITING) {
      waiting.add(one);
    }
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
