package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Map;
import network.tender.webhook.Receiver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A shop's whole order, with a node that dies before it could tell the shop. */
@Timeout(180)
class WebhookCrashTest {
  private static final String SECRET = "between the shop and the node";

  @TempDir private Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final Receiver shop = new Receiver(vertx);
  private NodeProcess node;

  @AfterEach
  void end() {
    if (node != null) {
      node.close();
    }
    shop.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void whatWasCommittedIsToldAfterTheNodeWasKilled() {
    Path data = folder.resolve("data");
    node = NodeProcess.start(data);
    Api api = new Api(node);
    Wallet owner = Wallet.make(folder.resolve("shop.json"), node.http());
    Wallet customer = Wallet.make(folder.resolve("customer.json"), node.http());
    api.faucet(customer.address(), "1");
    String store =
        api.post("/api/v1/stores", Map.of("name", "Shop")).expect(200).json().path("id").asText();
    String base = "/api/v1/stores/" + store;
    api.put(base + "/payment-methods/TNDR-CHAIN", Map.of("enabled", true, "config", owner.xpub()))
        .expect(200);
    api.post(base + "/webhooks", Map.of("url", shop.url("/hook"), "secret", SECRET)).expect(200);

    // The shop is down, so that nothing can be told before the node dies.
    shop.answer(503);
    String invoices = base + "/invoices";
    String invoice =
        api.post(invoices, Map.of("amount", "0.25", "currency", "TNDR"))
            .expect(200)
            .json()
            .path("id")
            .asText();
    assertThat(shop.next().type()).isEqualTo("InvoiceCreated");
    JsonNode method = api.get(invoices + "/" + invoice + "/payment-methods").json().get(0);
    customer.pay(method.path("paymentLink").asText());
    node.kill();

    while (shop.waiting() > 0) {
      shop.next();
    }
    shop.answer(200);
    node = NodeProcess.start(data);
    for (String type :
        new String[] {
          "InvoiceCreated",
          "InvoiceReceivedPayment",
          "InvoiceProcessing",
          "InvoicePaymentSettled",
          "InvoiceSettled"
        }) {
      Receiver.Received received = shop.next();
      received.assertSignedWith(SECRET);
      assertThat(received.type()).isEqualTo(type);
      assertThat(received.json().path("invoiceId").asText()).isEqualTo(invoice);
    }
    JsonNode feed = new Api(node).get(base + "/events").expect(200).json();
    assertThat(feed).hasSize(5);
    String metrics = new Api(node).get(node.management() + "/metrics").body();
    assertThat(metrics)
        .contains("tender_webhook_outbox ")
        .contains("tender_webhook_outbox_oldest_age_seconds")
        .contains("tender_webhook_dead_letters")
        .contains("tender_webhook_attempts_total{outcome=\"delivered\"} ")
        .contains("tender_webhook_given_up_total");
  }
}
