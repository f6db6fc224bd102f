package network.tender.web.greenfield;

import static network.tender.web.greenfield.ApiUnderTest.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import network.tender.script.WalletAccount;
import network.tender.web.AnswerCheck;
import network.tender.webhook.Receiver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every operation of the merchant API answers as {@code openapi.yaml} says. */
class ContractAnswersTest {
  /** Refuses whatever is asked, as there are no pull payments. */
  private static final Set<String> NEVER_DONE = Set.of("refundStoreInvoice", "refundInvoice");

  private static ApiUnderTest api;
  private static AnswerCheck check;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
    check = AnswerCheck.load();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static JsonNode ask(String verb, String path, String body) {
    HttpResponse<String> response = api.send(api.admin, verb, path, body);
    check.check(response);
    assertThat(response.statusCode())
        .as("%s %s %s", verb, path, response.body())
        .isBetween(200, 201);
    return response.statusCode() == 200 ? ok(response) : ApiUnderTest.json(response);
  }

  private static JsonNode get(String path) {
    return ask("GET", path, null);
  }

  private static String text(JsonNode object, String name) {
    return object.path(name).asText();
  }

  @Test
  void everyOperationAnswersAsTheContractSays() {
    askAboutKeysAndPeople();
    String store = text(ask("POST", "/stores", "{\"name\":\"Kiosk\"}"), "id");
    askAboutTheStore("/stores/" + store);
    askAboutRates("/stores/" + store);
    askAboutApps("/stores/" + store);
    try (Receiver receiver = new Receiver(api.fixture.vertx)) {
      askAboutInvoicesAndWebhooks("/stores/" + store, receiver);
    }
    ask("DELETE", "/stores/" + store + "/payment-methods/" + api.method, null);
    ask("DELETE", "/stores/" + store, null);
    Set<String> left = new TreeSet<>(check.operations());
    left.removeAll(check.seen());
    assertThat(left)
        .as("operations that nothing was asked of")
        .isEqualTo(new TreeSet<>(NEVER_DONE));
  }

  private static void askAboutKeysAndPeople() {
    get("/health");
    get("/server/info");
    get("/server/roles");
    get("/misc/rate-sources");
    get("/api-keys/current");
    String key = text(ask("POST", "/api-keys", "{\"permissions\":[\"unrestricted\"]}"), "apiKey");
    ask("DELETE", "/api-keys/" + key, null);
    String own = text(ask("POST", "/api-keys", "{\"permissions\":[\"unrestricted\"]}"), "apiKey");
    check.check(api.send(own, "DELETE", "/api-keys/current", null));
    get("/users/me");
    ask("PUT", "/users/me", "{\"name\":\"Ann\"}");
    String user = "/users/bob@kiosk.example";
    ask("POST", "/users", "{\"email\":\"bob@kiosk.example\",\"password\":\"Kitten0@long\"}");
    get("/users");
    get(user);
    ask("PUT", user, "{\"name\":\"Bob\",\"imageUrl\":\"https://kiosk.example/bob.png\"}");
    String his =
        text(ask("POST", user + "/api-keys", "{\"permissions\":[\"unrestricted\"]}"), "apiKey");
    ask("DELETE", user + "/api-keys/" + his, null);
    ask("POST", user + "/lock", "{\"locked\":true}");
    ask("DELETE", user, null);
    String eve = api.newUser("eve@kiosk.example");
    check.check(api.send(eve, "DELETE", "/users/me", null));
  }

  private static void askAboutTheStore(String store) {
    get("/stores");
    get(store);
    ask("PUT", store, "{\"defaultCurrency\":\"EUR\",\"paymentTolerance\":\"0.5\"}");
    ask("PUT", store, "{\"defaultCurrency\":\"USD\"}");
    get(store + "/roles");
    get(store + "/users");
    api.newUser("carl@kiosk.example");
    ask("POST", store + "/users", "{\"id\":\"carl@kiosk.example\",\"storeRole\":\"Guest\"}");
    assertThat(get(store + "/users")).hasSize(2);
    ask("PUT", store + "/users/carl@kiosk.example", "{\"storeRole\":\"Cashier\"}");
    ask("DELETE", store + "/users/carl@kiosk.example", null);
    String method = store + "/payment-methods/" + api.method;
    String account =
        "{\"config\":\"%s\"}"
            .formatted(api.fixture.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT).xpub());
    ask("POST", method + "/wallet/preview", account);
    ask("PUT", method, account);
    get(method + "/wallet/preview?count=2");
    get(method);
    get(method + "?includeConfig=true");
    get(store + "/payment-methods?includeConfig=true&onlyEnabled=true");
  }

  private static void askAboutRates(String store) {
    String coin = api.fixture.network.coinCode();
    assertThat(get(store + "/rates?currencyPair=%1$s_USD&currencyPair=%1$s_JPY".formatted(coin)))
        .hasSize(2);
    String fixed = "{\"preferredSource\":\"fixed\",\"fixedRates\":{\"USD\":\"50000\"}}";
    String http =
        "{\"preferredSource\":\"http-json\",\"spread\":\"1.5\",\"httpJson\":{"
            + "\"url\":\"http://127.0.0.1:9/{coin}\",\"pointer\":\"/{CURRENCY}\"}}";
    for (String which : List.of("", "/primary", "/fallback")) {
      String path = store + "/rates/configuration" + which;
      ask("PUT", path, http);
      get(path);
      ask("POST", path + "/preview?currencyPair=" + coin + "_USD", fixed);
      ask("PUT", path, fixed);
      get(path);
    }
  }

  private static void askAboutApps(String store) {
    String made =
        text(
            ask(
                "POST",
                store + "/apps/pos",
                """
                {"appName":"Counter","template":"[{\\"id\\":\\"tea\\",\\"title\\":\\"Tea\\",\\"price\\":\\"2.50\\",\
                \\"inventory\\":3,\\"categories\\":[\\"hot\\"],\\"more\\":{\\"a\\":1}},\
                {\\"id\\":\\"any\\",\\"title\\":\\"Any\\",\\"priceType\\":\\"Topup\\"}]"}
                """),
            "id");
    String app = "/apps/" + made;
    get("/apps/pos/" + made);
    ask("PUT", "/apps/pos/" + made, "{\"title\":\"Tea room\",\"enableTips\":true}");
    get("/apps");
    get(store + "/apps");
    get(app);
    get(app + "/sales?numberOfDays=2");
    get(app + "/top-items");
    ask("DELETE", app, null);
  }

  private static void askAboutInvoicesAndWebhooks(String store, Receiver receiver) {
    String storeHook = store + "/webhooks/" + newWebhook(store, receiver);
    String hook = "/webhooks/" + newWebhook(store, receiver);
    get(store + "/webhooks");
    for (String path : List.of(storeHook, hook)) {
      get(path);
      ask("PUT", path, "{\"authorizedEvents\":{\"everything\":true}}");
    }
    for (String family : List.of(store, "")) {
      String id = text(newInvoice(store, "\"20\""), "id");
      String invoice = family + "/invoices/" + id;
      get(invoice + "?includePaymentMethods=true");
      ask("PUT", invoice, "{\"metadata\":{\"orderId\":\"b\",\"n\":[1.50,null]}}");
      ask("POST", invoice + "/payment-methods/" + api.method + "/activate", null);
      // Too much, in two payments.
      api.pay(id, 30_000);
      api.pay(id, 30_000);
      assertThat(text(get(invoice), "additionalStatus")).isEqualTo("PaidOver");
      assertThat(get(invoice + "/payment-methods?includeSensitive=true").path(0).path("payments"))
          .hasSize(2);
      get(invoice + "/refund/" + api.method + "?subtractPercentage=5");
      String other = family + "/invoices/" + text(newInvoice(store, "null"), "id");
      assertThat(text(get(other), "type")).isEqualTo("TopUp");
      ask("POST", other + "/status", "{\"status\":\"Invalid\"}");
      ask("DELETE", other, null);
      ask("POST", other + "/unarchive", null);
    }
    // One that is paid in part and expires, and one that costs nothing.
    String late = text(newInvoice(store, "\"20\""), "id");
    api.pay(late, 10_000);
    newInvoice(store, "\"0\"");
    api.webhooks.advance(java.time.Duration.ofMinutes(16));
    api.webhooks.untilLater(
        "it expires", () -> text(get("/invoices/" + late), "status").equals("Expired"));
    api.pay(late, 30_000);
    assertThat(text(get("/invoices/" + late), "additionalStatus")).isEqualTo("PaidLate");
    get(store + "/invoices?includePaymentMethods=true&includeTotal=true&take=2");
    for (JsonNode event : get(store + "/events?take=1000")) {
      assertThat(event.has("eventId")).isTrue();
    }
    for (String path : List.of(storeHook, hook)) {
      api.webhooks.untilLater(
          "it is delivered", () -> get(path + "/deliveries?state=Delivered").size() > 20);
      for (JsonNode delivery : get(path + "/deliveries")) {
        String one = path + "/deliveries/" + text(delivery, "id");
        get(one);
        get(one + "/request");
      }
      String first = text(get(path + "/deliveries").path(0), "id");
      ask("POST", path + "/deliveries/" + first + "/redeliver", null);
      receiver.answer(500);
      newInvoice(store, "\"1\"");
      api.webhooks.untilLater(
          "a failure is listed", () -> get(path + "/deliveries?state=Pending").size() > 0);
      receiver.answer(200);
      ask("DELETE", path, null);
    }
  }

  private static String newWebhook(String store, Receiver receiver) {
    return text(
        ask("POST", store + "/webhooks", "{\"url\":\"" + receiver.url("/hook") + "\"}"), "id");
  }

  private static JsonNode newInvoice(String store, String amount) {
    return ask(
        "POST",
        store + "/invoices",
        "{\"amount\":%s,\"currency\":\"USD\",\"metadata\":{\"orderId\":\"a\"}}".formatted(amount));
  }

  @Test
  void refusalsAreAsTheContractSays() {
    String store = api.newPayableStore();
    String id = text(newInvoice("/stores/" + store, "\"5\""), "id");
    String viewer = api.newKey(api.admin, "btcpay.store.canviewinvoices:" + store);
    for (HttpResponse<String> response :
        List.of(
            api.send("", "GET", "/stores", null),
            api.send(viewer, "GET", "/stores/" + store, null),
            api.send(api.admin, "GET", "/stores/" + store + "/invoices/nosuch", null),
            api.send(
                api.admin, "POST", "/invoices/" + id + "/refund", "{\"refundVariant\":\"Fiat\"}"),
            api.send(api.admin, "POST", "/stores/" + store + "/invoices", "{\"amount\":\"-1\"}"),
            api.send(api.admin, "POST", "/stores/" + store + "/invoices", "{"),
            api.send(api.admin, "PATCH", "/stores/" + store + "/invoices", "{}"))) {
      check.check(response);
      assertThat(response.statusCode()).isGreaterThanOrEqualTo(400);
      assertThat(response.body()).isNotEmpty();
    }
  }
}
