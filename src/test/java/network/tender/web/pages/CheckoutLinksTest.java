package network.tender.web.pages;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.journal.TestDatabase;
import network.tender.merchant.ExactJson;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.Store;
import network.tender.web.TestServer;
import network.tender.web.greenfield.ApiUnderTest;
import network.tender.web.greenfield.GreenfieldSurface;
import org.junit.jupiter.api.Test;

/** Where customers are sent back to, by the checkout of an invoice that a shop has made. */
class CheckoutLinksTest {
  @Test
  void ordersOfAnyNameFitIntoAnyPartOfALink() {
    try (MerchantFixture merchants = new MerchantFixture(TestDatabase.create());
        TestServer server = serve(merchants)) {
      Store store = merchants.store();
      String admin = administrator(merchants);
      ObjectNode body = ExactJson.object().put("amount", 1);
      body.putObject("metadata").put("orderId", "a b/ä+1&2");
      body.putObject("checkout")
          .put("redirectURL", "https://s.example/{OrderId}/thanks?order={OrderId}&i={InvoiceId}");
      HttpResponse<String> made =
          server.send(
              server
                  .request("/api/v1/stores/" + store.id() + "/invoices")
                  .header("Authorization", "token " + admin)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(ExactJson.write(body))));
      assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
      String id = TestServer.json(made).getString("id");
      assertThat(TestServer.json(server.get("/i/" + id + "/status")).getString("merchantRefLink"))
          .isEqualTo(
              "https://s.example/a%20b%2F%C3%A4%2B1%262/thanks?order=a%20b%2F%C3%A4%2B1%262&i="
                  + id);
    }
  }

  private static String administrator(MerchantFixture merchants) {
    AtomicReference<String> kept = new AtomicReference<>();
    await(
        merchants
            .merchant
            .apiKeys()
            .ensureAdministratorKey(
                key -> {
                  kept.set(key);
                  return Future.succeededFuture();
                }));
    return kept.get();
  }

  private static TestServer serve(MerchantFixture merchants) {
    return TestServer.start(
        merchants.vertx,
        new GreenfieldSurface(merchants.merchant, ApiUnderTest.STATUS, Optional.empty()),
        new PagesSurface(
            PageAssets.load(merchants.network),
            merchants.network,
            Optional.empty(),
            new MerchantShop(merchants.merchant, merchants.curve),
            Optional.empty(),
            () -> 250,
            merchants.clock,
            System::nanoTime,
            new SimpleMeterRegistry()));
  }
}
