package network.tender.web;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.merchant.MerchantFixture.pays;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.vertx.core.Future;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Invoice;
import network.tender.merchant.MerchantFixture;
import network.tender.script.WalletAccount;
import network.tender.web.greenfield.GreenfieldSurface;
import network.tender.web.greenfield.NodeStatus;
import network.tender.web.greenfield.WebhookSurface;
import network.tender.web.pages.AccountsSurface;
import network.tender.web.pages.PageAssets;
import network.tender.webhook.Receiver;
import network.tender.webhook.WebhookFixture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * How plugins of shops get their key and what they ask then, step by step as they do it: the
 * owner's browser at the pages, the plugin at the API.
 */
class ShopFlowsTest {
  private static final String CALLBACK = "https://shop.example/?callback=1";
  private static WebhookFixture webhooks;
  private static MerchantFixture merchants;
  private static TestServer server;
  private static String admin;
  private static String method;
  private static String cookie;

  @BeforeAll
  static void start() {
    webhooks = new WebhookFixture();
    merchants = webhooks.merchants;
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
    method = merchants.network.paymentMethodId();
    GreenfieldSurface greenfield =
        new GreenfieldSurface(merchants.merchant, status(), Optional.empty());
    server =
        TestServer.start(
            merchants.vertx,
            greenfield,
            new WebhookSurface(greenfield, merchants.merchant, webhooks.service()),
            new AccountsSurface(
                PageAssets.load(merchants.network), merchants.merchant, Optional.empty()));
    HttpResponse<String> login =
        form("/login", "email", "admin@localhost", "password", admin, "returnUrl", "/");
    String header = login.headers().firstValue("Set-Cookie").orElseThrow();
    cookie = header.substring(0, header.indexOf(';'));
  }

  @AfterAll
  static void stop() {
    server.close();
    webhooks.close();
  }

  private static NodeStatus status() {
    return new NodeStatus() {
      @Override
      public boolean canSettle() {
        return true;
      }

      @Override
      public int height() {
        return 250;
      }
    };
  }

  // ---- The owner's browser.

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static HttpResponse<String> form(String path, String... fields) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < fields.length; i += 2) {
      pairs.add(encode(fields[i]) + "=" + encode(fields[i + 1]));
    }
    HttpRequest.Builder request =
        server
            .request(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(String.join("&", pairs)));
    if (cookie != null) {
      request.header("Cookie", cookie);
    }
    return server.send(request);
  }

  private static List<Map.Entry<String, String>> hidden(String page) {
    String form = page.substring(page.indexOf("<form"), page.indexOf("</form>"));
    Matcher matcher =
        Pattern.compile("type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"").matcher(form);
    List<Map.Entry<String, String>> fields = new ArrayList<>();
    while (matcher.find()) {
      fields.add(Map.entry(matcher.group(1), matcher.group(2).replace("&amp;", "&")));
    }
    return fields;
  }

  /** Follows a plugin's link, picks a store and says yes; returns what is posted to the shop. */
  private static List<Map.Entry<String, String>> authorize(String link, String store) {
    HttpResponse<String> page =
        server.send(server.request(link).header("Cookie", cookie).header("Accept", "text/html"));
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    List<String> fields = new ArrayList<>();
    hidden(page.body())
        .forEach(
            field -> {
              fields.add(field.getKey());
              fields.add(field.getValue());
            });
    fields.addAll(List.of("store", store));
    HttpResponse<String> grant = form("/api-keys/authorize", fields.toArray(String[]::new));
    assertThat(grant.statusCode()).as(grant.body()).isEqualTo(200);
    assertThat(grant.body()).contains("action=\"" + CALLBACK.replace("&", "&amp;") + "\"");
    return hidden(grant.body());
  }

  private static List<String> all(List<Map.Entry<String, String>> fields, String name) {
    return fields.stream()
        .filter(field -> field.getKey().equals(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  // ---- The plugin.

  /** A plugin's client takes nothing but exactly 200 for success. */
  private static JsonNode api(String key, String verb, String path, String body) {
    HttpResponse<String> response = send(key, verb, path, body);
    assertThat(response.statusCode()).as(path + " " + response.body()).isEqualTo(200);
    return response.body().isEmpty() ? MissingNode.getInstance() : json(response);
  }

  private static JsonNode json(HttpResponse<String> response) {
    return ExactJson.parse(response.body().getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  private static HttpResponse<String> send(String key, String verb, String path, String body) {
    HttpRequest.Builder request =
        server
            .request("/api/v1" + path)
            .header("Authorization", "token " + key)
            .header("Content-Type", "application/json")
            .method(
                verb,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    return server.send(request);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static String newStore() {
    String store = api(admin, "POST", "/stores", "{\"name\":\"Shop\"}").path("id").asText();
    String xpub = merchants.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT).xpub();
    api(
        admin,
        "PUT",
        "/stores/" + store + "/payment-methods/" + method,
        "{\"enabled\":true,\"config\":\"" + xpub + "\"}");
    return store;
  }

  /** What both PHP plugins check of what is posted to them. */
  private static String storeOf(List<String> permissions, List<String> wanted) {
    List<String> plain = permissions.stream().map(one -> one.split(":", -1)[0]).toList();
    assertThat(plain).containsExactlyInAnyOrderElementsOf(wanted);
    assertThat(permissions.stream().map(one -> one.split(":", -1)).map(parts -> parts[1]))
        .containsOnly(permissions.get(0).split(":", -1)[1]);
    return permissions.get(0).split(":", -1)[1];
  }

  private static void pay(String invoiceId, long sat) {
    Invoice invoice = await(merchants.merchant.invoices().find(invoiceId)).orElseThrow();
    merchants.commit(merchants.block(pays(invoice, sat)));
  }

  @Test
  void wooCommercePairsSellsAndLooksAtThePayment() {
    String store = newStore();
    List<String> wanted =
        List.of(
            "btcpay.store.canviewinvoices",
            "btcpay.store.cancreateinvoice",
            "btcpay.store.canviewstoresettings",
            "btcpay.store.canmodifyinvoices",
            "btcpay.store.cancreatenonapprovedpullpayments",
            "btcpay.store.webhooks.canmodifywebhooks");
    StringBuilder link = new StringBuilder("/api-keys/authorize?");
    wanted.forEach(one -> link.append("permissions=").append(one).append('&'));
    link.append("applicationName=WooCommerce&strict=true&selectiveStores=true&redirect=")
        .append(encode(CALLBACK));
    List<Map.Entry<String, String>> posted = authorize(link.toString(), store);
    String key = all(posted, "apiKey").get(0);
    assertThat(key).matches("[0-9a-f]{40}");
    assertThat(storeOf(all(posted, "permissions[]"), wanted)).isEqualTo(store);

    assertThat(texts(api(key, "GET", "/api-keys/current", "").path("permissions")))
        .containsExactlyElementsOf(all(posted, "permissions[]"));
    JsonNode info = api(key, "GET", "/server/info", "");
    assertThat(info.path("fullySynched").booleanValue()).isTrue();
    assertThat(api(key, "GET", "/stores", "").path(0).path("id").asText()).isEqualTo(store);
    JsonNode methods = api(key, "GET", "/stores/" + store + "/payment-methods", "");
    String id = methods.path(0).path("paymentMethodId").asText();
    JsonNode invoice =
        api(
            key,
            "POST",
            "/stores/" + store + "/invoices",
            """
            {"amount":"20.00","currency":"USD","metadata":{"orderId":"815","buyerName":null,
             "posData":{"WooCommerce":{"Order ID":815}}},
             "checkout":{"speedPolicy":"MediumSpeed","paymentMethods":["%s"],
              "expirationMinutes":null,"monitoringMinutes":null,"paymentTolerance":null,
              "redirectURL":"https://shop.example/thanks?key=wc_order_1","redirectAutomatically":true,
              "defaultLanguage":null}}
            """
                .formatted(id.replace('-', '_')));
    assertThat(invoice.path("checkoutLink").asText()).contains("/i/");
    String path = "/stores/" + store + "/invoices/" + invoice.path("id").asText();
    pay(invoice.path("id").asText(), 40_000);
    assertThat(api(key, "GET", path, "").path("status").asText()).isEqualTo("Settled");
    JsonNode paid = api(key, "GET", path + "/payment-methods", "").path(0);
    assertThat(paid.path("payments").path(0).path("id").asText()).contains("-");
    assertThat(paid.path("totalPaid").asText()).isEqualTo("0.0004");
  }

  @Test
  void prestaShopDemandsTheExactListAndLooksAtTheServerOnEachCheckout() {
    String store = newStore();
    List<String> wanted =
        List.of(
            "btcpay.store.canviewinvoices",
            "btcpay.store.cancreateinvoice",
            "btcpay.store.canviewstoresettings",
            "btcpay.store.canmodifyinvoices",
            "btcpay.store.canmodifystoresettings",
            "btcpay.store.webhooks.canmodifywebhooks",
            "btcpay.store.cancreatenonapprovedpullpayments");
    StringBuilder link = new StringBuilder("/api-keys/authorize?");
    wanted.forEach(one -> link.append("permissions=").append(encode(one)).append('&'));
    link.append("applicationName=PrestaShop&strict=true&selectiveStores=true&redirect=")
        .append(encode(CALLBACK))
        .append("&applicationIdentifier=prestashop");
    List<Map.Entry<String, String>> posted = authorize(link.toString(), store);
    String key = all(posted, "apiKey").get(0);
    assertThat(storeOf(all(posted, "permissions[]"), wanted)).isEqualTo(store);
    assertThat(api(key, "GET", "/server/info", "").path("fullySynched").booleanValue()).isTrue();
    assertThat(api(key, "GET", "/stores/" + store, "").path("id").asText()).isEqualTo(store);
    assertThat(
            api(key, "GET", "/stores/" + store + "/payment-methods/OnChain", "")
                .path(0)
                .path("enabled")
                .booleanValue())
        .isTrue();
    assertThat(api(key, "GET", "/stores/" + store + "/payment-methods/LightningNetwork", ""))
        .isEmpty();
    assertThat(
            api(key, "GET", "/stores/" + store + "/rates/configuration/fallback", "")
                .path("preferredSource")
                .isNull())
        .isTrue();
  }

  @Test
  void magentoFindsItsStoreByTheKeyAndItsOrderByTheNumber() {
    String store = newStore();
    List<Map.Entry<String, String>> posted =
        authorize(
            "/api-keys/authorize?permissions=btcpay.store.canmodifystoresettings"
                + "&permissions=btcpay.store.webhooks.canmodifywebhooks"
                + "&permissions=btcpay.store.canviewinvoices"
                + "&permissions=btcpay.store.cancreateinvoice&applicationName=Magento"
                + "&strict=true&selectiveStores=true&redirect="
                + encode(CALLBACK),
            store);
    String key = all(posted, "apiKey").get(0);
    assertThat(texts(api(key, "GET", "/api-keys/current", "").path("permissions"))).hasSize(4);
    assertThat(api(key, "GET", "/stores", "")).hasSize(1);
    JsonNode made =
        api(
            key,
            "POST",
            "/stores/" + store + "/invoices",
            "{\"amount\":\"7\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"000000042\","
                + "\"taxIncluded\":true}}");
    JsonNode found = api(key, "GET", "/stores/" + store + "/invoices?orderId=000000042", "");
    assertThat(found).hasSize(1);
    assertThat(found.path(0).path("id")).isEqualTo(made.path("id"));
    assertThat(found.path(0).path("metadata").path("orderId").asText()).isEqualTo("000000042");
  }

  @Test
  void zapierAsksWithSlashesAtTheEndAndByOldPaths() {
    String store = newStore();
    String coin = merchants.network.coinCode();
    assertThat(api(admin, "GET", "/server/info/", "").path("version").asText()).isNotBlank();
    assertThat(texts(api(admin, "GET", "/stores/", ""), "id")).contains(store);
    assertThat(
            api(admin, "GET", "/stores/" + store + "/payment-methods/OnChain/" + coin + "/", "")
                .path("enabled")
                .booleanValue())
        .isTrue();
    String invoices = "/stores/" + store + "/invoices/";
    String id =
        api(
                admin,
                "POST",
                invoices,
                "{\"amount\":\"9.5\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"zap-1\"}}")
            .path("id")
            .asText();
    assertThat(texts(api(admin, "GET", invoices + "?orderId=zap-1", ""), "id")).containsExactly(id);
    assertThat(api(admin, "GET", invoices + id + "/", "").path("id").asText()).isEqualTo(id);
    assertThat(
            api(admin, "POST", invoices + id + "/status/", "{\"status\":\"Settled\"}")
                .path("status")
                .asText())
        .isEqualTo("Settled");
  }

  /**
   * Its settings are an address, a key, a store's id and the secret of a webhook, all entered by
   * hand; it talks by the PHP client.
   */
  @Test
  void invoiceNinjaSendsToTheCheckoutReadsTheNewsAndAsksForARefund() {
    String store = newStore();
    String key =
        api(
                admin,
                "POST",
                "/api-keys",
                """
                {"label":"ninja","permissions":["btcpay.store.cancreateinvoice:%1$s",
                 "btcpay.store.canviewinvoices:%1$s",
                 "btcpay.store.cancreatenonapprovedpullpayments:%1$s"]}
                """
                    .formatted(store))
            .path("apiKey")
            .asText();
    try (Receiver ninja = new Receiver(merchants.vertx)) {
      api(
          admin,
          "POST",
          "/stores/" + store + "/webhooks",
          """
          {"url":"%s","secret":"ninja-secret","enabled":true,"automaticRedelivery":true,
           "authorizedEvents":{"everything":false,"specificEvents":["InvoiceCreated",
            "InvoiceExpired","InvoiceInvalid","InvoiceSettled"]}}
          """
              .formatted(ninja.url("/payment_webhook/company-key/gateway-id")));

      String paid = ninjaInvoice(key, store, 17);
      assertNews(ninja, "InvoiceCreated", paid, 17);
      pay(paid, 300_000);
      assertNews(ninja, "InvoiceSettled", paid, 17);
      String given = ninjaInvoice(key, store, 18);
      assertNews(ninja, "InvoiceCreated", given, 18);
      api(
          admin,
          "POST",
          "/stores/" + store + "/invoices/" + given + "/status",
          "{\"status\":\"Invalid\"}");
      assertNews(ninja, "InvoiceInvalid", given, 18);
      String forgotten = ninjaInvoice(key, store, 19);
      assertNews(ninja, "InvoiceCreated", forgotten, 19);
      webhooks.advance(Duration.ofMinutes(16));
      assertNews(ninja, "InvoiceExpired", forgotten, 19);

      // What a refund can't do is told in a sentence that the biller gets to read.
      String refund = "/stores/" + store + "/invoices/" + paid + "/refund";
      assertRefund(
          send(
              key,
              "POST",
              refund,
              """
              {"name":null,"description":"Full refund","paymentMethod":"BTC","refundVariant":"Fiat",
               "subtractPercentage":0.0,"customAmount":null,"customCurrency":null}
              """),
          "coins worth 150.00 USD");
      assertRefund(
          send(
              key,
              "POST",
              refund,
              """
              {"name":null,"description":"Partial refund","paymentMethod":"",
               "refundVariant":"Custom","subtractPercentage":0.0,"customAmount":"40.5",
               "customCurrency":"USD"}
              """),
          "coins worth 40.50 USD");
    }
  }

  /** Makes an invoice as Invoice Ninja does when a client chooses to pay with coins. */
  private static String ninjaInvoice(String key, String store, int paymentId) {
    JsonNode invoice =
        api(
            key,
            "POST",
            "/stores/" + store + "/invoices",
            """
            {"amount":"150.00","currency":"USD","metadata":{"buyerName":"Acme Ltd",
             "buyerAddress1":"1 Main Street","buyerAddress2":"","buyerCity":"Springfield",
             "buyerState":"","buyerZip":"12345","buyerCountry":"840","buyerPhone":"",
             "itemDesc":"From InvoiceNinja","paymentID":%d,"orderId":"0042",
             "buyerEmail":"pay@acme.example"},"checkout":{"speedPolicy":null,
             "paymentMethods":null,"expirationMinutes":null,"monitoringMinutes":null,
             "paymentTolerance":null,"redirectURL":"https://ninja.example/client/payments/VolejRRejN",
             "redirectAutomatically":null,"defaultLanguage":null,"requiresRefundEmail":null}}
            """
                .formatted(paymentId));
    String id = invoice.path("id").asText();
    assertThat(invoice.path("checkoutLink").asText()).endsWith("/i/" + id);
    JsonNode read = api(key, "GET", "/stores/" + store + "/invoices/" + id, "");
    assertThat(read).isEqualTo(invoice);
    return id;
  }

  /** It checks the signature over the bytes and finds its payment by what it has put there. */
  private static void assertNews(Receiver ninja, String type, String invoiceId, int paymentId) {
    Receiver.Received received = ninja.next();
    received.assertSignedWith("ninja-secret");
    assertThat(received.type()).isEqualTo(type);
    assertThat(received.json().path("invoiceId").asText()).isEqualTo(invoiceId);
    JsonNode id = received.json().path("metadata").path("paymentID");
    assertThat(id.isInt()).isTrue();
    assertThat(id.intValue()).isEqualTo(paymentId);
  }

  private static void assertRefund(HttpResponse<String> response, String amount) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(json(response).path("code").asText()).isEqualTo("refund-unavailable");
    assertThat(json(response).path("message").asText())
        .contains("send back " + amount + " from a wallet");
  }

  private static List<String> texts(JsonNode list, String key) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.path(key).asText()));
    return texts;
  }

  @Test
  void aPortalMakesItsMerchantsAccountsKeysAndStores() {
    HttpResponse<String> user =
        server.send(
            server
                .request("/api/v1/users")
                .header("Authorization", "token " + admin)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"email\":\"satoshi@shop.example\",\"password\":\"SuperSecret\",\"isAdministrator\":false}")));
    assertThat(user.statusCode()).isEqualTo(201);
    String key =
        api(
                admin,
                "POST",
                "/users/satoshi@shop.example/api-keys",
                "{\"label\":\"portal\",\"permissions\":[\"btcpay.store.canmodifystoresettings\"]}")
            .path("apiKey")
            .asText();
    String store = api(key, "POST", "/stores", "{\"name\":\"Satoshi's\"}").path("id").asText();
    assertThat(api(key, "GET", "/stores/" + store + "/users", "").path(0).path("email").asText())
        .isEqualTo("satoshi@shop.example");
    assertThat(api(key, "GET", "/stores", "")).hasSize(1);
  }
}
