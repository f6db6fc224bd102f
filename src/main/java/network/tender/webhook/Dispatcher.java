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
 * Finds out where events go, and sends what is in the outbox. All that it must not forget is in the
 * database: it writes down what became of a delivery after it was sent, so one that was sent when
 * the process died is sent again, with the same id and the same bytes.
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

  /** Most receivers that it is known of when to look at them. */
  private static final int MAX_RECEIVERS = 100_000;

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

  private final Map<String, ReceiverHealth> receivers = new HashMap<>();
  private final Places places;
  private final Agenda agenda = new Agenda(MAX_RECEIVERS);

  /** Receivers of which somebody said that there is something; any thread. */
  private final Set<String> named = ConcurrentHashMap.newKeySet();

  /** How far the search for receivers is. */
  private String foundUpTo = "";

  private boolean finding;

  /** Whose events were handed over last. */
  private String handedUpTo = "";

  private List<Outbox.Result> results = new ArrayList<>();
  private final Set<String> recovered = new HashSet<>();

  /** Receivers that something was sent to, whatever came of it. */
  private final Set<String> answered = new HashSet<>();

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
    this.places = new Places(settings.places(), MAX_RECEIVERS);
    this.clock = clock;
    this.metrics = metrics;
  }

  void start() {
    context.runOnContext(
        v -> {
          timers.add(vertx.setPeriodic(0, settings.pollMillis(), id -> find()));
          timers.add(vertx.setPeriodic(0, STORES_EVERY_MILLIS, id -> readStores()));
          timers.add(vertx.setPeriodic(0, MEASURE_EVERY_MILLIS, id -> measure()));
          outbox.repair(clock.millis()).onComplete(done -> find());
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

  /** There is something to send to a receiver; any thread. */
  void wake(String receiver) {
    named.add(receiver);
    wake();
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

  /**
   * Looks who has something waiting, some receivers at a time: at those that were left when the
   * process ended, or that nobody could be told of. Then looks what is due.
   */
  private void find() {
    long now = clock.millis();
    receivers.values().removeIf(health -> health.isForgettable(now));
    if (!finding) {
      finding = true;
      outbox
          .find(foundUpTo)
          .onComplete(
              done ->
                  context.runOnContext(
                      v -> {
                        finding = false;
                        if (done.succeeded()) {
                          done.result().dueMillis().forEach(this::found);
                          if (done.result().dueMillis().size() < Outbox.MAX_FOUND) {
                            foundUpTo = "";
                          }
                        }
                        look();
                      }));
    }
  }

  private void found(String receiver, long dueMillis) {
    foundUpTo = receiver;
    agenda.note(receiver, dueMillis);
  }

  private void measure() {
    long now = clock.millis();
    metrics.agenda(agenda.size(), places.waiting());
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
        .compose(v -> stopped ? Future.succeededFuture(false) : handOver())
        .compose(more -> stopped ? Future.succeededFuture(false) : due().map(sent -> sent || more))
        .onComplete(
            done ->
                context.runOnContext(
                    v -> {
                      looking = false;
                      report(done.cause());
                      if (done.succeeded() && (done.result() || lookAgain)) {
                        look();
                      }
                      endIfIdle();
                    }));
  }

  /** Finds out where events go; true if there may be more of them. */
  private Future<Boolean> handOver() {
    String after = handedUpTo;
    return outbox
        .handOver(after)
        .map(
            handed -> {
              handed.dueMillis().forEach(agenda::note);
              boolean all = handed.events() < Outbox.MAX_EVENTS;
              handedUpTo = all ? "" : handed.lastStore();
              return handed.events() > 0 || !after.isEmpty();
            });
  }

  private Future<Void> writeDown() {
    List<Outbox.Result> written = results;
    if (written.isEmpty()) {
      return Future.succeededFuture();
    }
    Set<String> well = Set.copyOf(recovered);
    Set<String> ended = Set.copyOf(answered);
    recovered.clear();
    answered.clear();
    results = new ArrayList<>();
    long now = clock.millis();
    return outbox
        .write(written, now)
        .onComplete(
            done -> {
              if (done.succeeded()) {
                written.forEach(result -> busy.remove(result.id()));
                ended.forEach(receiver -> agenda.note(receiver, now));
              } else {
                // They stay busy until it is known what to do with them.
                results.addAll(written);
                recovered.addAll(well);
                answered.addAll(ended);
              }
            })
        .compose(
            v -> {
              List<Future<Void>> forward = new ArrayList<>();
              well.forEach(receiver -> forward.add(outbox.bringForward(receiver, now)));
              return forward.isEmpty()
                  ? Future.succeededFuture()
                  : Future.join(forward).<Void>mapEmpty();
            });
  }

  /** Sends what is due at some receivers; true if there may be more. */
  private Future<Boolean> due() {
    long now = clock.millis();
    named.removeIf(
        receiver -> {
          agenda.note(receiver, now);
          return true;
        });
    if (busy.size() >= settings.places().all()) {
      return Future.succeededFuture(false);
    }
    Map<String, Boolean> picked = pick(now);
    if (picked.isEmpty()) {
      return Future.succeededFuture(false);
    }
    return outbox
        .due(now, busy, picked)
        .onFailure(error -> picked.keySet().forEach(receiver -> agenda.note(receiver, now)))
        .map(
            look -> {
              beginAll(look, now);
              return agenda.isDue(now) && busy.size() < settings.places().all();
            });
  }

  /**
   * Receivers to look at now, and whether they get the newest first. One that takes no more comes
   * back when it has answered, and one that waits for a place when it is free.
   */
  private Map<String, Boolean> pick(long now) {
    Map<String, Boolean> picked = new HashMap<>();
    Map<String, Long> paused = new HashMap<>();
    while (picked.size() < outbox.maxReceivers()) {
      Optional<String> next = agenda.take(now);
      if (next.isEmpty()) {
        break;
      }
      String receiver = next.get();
      ReceiverHealth health = receivers.get(receiver);
      if (places.isWaiting(receiver)) {
        continue;
      }
      if (health == null || health.hasRoom(now)) {
        picked.put(receiver, health != null && health.isWary(now));
      } else if (health.isIdle()) {
        paused.put(receiver, health.pausedUntilMillis());
      }
    }
    paused.forEach(agenda::note);
    return picked;
  }

  /** Begins what there are places for; who had none is not looked at again before there is one. */
  private void beginAll(Outbox.Look look, long now) {
    Set<String> held = new HashSet<>();
    for (Outbox.Due delivery : look.due()) {
      if (!begin(delivery)) {
        held.add(delivery.receiver());
      }
    }
    look.nextMillis()
        .forEach(
            (receiver, millis) -> {
              if (millis > now || !held.contains(receiver)) {
                agenda.note(receiver, millis);
              }
            });
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

  /** Sends a delivery, if there is a place for it. */
  private boolean begin(Outbox.Due delivery) {
    if (stopped || busy.size() >= settings.places().all()) {
      agenda.note(delivery.receiver(), clock.millis());
      return false;
    }
    ReceiverHealth health =
        receivers.computeIfAbsent(
            delivery.receiver(),
            receiver ->
                new ReceiverHealth(
                    settings.places().toReceiver(),
                    settings.firstPauseMillis(),
                    settings.longestPauseMillis()));
    Places.Claim claim =
        new Places.Claim(
            delivery.receiver(),
            delivery.storeId().orElse(""),
            delivery.host().orElse(""),
            delivery.ofInvoice() || health.isDoubtful());
    if (!health.hasRoom(delivery.isRetry(), clock.millis()) || !places.take(claim)) {
      return false;
    }
    delivery.storeId().ifPresent(stores::add);
    busy.add(delivery.id());
    health.begin(delivery.isRetry());
    sending++;
    metrics.underWay(sending);
    attempt(delivery)
        .onComplete(
            sent ->
                context.runOnContext(
                    v -> {
                      sending--;
                      metrics.underWay(sending);
                      places.free(claim).forEach(next -> agenda.note(next, clock.millis()));
                      end(
                          delivery,
                          health,
                          sent.succeeded()
                              ? sent.result()
                              : Outcome.unreachable("It could not be sent."));
                    }));
    return true;
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

  private void end(Outbox.Due delivery, ReceiverHealth health, Outcome outcome) {
    long now = clock.millis();
    metrics.attempt(outcome);
    boolean answers = outcome.httpCode().isPresent();
    if (!answers && outcome.kind() == Outcome.Kind.REFUSED) {
      health.endUnsent(delivery.isRetry());
    } else if (health.end(delivery.isRetry(), answers, now)) {
      recovered.add(delivery.receiver());
    }
    answered.add(delivery.receiver());
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
