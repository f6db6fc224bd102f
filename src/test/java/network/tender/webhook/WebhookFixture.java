package network.tender.webhook;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import network.tender.journal.TestDatabase;
import network.tender.merchant.HostLookup;
import network.tender.merchant.Invoice;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.Store;

/** Merchants on a real database whose events are sent over real HTTP; the test moves the clock. */
public final class WebhookFixture implements AutoCloseable {
  public static final long DUE_SAT = 20_000;

  /** As long as a node's: the clock stands still, so what once came too late is not tried again. */
  private static final int ANSWER_MILLIS = 10_000;

  public final MerchantFixture merchants = new MerchantFixture(TestDatabase.create());
  public volatile SimpleMeterRegistry registry = new SimpleMeterRegistry();
  public volatile HostLookup lookup = WebhookFixture::ofSystem;
  public volatile HttpClientOptions client = new HttpClientOptions();

  /** How long receivers have, from the next start on. */
  public volatile int answerMillis = ANSWER_MILLIS;

  private WebhookService service;

  public WebhookFixture() {
    start();
  }

  private static Future<List<InetAddress>> ofSystem(String host) {
    try {
      return Future.succeededFuture(List.of(InetAddress.getAllByName(host)));
    } catch (UnknownHostException e) {
      return Future.failedFuture(e);
    }
  }

  /** Starts sending, as a node does that comes up. */
  public void start() {
    registry = new SimpleMeterRegistry();
    service =
        WebhookService.start(
            merchants.vertx,
            merchants.pool(),
            merchants.merchant,
            new WebhookService.Options(
                AddressGuard.allowing(List.of("127.0.0.0/8", "::1")),
                host -> lookup.lookup(host),
                // As a node's, but the outbox is looked into often.
                new DispatchSettings(
                    new PlaceLimits(64, 12, 16, 6, 4),
                    answerMillis,
                    20,
                    RetryPlan.DEFAULT,
                    1_000,
                    10_000),
                client,
                "Tender"),
            merchants.clock,
            merchants.random,
            registry);
  }

  /** Stops sending. */
  public void stop() {
    await(service.close());
  }

  public WebhookService service() {
    return service;
  }

  public static Webhook.Settings to(String url) {
    return new Webhook.Settings(
        Optional.of(url),
        Optional.of("s3cret"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  public Webhook webhook(Store store, String url) {
    return await(service.webhooks().create(store.id(), to(url))).orElseThrow();
  }

  public Invoice invoice(Store store) {
    return merchants.invoice(store, "10", "USD");
  }

  public void pay(Invoice invoice) {
    merchants.commit(merchants.block(MerchantFixture.pays(invoice, DUE_SAT)));
  }

  public void advance(Duration time) {
    merchants.now.addAndGet(time.toMillis());
  }

  public List<Delivery> deliveries(Webhook webhook) {
    return await(service.deliveries().list(webhook.id(), 100, Optional.empty()));
  }

  public List<Delivery> deliveries(Webhook webhook, Delivery.State state) {
    return await(service.deliveries().list(webhook.id(), 100, Optional.of(state)));
  }

  public double attempts(String outcome) {
    return registry.get("tender.webhook.attempts").tag("outcome", outcome).counter().count();
  }

  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  /** The same while the clock goes on, a second at each look. */
  public void untilLater(String what, BooleanSupplier condition) {
    until(
        what,
        () -> {
          if (condition.getAsBoolean()) {
            return true;
          }
          advance(Duration.ofSeconds(1));
          return false;
        });
  }

  @Override
  public void close() {
    stop();
    merchants.close();
  }
}
