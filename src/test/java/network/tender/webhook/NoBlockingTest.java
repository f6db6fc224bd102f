package network.tender.webhook;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.webhook.WebhookFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.merchant.Invoice;
import network.tender.merchant.Store;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What goes wrong with one invoice, webhook or store delays no other, though all of it goes to one
 * host and port, as with {@code hooks.zapier.com}. The clock stands still unless a test moves it:
 * nothing waits for a pause.
 */
@Timeout(90)
class NoBlockingTest {
  private static final List<String> PAID =
      List.of(
          "InvoiceCreated",
          "InvoiceReceivedPayment",
          "InvoiceProcessing",
          "InvoicePaymentSettled",
          "InvoiceSettled");

  private WebhookFixture fixture;
  private Receiver host;

  /** What came that was answered well, by path, in the order in which it came. */
  private final Map<String, List<Receiver.Received>> heard = new ConcurrentHashMap<>();

  private final Map<String, Integer> tries = new ConcurrentHashMap<>();
  private final Set<String> broken = ConcurrentHashMap.newKeySet();
  private final Set<String> hanging = ConcurrentHashMap.newKeySet();
  private final AtomicInteger hang = new AtomicInteger();

  @BeforeEach
  void open() {
    fixture = new WebhookFixture();
    host = new Receiver(fixture.merchants.vertx);
    host.behave(
        (request, received) -> {
          String invoice = received.json().path("invoiceId").asText();
          tries.merge(received.path(), 1, Integer::sum);
          if (received.path().startsWith("/hang") || hanging.contains(invoice)) {
            hang.incrementAndGet();
          } else if (received.path().startsWith("/500") || broken.contains(invoice)) {
            request.response().setStatusCode(500).end();
          } else {
            heard.computeIfAbsent(received.path(), path -> new ArrayList<>()).add(received);
            request.response().end();
          }
        });
  }

  @AfterEach
  void close() {
    host.close();
    fixture.close();
  }

  private void restartWithAnswerMillis(int millis) {
    fixture.stop();
    fixture.answerMillis = millis;
    fixture.start();
  }

  private List<Invoice> invoices(Store store, int count) {
    List<Invoice> made = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      made.add(fixture.invoice(store));
    }
    return made;
  }

  private int heardAt(String path) {
    return heard.getOrDefault(path, List.of()).size();
  }

  /** All events of all of these came to a path, each invoice's in their order. */
  private void assertHeardInOrder(String path, List<Invoice> invoices) {
    until(
        "all is heard at " + path,
        () -> {
          Set<String> ended = new HashSet<>();
          for (Receiver.Received received : List.copyOf(heard.getOrDefault(path, List.of()))) {
            if (received.type().equals("InvoiceSettled")) {
              ended.add(received.json().path("invoiceId").asText());
            }
          }
          return invoices.stream().map(Invoice::id).allMatch(ended::contains);
        });
    Map<String, List<String>> types = new HashMap<>();
    for (Receiver.Received received : List.copyOf(heard.getOrDefault(path, List.of()))) {
      types
          .computeIfAbsent(received.json().path("invoiceId").asText(), id -> new ArrayList<>())
          .add(received.type());
    }
    for (Invoice invoice : invoices) {
      assertThat(types.get(invoice.id())).isEqualTo(PAID);
    }
  }

  /** A shop that answers 500 for orders which it has deleted. */
  @Test
  void invoicesThatAreAnsweredWith500DelayNoOtherInvoice() {
    Store store = fixture.merchants.store();
    fixture.webhook(store, host.url("/hook"));
    fixture.stop();
    invoices(store, 30).forEach(invoice -> broken.add(invoice.id()));
    List<Invoice> good = invoices(store, 6);
    good.forEach(fixture::pay);
    fixture.start();
    assertHeardInOrder("/hook", good);

    // The broken ones are due again, and longer so than the new ones.
    until("all were tried", () -> tries.getOrDefault("/hook", 0) >= 30 + 6 * PAID.size());
    fixture.stop();
    fixture.advance(Duration.ofSeconds(60));
    List<Invoice> more = invoices(store, 6);
    more.forEach(fixture::pay);
    int before = tries.getOrDefault("/hook", 0);
    fixture.start();
    assertHeardInOrder("/hook", more);
    until(
        "the broken ones were tried again, too",
        () -> tries.getOrDefault("/hook", 0) == before + 30 + 6 * PAID.size());
  }

  @Test
  void aWebhookThatIsAnsweredWith500DelaysNoOtherOfItsStore() {
    Store store = fixture.merchants.store();
    fixture.webhook(store, host.url("/500/x"));
    fixture.webhook(store, host.url("/200/y"));
    fixture.stop();
    List<Invoice> good = invoices(store, 20);
    good.forEach(fixture::pay);
    fixture.start();
    assertHeardInOrder("/200/y", good);
    until("each was tried at the other", () -> tries.getOrDefault("/500/x", 0) == 20);
  }

  @Test
  void manyFailingWebhooksOfAStoreDelayNoOtherStore() {
    Store bad = fixture.merchants.store();
    for (int i = 0; i < 20; i++) {
      fixture.webhook(bad, host.url("/500/" + i));
    }
    Store store = fixture.merchants.store();
    fixture.webhook(store, host.url("/200"));
    for (int i = 0; i < 6; i++) {
      invoices(bad, 3);
      List<Invoice> one = invoices(store, 1);
      one.forEach(fixture::pay);
      assertHeardInOrder("/200", one);
      fixture.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void aPathThatHangsDelaysNoOtherPathOfItsHost() {
    Store store = fixture.merchants.store();
    fixture.webhook(store, host.url("/hang"));
    fixture.webhook(store, host.url("/200"));
    invoices(store, 40);
    until("the one hangs", () -> hang.get() > 0);
    List<Invoice> good = invoices(store, 10);
    good.forEach(fixture::pay);
    long began = System.nanoTime();
    assertHeardInOrder("/200", good);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("before anything is given up as unanswered")
        .isLessThan(Duration.ofMillis(fixture.answerMillis));
    assertThat(heardAt("/200")).isEqualTo(40 + 10 * PAID.size());
  }

  @Test
  void hangingWebhooksOfAStoreDelayNoOtherStore() {
    Store bad = fixture.merchants.store();
    for (int i = 0; i < 20; i++) {
      fixture.webhook(bad, host.url("/hang/" + i));
    }
    Store store = fixture.merchants.store();
    fixture.webhook(store, host.url("/200"));
    invoices(bad, 10);
    until("they hang", () -> hang.get() > 3);
    List<Invoice> good = invoices(store, 10);
    good.forEach(fixture::pay);
    long began = System.nanoTime();
    assertHeardInOrder("/200", good);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("before anything is given up as unanswered")
        .isLessThan(Duration.ofMillis(fixture.answerMillis));
  }

  /** Each is a link of its own, of which nothing is known. */
  @Test
  void hangingWebhooksOfInvoicesDelayNeitherTheirStoresNorAnothers() {
    Store store = fixture.merchants.store();
    Store other = fixture.merchants.store();
    fixture.webhook(store, host.url("/200/mine"));
    fixture.webhook(other, host.url("/200/others"));
    for (int i = 0; i < 60; i++) {
      WebhookTest.withHook(fixture, store, host.url("/hang/" + i), java.util.Optional.empty());
    }
    until("they hang", () -> hang.get() > 3);
    List<Invoice> mine = invoices(store, 10);
    List<Invoice> others = invoices(other, 10);
    mine.forEach(fixture::pay);
    others.forEach(fixture::pay);
    long began = System.nanoTime();
    assertHeardInOrder("/200/mine", mine);
    assertHeardInOrder("/200/others", others);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("before anything is given up as unanswered")
        .isLessThan(Duration.ofMillis(fixture.answerMillis));
  }

  /** Nobody can tell whether the receiver is gone or hangs over some orders: the newest tells. */
  @Test
  void aReceiverThatHangsOverSomeInvoicesIsAskedAboutNewOnes() {
    restartWithAnswerMillis(1_000);
    Store store = fixture.merchants.store();
    Webhook webhook = fixture.webhook(store, host.url("/hook"));
    fixture.stop();
    invoices(store, 40).forEach(invoice -> hanging.add(invoice.id()));
    List<Invoice> good = invoices(store, 6);
    good.forEach(fixture::pay);
    fixture.start();
    long began = System.nanoTime();
    until("it does not answer", () -> fixture.deliveries(webhook).size() >= 3);
    fixture.untilLater("the good ones are heard", () -> heardAt("/hook") == 6 * PAID.size());
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    assertHeardInOrder("/hook", good);
    await(fixture.service().webhooks().delete(webhook.id()));
  }
}
