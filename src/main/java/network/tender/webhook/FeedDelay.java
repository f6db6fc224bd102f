package network.tender.webhook;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.OptionalLong;
import network.tender.merchant.InvoiceEventLog;

/**
 * How long one transaction in this database has kept newer events out of the feed. Ours end within
 * seconds; somebody else's may be forgotten.
 */
final class FeedDelay {
  private static final long LOOK_MILLIS = 5_000;

  private final Vertx vertx;
  private final InvoiceEventLog log;
  private final InstantSource clock;
  private final long timer;
  private OptionalLong heldBy = OptionalLong.empty();
  private long sinceMillis;
  private long heldMillis;

  FeedDelay(Vertx vertx, InvoiceEventLog log, InstantSource clock, MeterRegistry registry) {
    this.vertx = vertx;
    this.log = log;
    this.clock = clock;
    Gauge.builder("tender.event.feed.held.up", this, delay -> delay.heldMillis() / 1e3)
        .description("How long one transaction of the database has kept newer events from the feed")
        .baseUnit("seconds")
        .register(registry);
    this.timer = vertx.setPeriodic(LOOK_MILLIS, id -> look());
  }

  /** Looks what the feed waits for; fails if the database can't be asked. */
  Future<Void> look() {
    return log.heldBy()
        .map(
            found -> {
              note(found);
              return null;
            });
  }

  private synchronized void note(OptionalLong found) {
    long now = clock.millis();
    if (found.isEmpty() || !found.equals(heldBy)) {
      sinceMillis = now;
    }
    heldBy = found;
    heldMillis = now - sinceMillis;
  }

  private synchronized long heldMillis() {
    return heldMillis;
  }

  void close() {
    vertx.cancelTimer(timer);
  }
}
