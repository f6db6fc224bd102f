package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.webhook.Receiver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One order from the first visit to the paid goods, with the real jar: a shop pairs as
 * WooCommerce's plugin does, asks to be told, sells, and a customer's wallet pays.
 */
@Timeout(120)
class ShopOrderTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String CALLBACK = "https://shop.example/?rest_route=/btcpay/callback";
  private static final List<String> PERMISSIONS =
      List.of(
          "btcpay.store.canviewinvoices",
          "btcpay.store.cancreateinvoice",
          "btcpay.store.canviewstoresettings",
          "btcpay.store.canmodifyinvoices",
          "btcpay.store.cancreatenonapprovedpullpayments",
          "btcpay.store.webhooks.canmodifywebhooks");

  private final HttpClient client = HttpClient.newHttpClient();
  private final Vertx vertx = Vertx.vertx();
  private final Receiver shop = new Receiver(vertx);

  @TempDir private Path folder;

  private NodeProcess node;
  private String cookie = "";
  private String key = "";

  @AfterEach
  void end() {
    if (node != null) {
      node.close();
    }
    shop.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(
        request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder at(String path) {
    return HttpRequest.newBuilder(URI.create(node.http() + path));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private HttpResponse<String> form(String path, List<Map.Entry<String, String>> fields)
      throws Exception {
    List<String> pairs =
        fields.stream()
            .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
            .toList();
    return send(
        at(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Cookie", cookie)
            .POST(HttpRequest.BodyPublishers.ofString(String.join("&", pairs))));
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

  /** What the plugin's client asks; it takes nothing but exactly 200. */
  private JsonNode ask(String verb, String path, String body) throws Exception {
    HttpResponse<String> response =
        send(
            at("/api/v1" + path)
                .header("Authorization", "token " + key)
                .header("Content-Type", "application/json")
                .method(verb, HttpRequest.BodyPublishers.ofString(body)));
    assertThat(response.statusCode()).as(path + " " + response.body()).isEqualTo(200);
    return MAPPER.readTree(response.body());
  }

  @Test
  void aShopPairsSellsIsToldAndReadsThatItIsPaid() throws Exception {
    node = NodeProcess.start(folder.resolve("data"));
    Api owner = new Api(node);
    Wallet till = Wallet.make(folder.resolve("shop.json"), node.http());
    Wallet customer = Wallet.make(folder.resolve("customer.json"), node.http());
    owner.faucet(customer.address(), "1");
    String store =
        owner.post("/api/v1/stores", Map.of("name", "Shop")).expect(200).json().path("id").asText();
    owner
        .put(
            "/api/v1/stores/" + store + "/payment-methods/TNDR-CHAIN",
            Map.of("enabled", true, "config", till.xpub()))
        .expect(200);

    // The owner follows the plugin's link, logs in, picks the store and says yes.
    String link =
        "/api-keys/authorize?"
            + String.join("&", PERMISSIONS.stream().map(one -> "permissions=" + one).toList())
            + "&applicationName=WooCommerce&strict=true&selectiveStores=true&redirect="
            + encode(CALLBACK);
    HttpResponse<String> login =
        form(
            "/login",
            List.of(
                Map.entry("email", "admin@localhost"),
                Map.entry("password", node.adminKey()),
                Map.entry("returnUrl", link)));
    assertThat(login.statusCode()).isEqualTo(303);
    assertThat(login.headers().firstValue("Location")).hasValue(link);
    String header = login.headers().firstValue("Set-Cookie").orElseThrow();
    cookie = header.substring(0, header.indexOf(';'));
    HttpResponse<String> asks = send(at(link).header("Cookie", cookie));
    assertThat(asks.statusCode()).as(asks.body()).isEqualTo(200);
    List<Map.Entry<String, String>> answers = new ArrayList<>(hidden(asks.body()));
    answers.add(Map.entry("store", store));
    HttpResponse<String> grant = form("/api-keys/authorize", answers);
    assertThat(grant.body()).contains("action=\"" + CALLBACK + "\"");

    // The owner's browser posts this to the shop.
    List<String> granted = new ArrayList<>();
    for (Map.Entry<String, String> field : hidden(grant.body())) {
      if (field.getKey().equals("apiKey")) {
        key = field.getValue();
      } else if (field.getKey().equals("permissions[]")) {
        granted.add(field.getValue());
      }
    }
    assertThat(granted)
        .containsExactlyInAnyOrderElementsOf(
            PERMISSIONS.stream().map(one -> one + ":" + store).toList());

    String base = "/stores/" + store;
    JsonNode hook =
        ask(
            "POST",
            base + "/webhooks",
            """
            {"url":"%s","enabled":true,"automaticRedelivery":true,"secret":null,
             "authorizedEvents":{"everything":true,"specificEvents":[]}}
            """
                .formatted(shop.url("/?wc-api=btcpaygf_default")));
    String secret = hook.path("secret").asText();
    assertThat(secret).isNotBlank();
    assertThat(ask("GET", base + "/webhooks/" + hook.path("id").asText(), "").path("url").asText())
        .isEqualTo(hook.path("url").asText());

    JsonNode invoice =
        ask(
            "POST",
            base + "/invoices",
            """
            {"amount":"0.25","currency":"TNDR","metadata":{"orderId":"815","buyerName":null},
             "checkout":{"speedPolicy":"MediumSpeed","paymentMethods":["TNDR_CHAIN"],
              "expirationMinutes":null,"redirectURL":"https://shop.example/thanks",
              "redirectAutomatically":true}}
            """);
    String path = base + "/invoices/" + invoice.path("id").asText();
    HttpResponse<String> checkout =
        send(HttpRequest.newBuilder(URI.create(invoice.path("checkoutLink").asText())));
    assertThat(checkout.statusCode()).isEqualTo(200);
    JsonNode method = ask("GET", path + "/payment-methods", "").path(0);
    JsonNode paid = customer.pay(method.path("paymentLink").asText());

    JsonNode last = MAPPER.createObjectNode();
    for (String type :
        List.of(
            "InvoiceCreated",
            "InvoiceReceivedPayment",
            "InvoiceProcessing",
            "InvoicePaymentSettled",
            "InvoiceSettled")) {
      Receiver.Received received = shop.next();
      received.assertSignedWith(secret);
      assertThat(received.headers().get("User-Agent")).matches("Tender/\\d+\\.\\d+.*");
      last = received.json();
      assertThat(last.path("type").asText()).isEqualTo(type);
    }
    assertThat(last.path("invoiceId")).isEqualTo(invoice.path("id"));
    assertThat(last.path("metadata").path("orderId").asText()).isEqualTo("815");
    assertThat(ask("GET", path, "").path("status").asText()).isEqualTo("Settled");
    assertThat(
            ask("GET", path + "/payment-methods", "")
                .path(0)
                .path("payments")
                .path(0)
                .path("id")
                .asText())
        .startsWith(paid.path("txid").asText() + "-");
    assertThat(till.balanceSat()).isEqualTo(25_000_000);
  }
}
