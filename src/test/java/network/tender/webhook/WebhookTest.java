package network.tender.webhook;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.webhook.WebhookFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SelfSignedCertificate;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.merchant.ExactJson;
import network.tender.merchant.HostLookup;
import network.tender.merchant.Invoice;
import network.tender.merchant.InvoiceEventLog;
import network.tender.merchant.InvoiceHook;
import network.tender.merchant.InvoiceIssuer;
import network.tender.merchant.InvoiceRequest;
import network.tender.merchant.InvoiceStatus;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.Store;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real events to real receivers that are well, slow, broken or gone. */
@Timeout(90)
class WebhookTest {
  private static final List<String> PAID =
      List.of(
          "InvoiceCreated",
          "InvoiceReceivedPayment",
          "InvoiceProcessing",
          "InvoicePaymentSettled",
          "InvoiceSettled");

  private static WebhookFixture fixture;
  private final List<Receiver> receivers = new ArrayList<>();

  @BeforeAll
  static void open() {
    fixture = new WebhookFixture();
  }

  @AfterAll
  static void close() {
    fixture.close();
  }

  @AfterEach
  void removeAll() {
    await(
        fixture
            .merchants
            .pool()
            .query("DELETE FROM webhook; DELETE FROM webhook_handover; TRUNCATE webhook_delivery")
            .execute());
    receivers.forEach(Receiver::close);
  }

  private Receiver receiver() {
    Receiver receiver = new Receiver(fixture.merchants.vertx);
    receivers.add(receiver);
    return receiver;
  }

  private static Store store() {
    return fixture.merchants.store();
  }

  private static void assertNext(Receiver receiver, Invoice invoice, List<String> types) {
    for (String type : types) {
      Receiver.Received received = receiver.next();
      assertThat(received.type()).isEqualTo(type);
      assertThat(received.json().path("invoiceId").asText()).isEqualTo(invoice.id());
    }
  }

  @Test
  void everyEventComesOnceInOrderSignedOverItsBytes() {
    Store store = store();
    Receiver receiver = receiver();
    Webhook webhook = fixture.webhook(store, receiver.url("/hook?shop=1"));
    Invoice invoice =
        ((InvoiceIssuer.Issued.Made)
                await(
                    fixture
                        .merchants
                        .merchant
                        .issuer()
                        .issue(
                            store,
                            InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"))
                                .with(
                                    ExactJson.object().put("orderId", "Ä-7").put("tax", 1.10),
                                    Optional.empty()))))
            .invoice();
    fixture.pay(invoice);
    Set<String> ids = new HashSet<>();
    for (String type : PAID) {
      Receiver.Received received = receiver.next();
      received.assertSignedWith("s3cret");
      assertThat(received.path()).isEqualTo("/hook");
      assertThat(received.headers().get("content-type")).startsWith("application/json");
      assertThat(received.headers().get("user-agent")).isEqualTo("Tender");
      JsonNode json = received.json();
      assertThat(json.path("type").asText()).isEqualTo(type);
      assertThat(json.path("webhookId").asText()).isEqualTo(webhook.id());
      assertThat(json.path("storeId").asText()).isEqualTo(store.id());
      assertThat(json.path("invoiceId").asText()).isEqualTo(invoice.id());
      assertThat(json.path("timestamp").longValue()).isEqualTo(fixture.merchants.now.get() / 1_000);
      assertThat(json.path("isRedelivery").isBoolean()).isTrue();
      assertThat(json.path("isRedelivery").booleanValue()).isFalse();
      assertThat(json.path("originalDeliveryId")).isEqualTo(json.path("deliveryId"));
      assertThat(json.path("metadata").path("orderId").asText()).isEqualTo("Ä-7");
      assertThat(ids.add(json.path("deliveryId").asText())).isTrue();
      UUID id = DeliveryId.parse(json.path("deliveryId").asText()).orElseThrow();
      Delivery delivery =
          await(fixture.service().deliveries().find(webhook.id(), id)).orElseThrow();
      assertThat(
              ExactJson.writeBytes(
                  await(fixture.service().deliveries().request(delivery)).orElseThrow()))
          .as("the very bytes")
          .isEqualTo(received.body());
    }
    until(
        "all are written down",
        () -> fixture.deliveries(webhook, Delivery.State.DELIVERED).size() == 5);
    List<Delivery> log = fixture.deliveries(webhook);
    assertThat(log).extracting(Delivery::type).containsExactlyInAnyOrderElementsOf(PAID);
    assertThat(log).allMatch(delivery -> delivery.httpCode().equals(Optional.of(200)));
    assertThat(receiver.waiting()).isZero();
  }

  @Test
  void aBrokenReceiverIsTriedAgainAndKeepsOnlyItsOwnInvoiceWaiting() {
    Store store = store();
    Receiver receiver = receiver();
    AtomicReference<String> firstOne = new AtomicReference<>();
    receiver.behave(
        (request, received) -> {
          String invoice = received.json().path("invoiceId").asText();
          firstOne.compareAndSet(null, invoice);
          request.response().setStatusCode(invoice.equals(firstOne.get()) ? 503 : 200).end();
        });
    Webhook webhook = fixture.webhook(store, receiver.url("/"));
    Invoice broken = fixture.invoice(store);
    Receiver.Received first = receiver.next();
    fixture.pay(broken);
    Invoice well = fixture.invoice(store);
    fixture.pay(well);
    assertNext(receiver, well, PAID);
    until(
        "the failure is written down",
        () -> fixture.deliveries(webhook, Delivery.State.PENDING).size() == 5);
    assertThat(receiver.waiting()).as("later events wait for the first").isZero();
    Delivery waiting =
        fixture.deliveries(webhook).stream()
            .filter(delivery -> delivery.state() == Delivery.State.PENDING)
            .findFirst()
            .orElseThrow();
    assertThat(waiting.httpCode()).contains(503);
    assertThat(waiting.dueMillis()).isEqualTo(fixture.merchants.now.get() + 10_000);

    receiver.answer(200);
    fixture.advance(Duration.ofSeconds(10));
    Receiver.Received again = receiver.next();
    assertThat(again.body()).as("the same bytes, with the same id").isEqualTo(first.body());
    assertNext(receiver, broken, PAID.subList(1, 5));
  }

  @Test
  void receiversThatAreGoneSlowOrHangUpDelayNobodyElse() throws java.io.IOException {
    int before = fixture.answerMillis;
    fixture.stop();
    fixture.answerMillis = 2_000;
    fixture.start();
    Store store = store();
    int gone;
    try (ServerSocket socket = new ServerSocket(0)) {
      gone = socket.getLocalPort();
    }
    Receiver silent = receiver();
    silent.behave((request, received) -> {});
    Receiver rude = receiver();
    rude.behave((request, received) -> request.connection().close());
    Receiver endless = receiver();
    endless.behave(
        (request, received) -> {
          request.response().setStatusCode(500).setChunked(true);
          for (int i = 0; i < 200; i++) {
            request.response().write("x".repeat(1_000));
          }
        });
    Webhook dead = fixture.webhook(store, "http://127.0.0.1:" + gone + "/");
    Webhook slow = fixture.webhook(store, silent.url("/"));
    Webhook closing = fixture.webhook(store, rude.url("/"));
    Webhook talking = fixture.webhook(store, endless.url("/"));
    // Many more than all of them together may have under way.
    for (int i = 0; i < 40; i++) {
      fixture.invoice(store);
    }
    Receiver well = receiver();
    fixture.webhook(store, well.url("/"));
    Invoice invoice = fixture.invoice(store);
    fixture.pay(invoice);
    long began = System.nanoTime();
    assertNext(well, invoice, PAID);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    for (Webhook bad : List.of(dead, slow, closing, talking)) {
      until(bad.url() + " was tried", () -> !fixture.deliveries(bad).isEmpty());
    }
    assertThat(fixture.deliveries(dead).get(0).error().orElse("")).contains("refused");
    assertThat(fixture.deliveries(slow).get(0).error().orElse("")).contains("2000 ms");
    assertThat(fixture.deliveries(closing).get(0).httpCode()).isEmpty();
    // On a busy machine a try may end before its answer begins; the next one is told it.
    until(
        "the endless answer's status is known",
        () ->
            fixture.deliveries(talking).stream()
                .anyMatch(tried -> tried.httpCode().equals(Optional.of(500))));
    assertThat(silent.mostOpen.get()).isLessThanOrEqualTo(4);
    for (Webhook bad : List.of(dead, slow, closing, talking)) {
      await(fixture.service().webhooks().delete(bad.id()));
    }
    fixture.stop();
    fixture.answerMillis = before;
    fixture.start();
  }

  @Test
  void neverMoreThanAFewAtATimeToOneReceiver() {
    Store store = store();
    Receiver receiver = receiver();
    ConcurrentLinkedQueue<Runnable> held = new ConcurrentLinkedQueue<>();
    receiver.behave((request, received) -> held.add(() -> request.response().end()));
    fixture.webhook(store, receiver.url("/"));
    for (int i = 0; i < 12; i++) {
      fixture.invoice(store);
    }
    int answered = 0;
    while (answered < 12) {
      until("some are asked", () -> !held.isEmpty());
      Runnable answer = held.poll();
      if (answer != null) {
        answer.run();
        answered++;
      }
    }
    assertThat(receiver.mostOpen.get()).isBetween(2, 4);
  }

  @Test
  void redirectsAreNotFollowedAndRefusalsAreFinal() {
    Store store = store();
    Receiver elsewhere = receiver();
    Receiver receiver = receiver();
    Webhook webhook = fixture.webhook(store, receiver.url("/"));
    AtomicInteger asked = new AtomicInteger();
    receiver.behave(
        (request, received) -> {
          if (asked.incrementAndGet() == 1) {
            request.response().setStatusCode(307).putHeader("Location", elsewhere.url("/")).end();
          } else {
            request.response().setStatusCode(410).end();
          }
        });
    Invoice invoice = fixture.invoice(store);
    fixture.pay(invoice);
    assertNext(receiver, invoice, PAID);
    until("all are refused", () -> fixture.deliveries(webhook, Delivery.State.REFUSED).size() == 5);
    assertThat(elsewhere.waiting()).isZero();
    assertThat(fixture.deliveries(webhook))
        .anyMatch(delivery -> delivery.error().orElse("").contains("redirects are not followed"));
  }

  @Test
  void tooManyRequestsAndTimeoutsAreTriedAgainAndOneTryIsEnoughWhereSaidSo() {
    Store store = store();
    Receiver receiver = receiver();
    AtomicInteger asked = new AtomicInteger();
    receiver.behave(
        (request, received) -> {
          int[] answers = {429, 408, 500, 200};
          request.response().setStatusCode(answers[asked.getAndIncrement()]).end();
        });
    Webhook webhook = fixture.webhook(store, receiver.url("/"));
    fixture.invoice(store);
    int attempts = 0;
    for (int seconds : new int[] {10, 20, 40}) {
      receiver.next();
      int sofar = ++attempts;
      until(
          "the failure is written down",
          () -> {
            List<Delivery> log = fixture.deliveries(webhook);
            return !log.isEmpty() && log.get(0).attempts() == sofar;
          });
      fixture.advance(Duration.ofSeconds(seconds));
    }
    receiver.next();
    until(
        "it is delivered", () -> fixture.deliveries(webhook, Delivery.State.DELIVERED).size() == 1);

    receiver.answer(500);
    await(
        fixture
            .service()
            .webhooks()
            .update(
                webhook,
                new Webhook.Settings(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(false),
                    Optional.empty())));
    fixture.invoice(store);
    receiver.next();
    until("once is enough", () -> fixture.deliveries(webhook, Delivery.State.REFUSED).size() == 1);
  }

  @Test
  void nothingIsLostBetweenCommitAndSend() {
    Store store = store();
    Receiver receiver = receiver();
    Webhook webhook = fixture.webhook(store, receiver.url("/"));
    fixture.stop();
    Invoice invoice = fixture.invoice(store);
    fixture.pay(invoice);
    assertThat(receiver.waiting()).isZero();
    fixture.start();
    assertNext(receiver, invoice, PAID);
    until(
        "all are delivered",
        () -> fixture.deliveries(webhook, Delivery.State.DELIVERED).size() == 5);

    // Sent, but the process died before it was written down.
    fixture.stop();
    Delivery last =
        fixture.deliveries(webhook).stream()
            .filter(delivery -> delivery.type().equals("InvoiceSettled"))
            .findFirst()
            .orElseThrow();
    await(
        fixture
            .merchants
            .pool()
            .preparedQuery("UPDATE webhook_delivery SET state = 'Pending' WHERE id = $1")
            .execute(io.vertx.sqlclient.Tuple.of(last.id())));
    fixture.start();
    assertThat(receiver.next().json().path("deliveryId").asText())
        .as("a receiver that keeps ids knows that it has it")
        .isEqualTo(DeliveryId.text(last.id()));
  }

  @Test
  void afterThreeDaysItIsADeadLetterThatCanBeSentAgain() {
    Store store = store();
    Receiver receiver = receiver();
    receiver.answer(500);
    Webhook webhook = fixture.webhook(store, receiver.url("/"));
    Invoice invoice = fixture.invoice(store);
    Receiver.Received first = receiver.next();
    fixture.pay(invoice);
    fixture.advance(Duration.ofDays(3));
    fixture.untilLater(
        "all are given up", () -> fixture.deliveries(webhook, Delivery.State.GIVEN_UP).size() == 5);
    Delivery dead =
        fixture.deliveries(webhook, Delivery.State.GIVEN_UP).stream()
            .filter(delivery -> delivery.type().equals("InvoiceCreated"))
            .findFirst()
            .orElseThrow();
    until(
        "the metric says so",
        () -> fixture.registry.get("tender.webhook.given.up").counter().count() >= 5);
    for (int i = 0; i < 5; i++) {
      if (receiver.waiting() > 0) {
        receiver.next();
      }
    }

    receiver.answer(200);
    fixture.advance(Duration.ofMinutes(2));
    UUID again = await(fixture.service().deliveries().redeliver(dead)).orElseThrow();
    Receiver.Received repeated = receiver.next();
    repeated.assertSignedWith("s3cret");
    JsonNode json = repeated.json();
    assertThat(json.path("deliveryId").asText()).isEqualTo(DeliveryId.text(again));
    assertThat(json.path("originalDeliveryId").asText()).isEqualTo(DeliveryId.text(dead.id()));
    assertThat(json.path("isRedelivery").booleanValue()).isTrue();
    assertThat(json.path("type").asText()).isEqualTo("InvoiceCreated");
    assertThat(json.path("timestamp")).isEqualTo(first.json().path("timestamp"));
  }

  @Test
  void whatWaitsForAWebhookThatIsRemovedIsNotSent() {
    Store store = store();
    Receiver receiver = receiver();
    receiver.answer(500);
    Webhook removed = fixture.webhook(store, receiver.url("/removed"));
    fixture.invoice(store);
    receiver.next();
    fixture.stop();
    await(fixture.merchants.pool().query("DELETE FROM webhook").execute());
    receiver.answer(200);
    Webhook other = fixture.webhook(store, receiver.url("/other"));
    fixture.advance(Duration.ofSeconds(10));
    fixture.start();
    Invoice next = fixture.invoice(store);
    Receiver.Received received = receiver.next();
    assertThat(received.path()).isEqualTo("/other");
    assertThat(received.json().path("invoiceId").asText()).isEqualTo(next.id());
    until(
        "the first one's is done with",
        () -> fixture.deliveries(removed, Delivery.State.REFUSED).size() == 1);
    await(fixture.service().webhooks().delete(removed.id()));
    assertThat(fixture.deliveries(removed)).isEmpty();
    assertThat(await(fixture.service().webhooks().list(store.id()))).containsExactly(other);
  }

  /** Days of a busy shop whose server is gone. */
  @Test
  void twentyThousandThatWaitForOneReceiverDelayNoOther() throws java.io.IOException {
    int gone;
    try (ServerSocket socket = new ServerSocket(0)) {
      gone = socket.getLocalPort();
    }
    Store busy = store();
    Webhook dead = fixture.webhook(busy, "http://127.0.0.1:" + gone + "/");
    await(
        fixture
            .merchants
            .pool()
            .preparedQuery(
                """
                INSERT INTO invoice_event
                  (written_in, store_id, invoice_id, type, event_millis, details, metadata)
                SELECT 1, $1, 'invoice' || (n / 5), 'InvoiceCreated', $2, '{}', '{}'
                FROM generate_series(1, 20000) n
                """)
            .execute(io.vertx.sqlclient.Tuple.of(busy.id(), fixture.merchants.now.get())));
    Receiver well = receiver();
    Store store = store();
    fixture.webhook(store, well.url("/"));
    for (int i = 0; i < 20; i++) {
      Invoice invoice = fixture.invoice(store);
      long began = System.nanoTime();
      fixture.pay(invoice);
      assertNext(well, invoice, PAID);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
      fixture.advance(Duration.ofMinutes(1));
    }
    until("the dead one was tried", () -> !fixture.deliveries(dead).isEmpty());
    until(
        "the metric says how many wait",
        () -> fixture.registry.get("tender.webhook.outbox").gauge().value() > 19_000);
  }

  @Test
  void addressesOfIpv6AreSentToAsTheyAre() {
    Receiver receiver;
    try {
      receiver =
          new Receiver(fixture.merchants.vertx, new HttpServerOptions().setHost("::1").setPort(0));
    } catch (IllegalStateException e) {
      org.junit.jupiter.api.Assumptions.abort("This machine has no IPv6: " + e.getMessage());
      return;
    }
    receivers.add(receiver);
    Store store = store();
    fixture.webhook(store, "http://[::1]:" + receiver.port() + "/");
    fixture.invoice(store);
    assertThat(receiver.next().headers().get("host")).isEqualTo("[::1]:" + receiver.port());
  }

  @Test
  void pausesGrowFromSecondsToAnHourForThreeDays() {
    long now = 0;
    int attempts = 0;
    List<Long> pauses = new ArrayList<>();
    while (true) {
      var next = RetryPlan.DEFAULT.next(++attempts, 0, now);
      if (next.isEmpty()) {
        break;
      }
      pauses.add((next.getAsLong() - now) / 1_000);
      now = next.getAsLong();
    }
    assertThat(pauses.subList(0, 4)).containsExactly(10L, 20L, 40L, 80L);
    assertThat(pauses).isSorted().endsWith(3_600L);
    assertThat(Duration.ofMillis(now)).isBetween(Duration.ofHours(71), Duration.ofDays(3));
  }

  @Test
  void onlyWhatWasAskedForIsSentAndNothingWhileSwitchedOff() {
    Store store = store();
    Receiver some = receiver();
    Receiver none = receiver();
    fixture.service().webhooks();
    await(
        fixture
            .service()
            .webhooks()
            .create(
                store.id(),
                new Webhook.Settings(
                    Optional.of(some.url("/")),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(
                        new Webhook.Events(false, List.of("InvoiceSettled", "InvoiceInvalid"))))));
    await(
        fixture
            .service()
            .webhooks()
            .create(
                store.id(),
                new Webhook.Settings(
                    Optional.of(none.url("/")),
                    Optional.empty(),
                    Optional.of(false),
                    Optional.empty(),
                    Optional.empty())));
    Invoice paid = fixture.invoice(store);
    fixture.pay(paid);
    assertNext(some, paid, List.of("InvoiceSettled"));
    Invoice marked = fixture.invoice(store);
    await(fixture.merchants.merchant.invoices().mark(marked.id(), InvoiceStatus.INVALID));
    assertNext(some, marked, List.of("InvoiceInvalid"));
    assertThat(some.waiting() + none.waiting()).isZero();
  }

  /** An invoice over ten dollars with a webhook of its own. */
  static Invoice withHook(
      WebhookFixture on, Store store, String url, Optional<BigDecimal> monitoringMinutes) {
    InvoiceRequest plain = InvoiceRequest.of(BigDecimal.TEN, Optional.of("USD"));
    InvoiceRequest request =
        new InvoiceRequest(
            plain.amount(),
            plain.currency(),
            plain.metadata(),
            plain.speedPolicy(),
            plain.defaultPaymentMethod(),
            plain.expirationMinutes(),
            monitoringMinutes,
            plain.tolerancePercent(),
            plain.redirectUrl(),
            plain.redirectAutomatically(),
            plain.defaultLanguage(),
            plain.lazyPaymentMethods(),
            plain.receipt(),
            plain.searchTerms(),
            plain.requestKey(),
            Optional.of(new InvoiceHook(url, Optional.of("its own"))));
    return ((InvoiceIssuer.Issued.Made) await(on.merchants.merchant.issuer().issue(store, request)))
        .invoice();
  }

  private static long hooks(WebhookFixture on, Invoice... invoices) {
    String[] ids = java.util.Arrays.stream(invoices).map(Invoice::id).toArray(String[]::new);
    return await(
            on.merchants
                .pool()
                .preparedQuery("SELECT count(*) FROM webhook WHERE invoice_id = ANY ($1)")
                .execute(io.vertx.sqlclient.Tuple.tuple().addArrayOfString(ids)))
        .iterator()
        .next()
        .getLong(0);
  }

  @Test
  void anInvoicesOwnWebhookIsForgottenWhenNothingMoreCanCome() {
    WebhookFixture old = new WebhookFixture();
    Receiver well = receiver();
    Receiver broken = receiver();
    broken.answer(500);
    Store store = old.merchants.store();
    Webhook stores = old.webhook(store, well.url("/all"));
    Optional<BigDecimal> day = Optional.of(new BigDecimal(24 * 60));
    Invoice paid = withHook(old, store, well.url("/paid"), day);
    Invoice open = withHook(old, store, well.url("/open"), day);
    Invoice watched =
        withHook(old, store, well.url("/watched"), Optional.of(new BigDecimal(30 * 24 * 60)));
    Invoice late = withHook(old, store, well.url("/late"), day);
    old.pay(paid);
    until(
        "all is told",
        () -> old.deliveries(stores, Delivery.State.DELIVERED).size() == 4 + PAID.size() - 1);
    old.advance(Duration.ofDays(2));
    untilAllHaveExpired(old);
    await(old.service().pruneAll());
    assertThat(hooks(old, paid, open, watched, late)).as("there may be tries still").isEqualTo(4);

    // What still waits to be sent keeps its secret, however old the event is.
    await(
        old.merchants
            .pool()
            .preparedQuery("UPDATE webhook SET url = $1, endpoint = $2 WHERE invoice_id = $3")
            .execute(
                io.vertx.sqlclient.Tuple.of(
                    broken.url("/"), "http://127.0.0.1:" + broken.port(), late.id())));
    await(old.merchants.merchant.invoices().mark(late.id(), InvoiceStatus.SETTLED));
    until("it was tried", () -> broken.waiting() > 0);
    old.stop();
    old.advance(Duration.ofDays(5));
    old.start();
    await(old.service().pruneAll());
    assertThat(hooks(old, paid, open)).as("nothing more can come").isZero();
    assertThat(hooks(old, watched)).as("money may come for a month").isEqualTo(1);
    assertThat(await(old.service().webhooks().list(store.id()))).containsExactly(stores);
    until(
        "it is tried for the last time and given up",
        () -> count(old, "webhook_delivery WHERE state = 'Pending'") == 0);
    await(old.service().pruneAll());
    assertThat(hooks(old, late)).isZero();
    old.advance(Duration.ofDays(30));
    await(old.service().pruneAll());
    assertThat(hooks(old, watched)).isZero();
    assertThat(old.registry.get("tender.webhook.pruned").tag("what", "hook").counter().count())
        .isEqualTo(4);
    old.close();
  }

  private static long count(WebhookFixture on, String rows) {
    return await(on.merchants.pool().query("SELECT count(*) FROM " + rows).execute())
        .iterator()
        .next()
        .getLong(0);
  }

  private static void untilAllHaveExpired(WebhookFixture on) {
    until("all have expired", () -> count(on, "invoice WHERE status = 'New'") == 0);
  }

  /** More than one step looks at, all of which are kept, and one behind them that is not. */
  @Test
  void thoseThatAreKeptDoNotKeepTheOthers() {
    WebhookFixture old = new WebhookFixture();
    Store store = old.merchants.store();
    Invoice kept =
        withHook(old, store, "http://127.0.0.1:9/", Optional.of(new BigDecimal(30 * 24 * 60)));
    Invoice gone = withHook(old, store, "http://127.0.0.1:9/", Optional.of(BigDecimal.ZERO));
    old.stop();
    await(
        old.merchants
            .pool()
            .query(
                """
                TRUNCATE webhook_handover; TRUNCATE webhook_delivery;
                ALTER TABLE webhook DROP CONSTRAINT webhook_invoice_id_key;
                INSERT INTO webhook (id, store_id, invoice_id, url, endpoint, secret, enabled,
                  automatic_redelivery, everything, specific_events, created_millis)
                SELECT 'copy' || n, store_id, invoice_id, url, endpoint, secret, enabled,
                  automatic_redelivery, everything, specific_events, created_millis - 1000
                FROM webhook, generate_series(1, 2500) n WHERE invoice_id = '%s'
                """
                    .formatted(kept.id()))
            .execute());
    old.advance(Duration.ofDays(10));
    untilAllHaveExpired(old);
    await(old.merchants.pool().query("TRUNCATE webhook_handover").execute());
    old.start();
    await(old.service().pruneAll());
    assertThat(hooks(old, gone)).isZero();
    assertThat(hooks(old, kept)).isEqualTo(2_501);
    old.close();
  }

  @Test
  void anInvoicesOwnWebhookGetsItsEventsAndNoOthers() {
    Store store = store();
    Receiver stores = receiver();
    Receiver own = receiver();
    fixture.webhook(store, stores.url("/"));
    Invoice invoice = withHook(fixture, store, own.url("/one"), Optional.empty());
    Invoice other = fixture.invoice(store);
    fixture.pay(other);
    fixture.pay(invoice);
    for (String type : PAID) {
      Receiver.Received received = own.next();
      assertThat(received.type()).isEqualTo(type);
      assertThat(received.json().path("invoiceId").asText()).isEqualTo(invoice.id());
      received.assertSignedWith("its own");
    }
    for (int i = 0; i < 10; i++) {
      stores.next();
    }
    assertThat(own.waiting()).isZero();
  }

  @Test
  void aHostIsConnectedToByTheAddressThatWasCheckedEachTime() throws UnknownHostException {
    Store store = store();
    Receiver receiver = receiver();
    receiver.answer(500);
    InetAddress here = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    InetAddress metadata =
        InetAddress.getByAddress(new byte[] {(byte) 169, (byte) 254, (byte) 169, (byte) 254});
    AtomicInteger lookups = new AtomicInteger();
    HostLookup before = fixture.lookup;
    fixture.lookup =
        host -> {
          if (!host.equals("shop.test")) {
            return before.lookup(host);
          }
          return Future.succeededFuture(List.of(lookups.getAndIncrement() == 0 ? here : metadata));
        };
    try {
      Webhook webhook = fixture.webhook(store, "http://shop.test:" + receiver.port() + "/");
      fixture.invoice(store);
      Receiver.Received received = receiver.next();
      assertThat(received.headers().get("host")).isEqualTo("shop.test:" + receiver.port());
      until("written down", () -> !fixture.deliveries(webhook).isEmpty());
      fixture.advance(Duration.ofSeconds(10));
      until(
          "the second address is refused",
          () -> fixture.deliveries(webhook, Delivery.State.REFUSED).size() == 1);
      assertThat(lookups.get()).as("one lookup for each try").isEqualTo(2);
      assertThat(receiver.waiting()).isZero();
    } finally {
      fixture.lookup = before;
    }
  }

  @Test
  void certificatesAreCheckedAgainstTheNameOfTheHost() {
    SelfSignedCertificate certificate = SelfSignedCertificate.create("localhost");
    Receiver receiver =
        new Receiver(
            fixture.merchants.vertx,
            new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(0)
                .setSsl(true)
                .setKeyCertOptions(certificate.keyCertOptions()));
    receivers.add(receiver);
    Store store = store();
    Webhook webhook = fixture.webhook(store, "https://localhost:" + receiver.port() + "/");
    fixture.invoice(store);
    fixture.untilLater(
        "it is not trusted",
        () ->
            fixture.deliveries(webhook).stream()
                .anyMatch(delivery -> delivery.error().orElse("").contains("TLS")));
    assertThat(receiver.waiting()).isZero();

    fixture.stop();
    fixture.client = new HttpClientOptions().setTrustOptions(certificate.trustOptions());
    fixture.start();
    fixture.untilLater("it is trusted", () -> receiver.waiting() > 0);
    assertThat(receiver.next().type()).isEqualTo("InvoiceCreated");
    fixture.stop();
    fixture.client = new HttpClientOptions();
    fixture.start();
  }

  @Test
  void whatWasSentIsDroppedAfterSixtyDays() {
    WebhookFixture old = new WebhookFixture();
    Receiver receiver = receiver();
    Store store = old.merchants.store();
    Webhook webhook = old.webhook(store, receiver.url("/"));
    old.invoice(store);
    receiver.next();
    until("it is delivered", () -> old.deliveries(webhook, Delivery.State.DELIVERED).size() == 1);
    old.advance(Duration.ofMillis(InvoiceEventLog.KEPT_MILLIS + 1));
    await(old.service().pruneAll());
    Delivery delivery = old.deliveries(webhook).get(0);
    assertThat(await(old.service().deliveries().request(delivery))).isEmpty();
    assertThat(await(old.service().deliveries().redeliver(delivery))).isEmpty();
    old.advance(Duration.ofMillis(Deliveries.KEPT_MILLIS));
    await(old.service().pruneAll());
    assertThat(old.deliveries(webhook)).isEmpty();
    old.close();
  }

  @Test
  void whoWaitsForTheNextEventIsAnsweredWhenItComes() {
    Store store = store();
    Invoice invoice = fixture.invoice(store);
    List<InvoiceEventLog.Entry> first =
        await(
            fixture
                .service()
                .feed()
                .read(store.id(), network.tender.merchant.EventCursor.START, 10, 5_000));
    assertThat(first).hasSize(1);
    Future<List<InvoiceEventLog.Entry>> waiting =
        fixture.service().feed().read(store.id(), first.get(0).cursor(), 10, 10_000);
    assertThat(waiting.isComplete()).isFalse();
    fixture.merchants.commit(
        fixture.merchants.block(MerchantFixture.pays(invoice, WebhookFixture.DUE_SAT)));
    assertThat(await(waiting)).hasSize(4);
  }

  /** Reading may wait long for the turn of an account whose other questions are slow. */
  @Test
  void whoReadsSlowlyHoldsUpNobodyElseWhoWaits() {
    var feed = fixture.service().feed();
    var start = network.tender.merchant.EventCursor.START;
    var places = fixture.registry.get("tender.event.feed.waiting").gauge();
    Store slow = store();
    Store other = store();
    Promise<Optional<String>> never = Promise.promise();
    AtomicInteger reading = new AtomicInteger();
    List<Future<?>> held = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      AtomicBoolean asked = new AtomicBoolean();
      held.add(
          feed.read(
              "slow",
              slow.id(),
              start,
              10_000,
              () -> {
                if (!asked.getAndSet(true)) {
                  return Future.succeededFuture(Optional.<String>empty());
                }
                reading.incrementAndGet();
                return never.future();
              }));
    }
    var waiting = feed.read(other.id(), start, 10, 10_000);
    until("all wait", () -> places.value() == 21);
    fixture.invoice(slow);
    until("some read", () -> reading.get() == 3);
    fixture.invoice(other);
    assertThat(await(waiting)).hasSize(1);
    assertThat(reading.get()).as("of one account at a time").isEqualTo(3);
    never.complete(Optional.of("read"));
    held.forEach(MerchantFixture::await);
    assertThat(reading.get()).isEqualTo(20);
    assertThat(places.value()).isZero();
  }

  /** Whoever forgets to end a transaction in the same database keeps newer events from readers. */
  @Test
  void aGaugeSaysHowLongTheFeedIsHeldUp() {
    Store store = store();
    var gauge = fixture.registry.get("tender.event.feed.held.up").gauge();
    await(fixture.service().measureFeed());
    assertThat(gauge.value()).isZero();
    var connection = await(fixture.merchants.pool().getConnection());
    var forgotten = await(connection.begin());
    await(connection.query("CREATE TABLE forgotten (x int)").execute());
    long number =
        await(connection.query("SELECT pg_current_xact_id()::text::bigint").execute())
            .iterator()
            .next()
            .getLong(0);
    try {
      fixture.invoice(store);
      assertThat(feed(store)).isEmpty();
      until(
          "it is the only one that holds anybody up",
          () ->
              await(fixture.merchants.merchant.eventLog().heldBy())
                  .equals(OptionalLong.of(number)));
      await(fixture.service().measureFeed());
      fixture.advance(Duration.ofMinutes(2));
      await(fixture.service().measureFeed());
      assertThat(gauge.value()).isEqualTo(120);
    } finally {
      await(forgotten.rollback());
      await(connection.close());
    }
    assertThat(feed(store)).hasSize(1);
    await(fixture.service().measureFeed());
    assertThat(gauge.value()).isZero();
  }

  private static List<InvoiceEventLog.Entry> feed(Store store) {
    return await(
        fixture
            .service()
            .feed()
            .read(store.id(), network.tender.merchant.EventCursor.START, 10, 0));
  }
}
