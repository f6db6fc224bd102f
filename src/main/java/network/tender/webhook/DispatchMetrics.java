package network.tender.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How the outbox gets on. */
final class DispatchMetrics {
  private final AtomicLong pending = new AtomicLong();
  private final AtomicLong oldestMillis = new AtomicLong();
  private final AtomicLong deadLetters = new AtomicLong();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger agenda = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Map<Outcome.Kind, Counter> attempts = new EnumMap<>(Outcome.Kind.class);
  private final Counter givenUp;

  DispatchMetrics(MeterRegistry registry) {
    Gauge.builder("tender.webhook.outbox", pending, AtomicLong::get)
        .description("Deliveries to webhooks that wait for their first try or another one")
        .register(registry);
    Gauge.builder("tender.webhook.outbox.oldest.age", oldestMillis, millis -> millis.get() / 1e3)
        .description("Age of the oldest delivery that waits")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("tender.webhook.dead.letters", deadLetters, AtomicLong::get)
        .description("Deliveries to webhooks that were tried for days and given up")
        .register(registry);
    Gauge.builder("tender.webhook.under.way", underWay, AtomicInteger::get)
        .description("Deliveries to webhooks that are being sent")
        .register(registry);
    Gauge.builder("tender.webhook.agenda", agenda, AtomicInteger::get)
        .description("Receivers of webhooks of which it is known when to look at them again")
        .register(registry);
    Gauge.builder("tender.webhook.waiting", waiting, AtomicInteger::get)
        .description(
            "Receivers of webhooks that wait because as much as may be is under way to their host"
                + " or of their store")
        .register(registry);
    for (Outcome.Kind kind : Outcome.Kind.values()) {
      attempts.put(
          kind,
          Counter.builder("tender.webhook.attempts")
              .description("Tries to deliver to webhooks, by what became of them")
              .tag("outcome", kind.label())
              .register(registry));
    }
    this.givenUp =
        Counter.builder("tender.webhook.given.up")
            .description("Deliveries to webhooks that were given up")
            .register(registry);
  }

  void outbox(long count, long oldestAgeMillis, long dead) {
    pending.set(count);
    oldestMillis.set(oldestAgeMillis);
    deadLetters.set(dead);
  }

  void underWay(int count) {
    underWay.set(count);
  }

  void agenda(int receivers, int receiversWaiting) {
    agenda.set(receivers);
    waiting.set(receiversWaiting);
  }

  void attempt(Outcome outcome) {
    Counter counter = attempts.get(outcome.kind());
    if (counter != null) {
      counter.increment();
    }
  }

  void givenUp() {
    givenUp.increment();
  }
}
