package network.tender.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.tender.merchant.InvoiceEventLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drops what is old: events, how they were delivered, and webhooks of invoices that are over. */
final class Pruning {
  private static final Logger LOG = LoggerFactory.getLogger(Pruning.class);
  private static final long FIRST_MILLIS = 60_000;
  private static final long EVERY_MILLIS = 3_600_000;

  /** Between two steps, so that others have the database too. */
  private static final long STEP_MILLIS = 50;

  private final Vertx vertx;
  private final InstantSource clock;
  private final InvoiceEventLog log;
  private final Deliveries deliveries;
  private final HookPruner hooks;
  private final Counter prunedDeliveries;
  private final Counter prunedHooks;
  private final long timer;
  private volatile boolean stopped;

  Pruning(
      Vertx vertx,
      InstantSource clock,
      InvoiceEventLog log,
      Deliveries deliveries,
      HookPruner hooks,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.clock = clock;
    this.log = log;
    this.deliveries = deliveries;
    this.hooks = hooks;
    this.prunedDeliveries = pruned(registry, "delivery");
    this.prunedHooks = pruned(registry, "hook");
    this.timer =
        vertx.setPeriodic(
            FIRST_MILLIS,
            EVERY_MILLIS,
            id ->
                all()
                    .onFailure(
                        error -> LOG.warn("What is old can't be dropped; later again", error)));
  }

  private static Counter pruned(MeterRegistry registry, String what) {
    return Counter.builder("tender.webhook.pruned")
        .description("Old deliveries, and webhooks of single invoices, that were dropped")
        .tag("what", what)
        .register(registry);
  }

  /** Drops all that is old enough, a bounded number at a time. */
  Future<Void> all() {
    return from(Optional.of(HookPruner.Place.START));
  }

  private Future<Void> from(Optional<HookPruner.Place> place) {
    if (stopped) {
      return Future.succeededFuture();
    }
    return log.prune(clock.millis() - InvoiceEventLog.KEPT_MILLIS)
        .compose(
            moreEvents ->
                deliveries
                    .prune()
                    .compose(
                        gone -> {
                          prunedDeliveries.increment(gone);
                          boolean more = moreEvents || gone >= Deliveries.PRUNE_ROWS;
                          return hooks(place).compose(next -> goOn(more, next));
                        }));
  }

  private Future<Optional<HookPruner.Place>> hooks(Optional<HookPruner.Place> place) {
    return place.isEmpty()
        ? Future.succeededFuture(place)
        : hooks
            .step(place.get())
            .map(
                step -> {
                  prunedHooks.increment(step.gone());
                  return step.next();
                });
  }

  private Future<Void> goOn(boolean more, Optional<HookPruner.Place> next) {
    return more || next.isPresent()
        ? vertx.timer(STEP_MILLIS, TimeUnit.MILLISECONDS).compose(pause -> from(next))
        : Future.succeededFuture();
  }

  /** Stops after the statement under way. */
  void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
  }
}
