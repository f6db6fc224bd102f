package network.tender.webhook;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import network.tender.merchant.ExactJson;
import network.tender.merchant.HookTarget;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is in the outbox. All that it must not forget is in the database: it writes down what
 * became of a delivery after it was sent, so one that was sent when the process died is sent again,
 * with the same id and the same bytes.
 *
 * <p>The events of one invoice reach a webhook in their order; nothing else waits for anything. Its
 * state is touched on one context only.
 */
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  /** What happens at nearly the same time is looked for once. */
  private static final long GATHER_MILLIS = 3;

  private static final int STORES_EVERY_MILLIS = 60_000;
  private static final int MEASURE_EVERY_MILLIS = 5_000;

  private final Vertx vertx;
  private final Context context;
  private final Outbox outbox;
  private final HookSender sender;
  private final DispatchSettings settings;
  private final InstantSource clock;
  private final DispatchMetrics metrics;

  /** Stores that have webhooks: the events of others wake nobody. A hint, not the truth. */
  private final Set<String> stores = ConcurrentHashMap.newKeySet();

  /** True if a look into the outbox is on its way already. */
  private final AtomicBoolean woken = new AtomicBoolean();

  /** What is being sent, or was and is not written down yet. */
  private final Set<UUID> busy = new HashSet<>();

  private final Map<String, EndpointHealth> endpoints = new HashMap<>();
  private List<Outbox.Result> results = new ArrayList<>();
  private final Set<String> recovered = new HashSet<>();
  private int sending;
  private boolean looking;
  private boolean lookAgain;
  private boolean failing;
  private boolean stopped;
  private final List<Long> timers = new ArrayList<>();
  private final Promise<Void> idle = Promise.promise();

  Dispatcher(
      Vertx vertx,
      Outbox outbox,
      HookSender sender,
      DispatchSettings settings,
      InstantSource clock,
      DispatchMetrics metrics) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.outbox = outbox;
    this.sender = sender;
    this.settings = settings;
    this.clock = clock;
    this.metrics = metrics;
  }

  void start() {
    context.runOnContext(
        v -> {
          timers.add(vertx.setPeriodic(settings.pollMillis(), id -> look()));
          timers.add(vertx.setPeriodic(0, STORES_EVERY_MILLIS, id -> readStores()));
          timers.add(vertx.setPeriodic(0, MEASURE_EVERY_MILLIS, id -> measure()));
          look();
        });
  }

  /** Events of a store are durable; any thread. */
  void written(String storeId) {
    if (stores.contains(storeId)) {
      wake();
    }
  }

  /** A store has a webhook now; any thread. */
  void hasWebhook(String storeId) {
    stores.add(storeId);
  }

  /** There is something to send; any thread. */
  void wake() {
    if (woken.compareAndSet(false, true)) {
      context.runOnContext(
          v ->
              vertx.setTimer(
                  GATHER_MILLIS,
                  id -> {
                    woken.set(false);
                    look();
                  }));
    }
  }

  private void readStores() {
    outbox.stores().onSuccess(stores::addAll);
  }

  private void measure() {
    long now = clock.millis();
    outbox
        .measure(now)
        .onSuccess(
            measure ->
                metrics.outbox(
                    measure.pending(),
                    Math.max(0, now - measure.oldestMillis()),
                    measure.deadLetters()));
  }

  /** Writes down what became of some, then sends what is due. */
  private void look() {
    if (looking) {
      lookAgain = true;
      return;
    }
    if (stopped && results.isEmpty()) {
      endIfIdle();
      return;
    }
    looking = true;
    lookAgain = false;
    writeDown()
        .compose(v -> stopped ? Future.succeededFuture(List.<Outbox.Due>of()) : due())
        .onComplete(
            done ->
                context.runOnContext(
                    v -> {
                      looking = false;
                      report(done.cause());
                      if (done.succeeded()) {
                        done.result().forEach(this::begin);
                      }
                      boolean more = done.succeeded() && done.result().size() == Outbox.MAX_ROWS;
                      if (more || (lookAgain && done.succeeded())) {
                        look();
                      }
                      endIfIdle();
                    }));
  }

  private Future<Void> writeDown() {
    List<Outbox.Result> written = results;
    Set<String> well = Set.copyOf(recovered);
    recovered.clear();
    if (written.isEmpty()) {
      return Future.succeededFuture();
    }
    results = new ArrayList<>();
    long now = clock.millis();
    return outbox
        .write(written)
        .onComplete(
            done -> {
              if (done.succeeded()) {
                written.forEach(result -> busy.remove(result.id()));
              } else {
                // They stay busy until it is known what to do with them.
                results.addAll(written);
              }
            })
        .compose(
            v -> {
              List<Future<Void>> forward = new ArrayList<>();
              well.forEach(endpoint -> forward.add(outbox.bringForward(endpoint, now)));
              return forward.isEmpty()
                  ? Future.succeededFuture()
                  : Future.join(forward).<Void>mapEmpty();
            });
  }

  private Future<List<Outbox.Due>> due() {
    if (busy.size() >= settings.underWay()) {
      return Future.succeededFuture(List.of());
    }
    long now = clock.millis();
    Set<String> full = new HashSet<>();
    endpoints.values().removeIf(health -> health.isForgettable(now));
    endpoints.forEach(
        (endpoint, health) -> {
          if (!health.hasRoom(now)) {
            full.add(endpoint);
          }
        });
    return outbox.due(now, busy, full, settings.underWayToOne());
  }

  /** Once for each outage. */
  private void report(@Nullable Throwable error) {
    if (error != null && !failing) {
      LOG.warn("The outbox of webhooks can't be read or written; going on trying", error);
    } else if (error == null && failing) {
      LOG.info("The outbox of webhooks can be read and written again");
    }
    failing = error != null;
  }

  private void begin(Outbox.Due delivery) {
    EndpointHealth health =
        endpoints.computeIfAbsent(
            delivery.endpoint(),
            endpoint ->
                new EndpointHealth(
                    settings.underWayToOne(),
                    settings.firstPauseMillis(),
                    settings.longestPauseMillis()));
    if (stopped || busy.size() >= settings.underWay() || !health.hasRoom(clock.millis())) {
      return;
    }
    delivery.storeId().ifPresent(stores::add);
    busy.add(delivery.id());
    health.begin();
    sending++;
    metrics.underWay(sending);
    attempt(delivery)
        .onComplete(
            sent ->
                context.runOnContext(
                    v -> {
                      sending--;
                      metrics.underWay(sending);
                      end(
                          delivery,
                          health,
                          sent.succeeded()
                              ? sent.result()
                              : Outcome.unreachable("It could not be sent."));
                    }));
  }

  private Future<Outcome> attempt(Outbox.Due delivery) {
    try {
      return send(delivery);
    } catch (RuntimeException e) {
      LOG.error("A delivery to the webhook {} can't be made", delivery.webhookId(), e);
      return Future.failedFuture(e);
    }
  }

  private Future<Outcome> send(Outbox.Due delivery) {
    Optional<HookTarget> target = delivery.url().flatMap(HookTarget::parse);
    if (delivery.event().isEmpty()) {
      return Future.succeededFuture(Outcome.refused("What the event said is dropped."));
    }
    if (target.isEmpty() || (!delivery.enabled() && !delivery.isRedelivery())) {
      return Future.succeededFuture(Outcome.refused("The webhook was switched off or removed."));
    }
    byte[] body =
        ExactJson.writeBytes(
            HookBody.json(
                delivery.id(),
                delivery.originalId(),
                delivery.webhookId(),
                delivery.event().get()));
    return sender.send(target.get(), delivery.secret(), body, delivery.attempts());
  }

  private void end(Outbox.Due delivery, EndpointHealth health, Outcome outcome) {
    long now = clock.millis();
    metrics.attempt(outcome);
    if (health.end(!outcome.isRetryable(), now)) {
      recovered.add(delivery.endpoint());
    }
    results.add(result(delivery, outcome, now));
    wake();
  }

  private Outbox.Result result(Outbox.Due delivery, Outcome outcome, long now) {
    Delivery.State state;
    long due = now;
    if (outcome.kind() == Outcome.Kind.DELIVERED) {
      state = Delivery.State.DELIVERED;
    } else if (!outcome.isRetryable() || !delivery.automaticRedelivery()) {
      state = Delivery.State.REFUSED;
    } else {
      OptionalLong next =
          settings.retry().next(delivery.attempts() + 1, delivery.createdMillis(), now);
      state = next.isPresent() ? Delivery.State.PENDING : Delivery.State.GIVEN_UP;
      due = next.orElse(now);
      if (next.isEmpty()) {
        metrics.givenUp();
        LOG.warn(
            "The webhook {} was given up after {} tries: {}",
            delivery.webhookId(),
            delivery.attempts() + 1,
            outcome.error().orElse(""));
      }
    }
    return new Outbox.Result(delivery.id(), state, due, now, outcome);
  }

  private void endIfIdle() {
    if (stopped && sending == 0 && !looking) {
      if (results.isEmpty() || failing) {
        idle.tryComplete();
      }
    }
  }

  /** Stops after what is being sent is written down; any thread. */
  Future<Void> stop() {
    context.runOnContext(
        v -> {
          stopped = true;
          timers.forEach(vertx::cancelTimer);
          look();
        });
    return idle.future();
  }
}
