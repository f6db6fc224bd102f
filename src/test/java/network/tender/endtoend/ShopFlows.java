package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.webhook.Receiver;
import org.junit.jupiter.api.Test;

/**
 * How plugins of shops get their key and what they ask then, step by step as they do it: the
 * owner's browser at the pages, the plugin at the API, the customer's wallet at the node.
 */
abstract class ShopFlows {
  private static final String CALLBACK = "https://shop.example/?callback=1";

  private final FlowNode node;

  ShopFlows(FlowNode node) {
    this.node = node;
  }

  // ---- The owner's browser.

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private HttpResponse<String> form(String path, String... fields) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < fields.length; i += 2) {
      pairs.add(encode(fields[i]) + "=" + encode(fields[i + 1]));
    }
    HttpRequest.Builder request =
        node.request(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Cookie", node.cookie())
            .POST(HttpRequest.BodyPublishers.ofString(String.join("&", pairs)));
    return node.send(request);
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
  private List<Map.Entry<String, String>> authorize(String link, String store) {
    HttpResponse<String> page =
        node.send(node.request(link).header("Cookie", node.cookie()).header("Accept", "text/html"));
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
  private JsonNode api(String key, String verb, String path, String body) {
    HttpResponse<String> response = send(key, verb, path, body);
    assertThat(response.statusCode()).as(path + " " + response.body()).isEqualTo(200);
    return response.body().isEmpty() ? MissingNode.getInstance() : FlowNode.json(response);
  }

  private HttpResponse<String> send(String key, String verb, String path, String body) {
    HttpRequest.Builder request =
        node.request("/api/v1" + path)
            .header("Authorization", "token " + key)
            .header("Content-Type", "application/json")
            .method(
                verb,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    return node.send(request);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private String newStore() {
    String store = api(node.admin, "POST", "/stores", "{\"name\":\"Shop\"}").path("id").asText();
    String xpub = node.freshKey();
    api(
        node.admin,
        "PUT",
        "/stores/" + store + "/payment-methods/" + node.method,
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

  /** What a plugin gets by pairing: its key, and the store that the key is for. */
  private record Pairing(String key, String store) {}

  private Pairing pair(String plugin, List<String> wanted) {
    String store = newStore();
    StringBuilder link = new StringBuilder("/api-keys/authorize?");
    wanted.forEach(one -> link.append("permissions=").append(encode(one)).append('&'));
    link.append("applicationName=")
        .append(plugin)
        .append("&strict=true&selectiveStores=true&redirect=")
        .append(encode(CALLBACK))
        .append("&applicationIdentifier=")
        .append(plugin.toLowerCase(Locale.ROOT));
    List<Map.Entry<String, String>> posted = authorize(link.toString(), store);
    String key = all(posted, "apiKey").get(0);
    assertThat(key).matches("[0-9a-f]{40}");
    assertThat(storeOf(all(posted, "permissions[]"), wanted)).isEqualTo(store);
    assertThat(texts(api(key, "GET", "/api-keys/current", "").path("permissions")))
        .containsExactlyElementsOf(all(posted, "permissions[]"));
    return new Pairing(key, store);
  }

  /** The plugin leads the customer there; the page needs no key. */
  private void assertCheckoutOpens(JsonNode invoice) {
    String link = invoice.path("checkoutLink").asText();
    String path = "/i/" + invoice.path("id").asText();
    assertThat(link).endsWith(path);
    HttpResponse<String> page = node.send(node.request(path).header("Accept", "text/html"));
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    assertThat(page.headers().firstValue("X-Frame-Options")).isEmpty();
    HttpResponse<String> status = node.send(node.request(path + "/status"));
    assertThat(FlowNode.json(status).path("invoiceId")).isEqualTo(invoice.path("id"));
  }

  private static Receiver.Received assertTold(
      Receiver receiver, String secret, String type, JsonNode invoice) {
    Receiver.Received received = receiver.next();
    received.assertSignedWith(secret);
    assertThat(received.type()).isEqualTo(type);
    assertThat(received.json().path("invoiceId")).isEqualTo(invoice.path("id"));
    assertThat(received.json().path("metadata")).isEqualTo(invoice.path("metadata"));
    return received;
  }

  @Test
  void wooCommercePairsSellsIsToldAndTakesAnOrderBack() {
    Pairing woo =
        pair(
            "WooCommerce",
            List.of(
                "btcpay.store.canviewinvoices",
                "btcpay.store.cancreateinvoice",
                "btcpay.store.canviewstoresettings",
                "btcpay.store.canmodifyinvoices",
                "btcpay.store.cancreatenonapprovedpullpayments",
                "btcpay.store.webhooks.canmodifywebhooks"));
    String shop = "/stores/" + woo.store;
    JsonNode info = api(woo.key, "GET", "/server/info", "");
    assertThat(info.path("fullySynched").booleanValue()).isTrue();
    assertThat(info.path("version").asText()).matches("[2-9]\\..*");
    assertThat(api(woo.key, "GET", "/stores", "").path(0).path("id").asText()).isEqualTo(woo.store);
    String id =
        api(woo.key, "GET", shop + "/payment-methods", "").path(0).path("paymentMethodId").asText();
    // The option to pay above the shop's own page.
    HttpResponse<String> modal = node.send(node.request("/modal/btcpay.js"));
    assertThat(modal.statusCode()).isEqualTo(200);
    assertThat(modal.body()).contains("showInvoice", "onModalReceiveMessage");
    try (Receiver receiver = new Receiver(node.vertx)) {
      JsonNode hook =
          api(
              woo.key,
              "POST",
              shop + "/webhooks",
              """
              {"enabled":true,"automaticRedelivery":true,"url":"%s","authorizedEvents":{
               "everything":false,"specificEvents":["InvoiceReceivedPayment",
               "InvoicePaymentSettled","InvoiceProcessing","InvoiceExpired","InvoiceSettled",
               "InvoiceInvalid"]},"secret":null}
              """
                  .formatted(receiver.url("/?wc-api=btcpaygf_default")));
      String secret = hook.path("secret").asText();
      assertThat(secret).hasSizeGreaterThan(15);
      JsonNode again = api(woo.key, "GET", shop + "/webhooks/" + hook.path("id").asText(), "");
      assertThat(again.path("enabled").booleanValue()).isTrue();
      assertThat(again.has("secret")).isFalse();
      String body =
          """
          {"amount":"20.00","currency":"USD","metadata":{"orderId":"%%s","buyerName":null,
           "posData":{"WooCommerce":{"Order ID":815}}},
           "checkout":{"speedPolicy":"MediumSpeed","paymentMethods":["%s"],
            "expirationMinutes":null,"monitoringMinutes":null,"paymentTolerance":null,
            "redirectURL":"https://shop.example/thanks?key=wc_order_1",
            "redirectAutomatically":true,"defaultLanguage":null}}
          """
              .formatted(id.replace('-', '_'));
      JsonNode invoice = api(woo.key, "POST", shop + "/invoices", body.formatted("815"));
      assertCheckoutOpens(invoice);
      String path = shop + "/invoices/" + invoice.path("id").asText();
      node.pay(invoice.path("id").asText(), 40_000);
      for (String type :
          List.of(
              "InvoiceReceivedPayment",
              "InvoiceProcessing",
              "InvoicePaymentSettled",
              "InvoiceSettled")) {
        assertTold(receiver, secret, type, invoice);
      }
      assertThat(api(woo.key, "GET", path, "").path("status").asText()).isEqualTo("Settled");
      JsonNode paid = api(woo.key, "GET", path + "/payment-methods", "").path(0);
      assertThat(paid.path("payments").path(0).path("id").asText()).matches("[0-9a-f]{64}-[0-9]+");
      assertThat(paid.path("totalPaid").asText()).isEqualTo("0.0004");

      // The customer chooses otherwise, so the plugin makes a new one and the old one invalid.
      JsonNode other = api(woo.key, "POST", shop + "/invoices", body.formatted("816"));
      String old = shop + "/invoices/" + other.path("id").asText();
      assertThat(api(woo.key, "GET", old, "").path("status").asText()).isEqualTo("New");
      JsonNode marked = api(woo.key, "POST", old + "/status", "{\"status\":\"Invalid\"}");
      assertThat(marked.path("status").asText()).isEqualTo("Invalid");
      assertThat(marked.path("additionalStatus").asText()).isEqualTo("Marked");
      assertThat(
              assertTold(receiver, secret, "InvoiceInvalid", other)
                  .json()
                  .path("manuallyMarked")
                  .booleanValue())
          .isTrue();
    }
  }

  @Test
  void prestaShopDemandsTheExactListAndLooksAtTheServerOnEachCheckout() {
    Pairing presta =
        pair(
            "PrestaShop",
            List.of(
                "btcpay.store.canviewinvoices",
                "btcpay.store.cancreateinvoice",
                "btcpay.store.canviewstoresettings",
                "btcpay.store.canmodifyinvoices",
                "btcpay.store.canmodifystoresettings",
                "btcpay.store.webhooks.canmodifywebhooks",
                "btcpay.store.cancreatenonapprovedpullpayments"));
    String key = presta.key;
    String shop = "/stores/" + presta.store;
    assertThat(api(key, "GET", shop, "").path("id").asText()).isEqualTo(presta.store);
    try (Receiver receiver = new Receiver(node.vertx)) {
      assertThat(api(key, "GET", shop + "/webhooks", "")).isEmpty();
      String url = receiver.url("/module/btcpay/webhook");
      JsonNode hook =
          api(
              key,
              "POST",
              shop + "/webhooks",
              """
              {"enabled":true,"automaticRedelivery":true,"url":"%s",
               "authorizedEvents":{"everything":true},"secret":"presta-secret"}
              """
                  .formatted(url));
      assertThat(hook.path("secret").asText()).isEqualTo("presta-secret");
      JsonNode listed = api(key, "GET", shop + "/webhooks", "");
      assertThat(texts(listed, "id")).containsExactly(hook.path("id").asText());
      assertThat(texts(listed, "url")).containsExactly(url);

      // At each checkout.
      JsonNode info = api(key, "GET", "/server/info", "");
      assertThat(info.path("fullySynched").isBoolean()).isTrue();
      assertThat(info.path("fullySynched").booleanValue()).isTrue();
      assertThat(
              api(key, "GET", shop + "/payment-methods/OnChain", "")
                  .path(0)
                  .path("enabled")
                  .booleanValue())
          .isTrue();
      assertThat(api(key, "GET", shop + "/payment-methods/LightningNetwork", "")).isEmpty();
      assertThat(api(key, "GET", shop + "/payment-methods", "")).hasSize(1);
      JsonNode invoice =
          api(
              key,
              "POST",
              shop + "/invoices",
              """
              {"amount":"31.95","currency":"USD","metadata":{"orderId":"7","buyerName":"Jo Doe",
               "buyerAddress1":"1 High St","buyerAddress2":null,"buyerState":"","buyerZip":"10115",
               "buyerCountry":"DE","buyerEmail":"jo@doe.example","buyerPhone":null,
               "itemDesc":"Purchase #7","taxIncluded":5.1},
               "checkout":{"speedPolicy":"MediumSpeed","paymentMethods":null,
                "expirationMinutes":null,"monitoringMinutes":null,"paymentTolerance":null,
                "redirectURL":"https://presta.example/module/btcpay/validation?invoice_reference=a",
                "redirectAutomatically":true,"defaultLanguage":"en"}}
              """);
      assertTold(receiver, "presta-secret", "InvoiceCreated", invoice);
      assertCheckoutOpens(invoice);
      String path = shop + "/invoices/" + invoice.path("id").asText();
      assertThat(api(key, "GET", path, "")).isEqualTo(invoice);
      node.pay(invoice.path("id").asText(), 63_900);
      for (String type :
          List.of(
              "InvoiceReceivedPayment",
              "InvoiceProcessing",
              "InvoicePaymentSettled",
              "InvoiceSettled")) {
        assertTold(receiver, "presta-secret", type, invoice);
      }
      assertThat(api(key, "GET", path, "").path("status").asText()).isEqualTo("Settled");
      JsonNode method = api(key, "GET", path + "/payment-methods", "").path(0);
      assertThat(method.path("paymentMethodId").asText()).isEqualTo(node.method);
      assertThat(method.path("rate").asText()).isEqualTo(FlowNode.DOLLARS);
      assertThat(method.path("paymentMethodPaid").asText()).isEqualTo("0.000639");
    }
    assertThat(
            api(key, "GET", shop + "/rates/configuration/fallback", "")
                .path("preferredSource")
                .isNull())
        .isTrue();
  }

  @Test
  void magentoFindsItsStoreByTheKeyAndItsOrderByTheNumber() {
    Pairing magento =
        pair(
            "Magento",
            List.of(
                "btcpay.store.canmodifystoresettings",
                "btcpay.store.webhooks.canmodifywebhooks",
                "btcpay.store.canviewinvoices",
                "btcpay.store.cancreateinvoice"));
    String key = magento.key;
    String shop = "/stores/" + magento.store;
    assertThat(texts(api(key, "GET", "/stores", ""), "id")).containsExactly(magento.store);
    assertThat(texts(api(key, "GET", shop + "/payment-methods", ""), "paymentMethodId"))
        .containsExactly(node.method);
    try (Receiver receiver = new Receiver(node.vertx)) {
      String url = receiver.url("/rest/V2/btcpay/webhook?secret=1&b=%20x");
      String hookBody =
          """
          {"enabled":true,"automaticRedelivery":true,"url":"%s",
           "authorizedEvents":{"everything":true,"specificEvents":null},"secret":null}
          """
              .formatted(url);
      // What it finds at another address it deletes and makes anew.
      String stale =
          api(key, "POST", shop + "/webhooks", hookBody.replace("V2", "V1")).path("id").asText();
      assertThat(api(key, "DELETE", shop + "/webhooks/" + stale, "").isMissingNode()).isTrue();
      String secret = api(key, "POST", shop + "/webhooks", hookBody).path("secret").asText();
      JsonNode hooks = api(key, "GET", shop + "/webhooks", "");
      assertThat(hooks).hasSize(1);
      JsonNode hook = hooks.path(0);
      assertThat(hook.path("url").asText()).isEqualTo(url);
      for (JsonNode flag :
          List.of(
              hook.path("enabled"),
              hook.path("automaticRedelivery"),
              hook.path("authorizedEvents").path("everything"))) {
        assertThat(flag.isBoolean()).isTrue();
        assertThat(flag.booleanValue()).isTrue();
      }
      JsonNode made =
          api(
              key,
              "POST",
              shop + "/invoices",
              "{\"amount\":\"7\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"000000042\","
                  + "\"taxIncluded\":true}}");
      assertCheckoutOpens(made);
      assertTold(receiver, secret, "InvoiceCreated", made);
      JsonNode found = api(key, "GET", shop + "/invoices?orderId=000000042", "");
      assertThat(texts(found, "id")).containsExactly(made.path("id").asText());
      assertThat(found.path(0).path("metadata").path("orderId").asText()).isEqualTo("000000042");
      String path = shop + "/invoices/" + made.path("id").asText();
      assertThat(api(key, "GET", path, "").path("status").asText()).isEqualTo("New");
      JsonNode due = api(key, "GET", path + "/payment-methods", "").path(0);
      assertThat(due.path("due").asText()).isEqualTo("0.00014");
      assertThat(
              api(key, "POST", path + "/status", "{\"status\":\"Invalid\"}")
                  .path("status")
                  .asText())
          .isEqualTo("Invalid");
      assertTold(receiver, secret, "InvoiceInvalid", made);
    }
  }

  @Test
  void zapierAsksWithSlashesAtTheEndAndByOldPaths() {
    String store = newStore();
    String shop = "/stores/" + store;
    JsonNode info = api(node.admin, "GET", "/server/info/", "");
    assertThat(info.path("version").asText()).isNotBlank();
    assertThat(texts(api(node.admin, "GET", "/stores/", ""), "id")).contains(store);
    assertThat(api(node.admin, "GET", shop + "/", "").path("id").asText()).isEqualTo(store);
    assertThat(texts(api(node.admin, "GET", shop + "/payment-methods/", ""), "paymentMethodId"))
        .containsExactly(node.method);
    assertThat(
            api(node.admin, "GET", shop + "/payment-methods/OnChain/" + node.coin + "/", "")
                .path("enabled")
                .booleanValue())
        .isTrue();
    try (Receiver zap = new Receiver(node.vertx)) {
      // When a zap is switched on.
      JsonNode hook =
          api(
              node.admin,
              "POST",
              shop + "/webhooks/",
              """
              {"url":"%s","enabled":true,"automaticRedelivery":true,"authorizedEvents":{
               "everything":false,"specificEvents":["InvoiceSettled"]}}
              """
                  .formatted(zap.url("/hooks/standard/1/abc/")));
      String invoices = shop + "/invoices/";
      JsonNode invoice =
          api(
              node.admin,
              "POST",
              invoices,
              "{\"amount\":\"9.5\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"zap-1\"}}");
      String id = invoice.path("id").asText();
      assertThat(texts(api(node.admin, "GET", invoices + "?orderId=zap-1", ""), "id"))
          .containsExactly(id);
      assertThat(api(node.admin, "GET", invoices + id + "/", "").path("id").asText()).isEqualTo(id);
      assertThat(
              api(node.admin, "POST", invoices + id + "/status/", "{\"status\":\"Settled\"}")
                  .path("status")
                  .asText())
          .isEqualTo("Settled");
      assertTold(zap, hook.path("secret").asText(), "InvoiceSettled", invoice);
      // And when it is switched off.
      String path = shop + "/webhooks/" + hook.path("id").asText() + "/";
      assertThat(api(node.admin, "DELETE", path, "").isMissingNode()).isTrue();
      assertThat(api(node.admin, "GET", shop + "/webhooks/", "")).isEmpty();
    }
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
                node.admin,
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
    try (Receiver ninja = new Receiver(node.vertx)) {
      api(
          node.admin,
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
      node.pay(paid, 300_000);
      assertNews(ninja, "InvoiceSettled", paid, 17);
      String given = ninjaInvoice(key, store, 18);
      assertNews(ninja, "InvoiceCreated", given, 18);
      api(
          node.admin,
          "POST",
          "/stores/" + store + "/invoices/" + given + "/status",
          "{\"status\":\"Invalid\"}");
      assertNews(ninja, "InvoiceInvalid", given, 18);
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
  private String ninjaInvoice(String key, String store, int paymentId) {
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
    assertCheckoutOpens(invoice);
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
    assertThat(FlowNode.json(response).path("code").asText()).isEqualTo("refund-unavailable");
    assertThat(FlowNode.json(response).path("message").asText())
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
        node.send(
            node.request("/api/v1/users")
                .header("Authorization", "token " + node.admin)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"email\":\"satoshi@shop.example\",\"password\":\"SuperSecret\",\"isAdministrator\":false}")));
    assertThat(user.statusCode()).isEqualTo(201);
    String key =
        api(
                node.admin,
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
