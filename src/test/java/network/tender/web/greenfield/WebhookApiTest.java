package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.webhook.WebhookFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.merchant.ExactJson;
import network.tender.merchant.MerchantFixture;
import network.tender.script.WalletAccount;
import network.tender.web.TestServer;
import network.tender.webhook.Receiver;
import network.tender.webhook.WebhookFixture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks as plugins set them up and use them, over real HTTP. */
@Timeout(90)
class WebhookApiTest {
  private static WebhookFixture fixture;
  private static TestServer server;
  private static Receiver receiver;
  private static String admin;

  @BeforeAll
  static void start() {
    fixture = new WebhookFixture();
    MerchantFixture merchants = fixture.merchants;
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
    admin = kept.get();
    NodeStatus node =
        new NodeStatus() {
          @Override
          public boolean canSettle() {
            return true;
          }

          @Override
          public int height() {
            return 250;
          }
        };
    GreenfieldSurface greenfield =
        new GreenfieldSurface(merchants.merchant, node, Optional.empty());
    server =
        TestServer.start(
            merchants.vertx,
            greenfield,
            new WebhookSurface(greenfield, merchants.merchant, fixture.service()));
    receiver = new Receiver(merchants.vertx);
  }

  @AfterAll
  static void stop() {
    server.close();
    receiver.close();
    fixture.close();
  }

  private static HttpResponse<String> send(String key, String verb, String path, String body) {
    HttpRequest.Builder request =
        server
            .request("/api/v1" + path)
            .header("Authorization", "token " + key)
            .method(
                verb,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    return server.send(request);
  }

  private static JsonNode json(HttpResponse<String> response) {
    return ExactJson.parse(response.body().getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  private static JsonNode ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response);
  }

  private static JsonNode ok(String verb, String path, String body) {
    return ok(send(admin, verb, path, body));
  }

  private static void assertRefused(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(json(response).path("code").asText()).isEqualTo(code);
  }

  private static void assertField(HttpResponse<String> response, String path) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
    assertThat(json(response).isArray()).isTrue();
    assertThat(json(response).path(0).path("path").asText()).isEqualTo(path);
    assertThat(json(response).path(0).path("message").asText()).isNotBlank();
  }

  private static String newStore() {
    String id = ok("POST", "/stores", "{\"name\":\"Kiosk\"}").path("id").asText();
    String xpub = fixture.merchants.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT).xpub();
    ok(
        "PUT",
        "/stores/" + id + "/payment-methods/" + fixture.merchants.network.paymentMethodId(),
        "{\"config\":\"" + xpub + "\"}");
    return id;
  }

  private static String key(String... permissions) {
    var body = ExactJson.object();
    for (String permission : permissions) {
      body.withArray("permissions").add(permission);
    }
    return ok("POST", "/api-keys", ExactJson.write(body)).path("apiKey").asText();
  }

  /** Trap 11: PrestaShop compares the secret that comes back with the one that it sent. */
  @Test
  void theSecretIsShownOnceAndIsTheOneThatWasSent() {
    String store = newStore();
    String body =
        """
        {"enabled":true,"automaticRedelivery":true,"url":"%s",
         "authorizedEvents":{"everything":true,"specificEvents":null},"secret":"presta-secret"}
        """
            .formatted(receiver.url("/modules/btcpay/webhook"));
    HttpResponse<String> made = send(admin, "POST", "/stores/" + store + "/webhooks", body);
    JsonNode webhook = ok(made);
    assertThat(webhook.path("secret").asText()).isEqualTo("presta-secret");
    String nested = "/stores/" + store + "/webhooks/" + webhook.path("id").asText();
    JsonNode read = ok("GET", nested, "");
    assertThat(read.has("secret")).isFalse();
    assertThat(ok("GET", "/stores/" + store + "/webhooks/", "").path(0)).isEqualTo(read);

    // PUT with null and empty secrets keeps it: what is sent is still signed with it.
    ok("PUT", nested, "{\"url\":\"%s\",\"secret\":null}".formatted(receiver.url("/kept")));
    JsonNode changed = ok("PUT", nested, "{\"secret\":\"\",\"enabled\":\"True\"}");
    assertThat(changed.has("secret")).isFalse();
    assertThat(changed.path("url").asText()).isEqualTo(receiver.url("/kept"));
    ok("POST", "/stores/" + store + "/invoices", "{\"amount\":\"1\",\"currency\":\"USD\"}");
    Receiver.Received received = receiver.next();
    assertThat(received.path()).isEqualTo("/kept");
    received.assertSignedWith("presta-secret");

    HttpResponse<String> deleted = send(admin, "DELETE", nested, "");
    assertThat(deleted.statusCode()).isEqualTo(200);
    assertThat(deleted.body()).isEmpty();
    assertRefused(send(admin, "GET", nested, ""), 404, "webhook-not-found");
  }

  /** Trap 11: Magento reads strict booleans and the very URL back. */
  @Test
  void magentoFindsItsSetupAgain() {
    String store = newStore();
    String url = receiver.url("/btcpay/webhook?a=1&b=%20x");
    JsonNode made =
        ok(
            "POST",
            "/stores/" + store + "/webhooks",
            """
            {"Enabled":true,"AutomaticRedelivery":true,"Url":"%s","AuthorizedEvents":{"Everything":true}}
            """
                .formatted(url));
    assertThat(made.path("secret").asText()).as("one of our own").hasSizeGreaterThan(15);
    String id = made.path("id").asText();
    for (String path : List.of("/stores/" + store + "/webhooks/" + id, "/webhooks/" + id)) {
      JsonNode read = ok("GET", path, "");
      assertThat(read.path("enabled").isBoolean()).isTrue();
      assertThat(read.path("enabled").booleanValue()).isTrue();
      assertThat(read.path("automaticRedelivery").isBoolean()).isTrue();
      assertThat(read.path("authorizedEvents").path("everything").isBoolean()).isTrue();
      assertThat(read.path("authorizedEvents").path("everything").booleanValue()).isTrue();
      assertThat(read.path("authorizedEvents").path("specificEvents").isArray()).isTrue();
      assertThat(read.path("url").asText()).isEqualTo(url);
    }
    HttpResponse<String> deleted = send(admin, "DELETE", "/webhooks/" + id + "/", "");
    assertThat(deleted.statusCode()).isEqualTo(200);
  }

  private static JsonNode ok(String verb, String path) {
    return ok(verb, path, "");
  }

  /** WooCommerce asks for six events by name. */
  @Test
  void wooCommerceGetsTheEventsItAskedForAndCanHaveThemAgain() {
    String store = newStore();
    String hooks = "/stores/" + store + "/webhooks";
    JsonNode webhook =
        ok(
            "POST",
            hooks,
            """
            {"enabled":true,"automaticRedelivery":true,"url":"%s","authorizedEvents":{"everything":false,
             "specificEvents":["InvoiceReceivedPayment","InvoicePaymentSettled","InvoiceProcessing",
             "InvoiceExpired","InvoiceSettled","InvoiceInvalid"]},"secret":null}
            """
                .formatted(receiver.url("/?wc-api=btcpaygf_default")));
    String secret = webhook.path("secret").asText();
    String id = webhook.path("id").asText();
    JsonNode invoice =
        ok(
            "POST",
            "/stores/" + store + "/invoices",
            "{\"amount\":\"10\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"42\"}}");
    fixture.pay(
        await(fixture.merchants.merchant.invoices().find(invoice.path("id").asText()))
            .orElseThrow());
    List<Receiver.Received> received = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      received.add(receiver.next());
      received.get(i).assertSignedWith(secret);
    }
    assertThat(received.stream().map(Receiver.Received::type))
        .containsExactly(
            "InvoiceReceivedPayment",
            "InvoiceProcessing",
            "InvoicePaymentSettled",
            "InvoiceSettled");
    assertThat(received.get(2).json().path("afterExpiration").booleanValue()).isFalse();
    assertThat(received.get(3).json().path("metadata").path("orderId").asText()).isEqualTo("42");

    until("all are written down", () -> ok("GET", hooks + "/" + id + "/deliveries").size() == 4);
    assertThat(ok("GET", "/webhooks/" + id + "/deliveries?count=2")).hasSize(2);
    JsonNode newest = ok("GET", hooks + "/" + id + "/deliveries").path(0);
    assertThat(newest.path("status").asText()).isEqualTo("HttpSuccess");
    assertThat(newest.path("httpCode").intValue()).isEqualTo(200);
    assertThat(newest.path("errorMessage").isNull()).isTrue();
    String delivery = received.get(3).json().path("deliveryId").asText();
    for (String family : List.of(hooks + "/" + id, "/webhooks/" + id)) {
      String path = family + "/deliveries/" + delivery;
      assertThat(ok("GET", path).path("id").asText()).isEqualTo(delivery);
      HttpResponse<String> request = send(admin, "GET", path + "/request", "");
      assertThat(request.statusCode()).isEqualTo(200);
      assertThat(request.body().getBytes(StandardCharsets.UTF_8)).isEqualTo(received.get(3).body());
      HttpResponse<String> again = send(admin, "POST", path + "/redeliver", "");
      assertThat(again.statusCode()).isEqualTo(200);
      assertThat(json(again).isTextual()).isTrue();
      JsonNode repeated = receiver.next().json();
      assertThat(repeated.path("deliveryId").asText()).isEqualTo(json(again).asText());
      assertThat(repeated.path("originalDeliveryId").asText()).isEqualTo(delivery);
      assertThat(repeated.path("isRedelivery").booleanValue()).isTrue();
    }
    await(fixture.merchants.pool().query("DELETE FROM invoice_event").execute());
    String path = "/webhooks/" + id + "/deliveries/" + delivery;
    assertRefused(send(admin, "GET", path + "/request", ""), 409, "webhookdelivery-pruned");
    assertRefused(send(admin, "POST", path + "/redeliver", ""), 409, "webhookdelivery-pruned");
    assertRefused(
        send(admin, "GET", "/webhooks/" + id + "/deliveries/nosuch", ""),
        404,
        "webhookdelivery-not-found");
    send(admin, "DELETE", "/webhooks/" + id, "");
  }

  private static HttpResponse<String> once(String path, String body, String idempotencyKey) {
    return server.send(
        server
            .request("/api/v1" + path)
            .header("Authorization", "token " + admin)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", idempotencyKey)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  @Test
  void whatIsAskedForAgainIsMadeAndSentOnce() {
    try (Receiver own = new Receiver(fixture.merchants.vertx)) {
      String store = newStore();
      String hooks = "/stores/" + store + "/webhooks";
      String body = "{\"url\":\"" + own.url("/once") + "\"}";
      HttpResponse<String> made = once(hooks, body, "hook-1");
      String id = ok(made).path("id").asText();
      HttpResponse<String> again = once(hooks, body, "hook-1");
      assertThat(again.body()).isEqualTo(made.body()).contains("\"secret\":\"");
      assertThat(again.headers().firstValue("Idempotent-Replayed")).hasValue("true");
      assertThat(ok("GET", hooks)).hasSize(1);

      ok("POST", "/stores/" + store + "/invoices", "{\"amount\":0}");
      String delivery = own.next().json().path("deliveryId").asText();
      String redeliver = "/webhooks/" + id + "/deliveries/" + delivery + "/redeliver";
      until(
          "it is written down",
          () -> send(admin, "GET", redeliver.replace("/redeliver", ""), "").statusCode() == 200);
      HttpResponse<String> sent = once(redeliver, "", "again-1");
      assertThat(json(sent).isTextual()).isTrue();
      assertThat(once(redeliver, "", "again-1").body()).isEqualTo(sent.body());
      JsonNode repeated = own.next().json();
      while (!repeated.path("isRedelivery").booleanValue()) {
        repeated = own.next().json();
      }
      assertThat(repeated.path("deliveryId").asText()).isEqualTo(json(sent).asText());
      long redeliveries =
          await(
                  fixture
                      .merchants
                      .pool()
                      .query(
                          "SELECT count(*) FROM webhook_delivery"
                              + " WHERE original_id IS NOT NULL AND webhook_id = '"
                              + id
                              + "'")
                      .execute())
              .iterator()
              .next()
              .getLong(0);
      assertThat(redeliveries).isEqualTo(1);
      send(admin, "DELETE", "/webhooks/" + id, "");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "shop.example/hook",
        "ftp://127.0.0.1/",
        "http://user:password@127.0.0.1/",
        "http:///hook",
        "http://127.0.0.1:99999/",
        "http://no-such-host.invalid/",
        "http://10.0.0.1/",
        "http://[::ffff:192.168.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/latest/meta-data/"
      })
  void linksThatCanNotBeSentToAreRefused(String url) {
    String store = newStore();
    assertField(
        send(admin, "POST", "/stores/" + store + "/webhooks", "{\"url\":\"" + url + "\"}"), "Url");
    assertThat(ok("GET", "/stores/" + store + "/webhooks")).isEmpty();
    if (!url.isEmpty()) {
      assertField(
          send(
              admin,
              "POST",
              "/stores/" + store + "/invoices",
              "{\"amount\":1,\"currency\":\"USD\",\"webhookUrl\":\"" + url + "\"}"),
          "WebhookUrl");
      assertThat(ok("GET", "/stores/" + store + "/invoices")).isEmpty();
    }
  }

  @Test
  void othersStoresAndUnknownIdsAreRefusedAsTheContractSays() {
    String store = newStore();
    String other = newStore();
    String id =
        ok("POST", "/stores/" + store + "/webhooks", "{\"url\":\"" + receiver.url("/") + "\"}")
            .path("id")
            .asText();
    String mine = key("btcpay.store.webhooks.canmodifywebhooks:" + store);
    String theirs = key("btcpay.store.webhooks.canmodifywebhooks:" + other);
    String viewer = key("btcpay.store.canviewinvoices:" + store);
    assertThat(ok(send(mine, "GET", "/webhooks/" + id, "")).path("id").asText()).isEqualTo(id);
    for (String key : List.of(theirs, viewer)) {
      for (String path :
          List.of(
              "/webhooks/" + id,
              "/stores/" + store + "/webhooks/" + id,
              "/webhooks/" + id + "/deliveries")) {
        assertRefused(send(key, "GET", path, ""), 403, "missing-permission");
      }
    }
    assertRefused(
        send(admin, "GET", "/stores/" + other + "/webhooks/" + id, ""), 403, "missing-permission");
    assertRefused(send(mine, "GET", "/webhooks/unknown", ""), 403, "missing-permission");
    assertRefused(
        send(mine, "GET", "/stores/" + store + "/webhooks/unknown", ""), 404, "webhook-not-found");
    assertField(send(mine, "PUT", "/webhooks/" + id, "{\"url\":\"http://10.0.0.1/\"}"), "Url");
    assertField(send(mine, "PUT", "/webhooks/" + id, "{\"enabled\":\"perhaps\"}"), "Enabled");
    assertField(send(mine, "GET", "/webhooks/" + id + "/deliveries?state=lost", ""), "state");
    send(admin, "DELETE", "/webhooks/" + id, "");
  }

  @Test
  void anInvoiceMayHaveAWebhookOfItsOwn() {
    String store = newStore();
    JsonNode invoice =
        ok(
            "POST",
            "/stores/" + store + "/invoices",
            """
            {"amount":"10","currency":"USD","webhookUrl":"%s","webhookSecret":"only mine"}
            """
                .formatted(receiver.url("/one")));
    Receiver.Received created = receiver.next();
    assertThat(created.path()).isEqualTo("/one");
    assertThat(created.json().path("invoiceId")).isEqualTo(invoice.path("id"));
    created.assertSignedWith("only mine");
    assertThat(ok("GET", "/stores/" + store + "/webhooks")).isEmpty();
  }

  /** Whoever was down, or never got anything, can see what an invoice's own webhook was sent. */
  @Test
  void whatWasSentToAnInvoicesOwnWebhookIsSeenAndSentAgain() {
    try (Receiver own = new Receiver(fixture.merchants.vertx)) {
      own.answer(410);
      String store = newStore();
      String hooks = "/stores/" + store + "/webhooks";
      String storesOwn =
          ok("POST", hooks, "{\"url\":\"%s\"}".formatted(own.url("/all"))).path("id").asText();
      String invoice =
          ok(
                  "POST",
                  "/stores/" + store + "/invoices",
                  """
                  {"amount":"10","currency":"USD","webhookUrl":"%s"}
                  """
                      .formatted(own.url("/one?order=7")))
              .path("id")
              .asText();
      JsonNode list = ok("GET", hooks + "?invoiceId=" + invoice, "");
      assertThat(list).hasSize(1);
      JsonNode hook = list.path(0);
      String id = hook.path("id").asText();
      assertThat(hook.path("url").asText()).isEqualTo(own.url("/one?order=7"));
      assertThat(hook.path("invoiceId").asText()).isEqualTo(invoice);
      assertThat(hook.has("secret")).isFalse();
      assertThat(ok("GET", hooks, "")).as("none of the store's").hasSize(1);
      assertThat(ok("GET", hooks, "").path(0).path("id").asText()).isEqualTo(storesOwn);
      assertThat(ok("GET", hooks, "").path(0).has("invoiceId")).isFalse();
      assertThat(ok("GET", hooks + "?invoiceId=unknown", "")).isEmpty();

      List<Receiver.Received> sent = new ArrayList<>(List.of(own.next(), own.next()));
      sent.removeIf(received -> received.path().equals("/all"));
      assertThat(sent.get(0).json().path("webhookId").asText()).isEqualTo(id);
      String delivery = sent.get(0).json().path("deliveryId").asText();
      for (String family : List.of(hooks + "/" + id, "/webhooks/" + id)) {
        assertThat(ok("GET", family, "")).isEqualTo(hook);
        until("it is written down", () -> ok("GET", family + "/deliveries", "").size() > 0);
        JsonNode refused = ok("GET", family + "/deliveries?state=Refused", "").path(0);
        assertThat(refused.path("id").asText()).isEqualTo(delivery);
        assertThat(refused.path("httpCode").intValue()).isEqualTo(410);
        assertThat(send(admin, "GET", family + "/deliveries/" + delivery + "/request", "").body())
            .isEqualTo(sent.get(0).bytes().toString());
        assertRefused(send(admin, "PUT", family, "{}"), 409, "webhook-of-invoice");
        assertRefused(send(admin, "DELETE", family, ""), 409, "webhook-of-invoice");
      }
      own.answer(200);
      for (String family : List.of(hooks + "/" + id, "/webhooks/" + id)) {
        HttpResponse<String> again =
            send(admin, "POST", family + "/deliveries/" + delivery + "/redeliver", "");
        assertThat(again.statusCode()).isEqualTo(200);
        JsonNode repeated = own.next().json();
        assertThat(repeated.path("deliveryId").asText()).isEqualTo(json(again).asText());
        assertThat(repeated.path("originalDeliveryId").asText()).isEqualTo(delivery);
      }
      String theirs = key("btcpay.store.webhooks.canmodifywebhooks:" + newStore());
      assertRefused(send(theirs, "GET", "/webhooks/" + id, ""), 403, "missing-permission");
      assertRefused(
          send(theirs, "GET", hooks + "?invoiceId=" + invoice, ""), 403, "missing-permission");
      String foreign = newStore();
      assertThat(ok("GET", "/stores/" + foreign + "/webhooks?invoiceId=" + invoice, "")).isEmpty();
    }
  }

  /** Invoice Ninja gives its payment up by it, which it finds by what it has put there. */
  @Test
  void invoiceNinjaIsToldOfAnInvoiceThatNobodyPaid() {
    String store = newStore();
    JsonNode webhook =
        ok(
            "POST",
            "/stores/" + store + "/webhooks",
            """
            {"url":"%s","secret":"ninja-secret","enabled":true,"automaticRedelivery":true,
             "authorizedEvents":{"everything":false,"specificEvents":["InvoiceCreated",
              "InvoiceExpired","InvoiceInvalid","InvoiceSettled"]}}
            """
                .formatted(receiver.url("/payment_webhook/company-key/gateway-id")));
    JsonNode invoice =
        ok(
            "POST",
            "/stores/" + store + "/invoices",
            """
            {"amount":"150.00","currency":"USD","metadata":{"buyerName":"Acme Ltd",
             "paymentID":19,"orderId":"0042"},"checkout":{"speedPolicy":null,
             "expirationMinutes":null,"redirectURL":"https://ninja.example/client/payments/Vo"}}
            """);
    assertThat(receiver.next().type()).isEqualTo("InvoiceCreated");
    fixture.advance(Duration.ofMinutes(16));
    Receiver.Received received = receiver.next();
    received.assertSignedWith("ninja-secret");
    assertThat(received.type()).isEqualTo("InvoiceExpired");
    assertThat(received.json().path("invoiceId")).isEqualTo(invoice.path("id"));
    assertThat(received.json().path("metadata").path("paymentID").intValue()).isEqualTo(19);
    assertThat(received.json().path("partiallyPaid").booleanValue()).isFalse();
    send(admin, "DELETE", "/webhooks/" + webhook.path("id").asText(), "");
  }

  @Test
  void theFeedTellsEverythingToThoseWhoWereAway() {
    String store = newStore();
    String invoices = "/stores/" + store + "/invoices";
    String id =
        ok(
                "POST",
                invoices,
                "{\"amount\":\"10\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"7\"}}")
            .path("id")
            .asText();
    fixture.pay(await(fixture.merchants.merchant.invoices().find(id)).orElseThrow());
    String feed = "/stores/" + store + "/events";
    String reader = key("btcpay.store.canviewinvoices:" + store);
    List<String> types = new ArrayList<>();
    String after = "";
    while (true) {
      JsonNode page = ok(send(reader, "GET", feed + "?take=2" + after, ""));
      if (page.isEmpty()) {
        break;
      }
      page.forEach(event -> types.add(event.path("type").asText()));
      after = "&after=" + page.path(page.size() - 1).path("eventId").asText();
    }
    assertThat(types)
        .containsExactly(
            "InvoiceCreated",
            "InvoiceReceivedPayment",
            "InvoiceProcessing",
            "InvoicePaymentSettled",
            "InvoiceSettled");
    JsonNode first = ok(send(reader, "GET", feed, "")).path(0);
    assertThat(first.path("metadata").path("orderId").asText()).isEqualTo("7");
    assertThat(first.path("invoiceId").asText()).isEqualTo(id);
    assertField(send(reader, "GET", feed + "?after=yesterday", ""), "after");
    assertField(send(reader, "GET", feed + "?take=0", ""), "take");
    assertField(send(reader, "GET", feed + "?wait=11", ""), "wait");
    assertRefused(
        send(reader, "GET", "/stores/" + newStore() + "/events", ""), 403, "missing-permission");
  }

  @Test
  void whoWouldWaitWhereTooManyWaitIsToldToComeAgain() {
    String store = newStore();
    var feed = fixture.service().feed();
    List<Future<?>> waiting = new ArrayList<>();
    var places = fixture.registry.get("tender.event.feed.waiting").gauge();
    for (int all = 100; all <= 1_000; all += 100) {
      for (int i = 0; i < 100; i++) {
        waiting.add(feed.read(store, network.tender.merchant.EventCursor.START, 10, 10_000));
      }
      int some = all;
      until("some wait", () -> places.value() == some);
    }
    String path = "/stores/" + store + "/events";
    HttpResponse<String> refused = send(admin, "GET", path + "?wait=5", "");
    assertRefused(refused, 503, "too-many-waiting");
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    assertThat(fixture.registry.get("tender.event.feed.refused").counter().count()).isEqualTo(1);
    // Nobody's look into the database was refused for the others', who does not wait is answered,
    // and whoever waits gets what comes.
    assertThat(ok("GET", path, "")).isEmpty();
    ok("POST", "/stores/" + store + "/invoices", "{\"amount\":\"10\",\"currency\":\"USD\"}");
    waiting.forEach(MerchantFixture::await);
    assertThat(places.value()).isZero();
    assertThat(ok("GET", path + "?wait=5", "")).hasSize(1);
  }
}
