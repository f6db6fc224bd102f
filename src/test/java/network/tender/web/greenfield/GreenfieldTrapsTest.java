package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.merchant.MerchantFixture.pays;
import static network.tender.web.greenfield.ApiUnderTest.assertFields;
import static network.tender.web.greenfield.ApiUnderTest.assertRefused;
import static network.tender.web.greenfield.ApiUnderTest.ok;
import static network.tender.web.greenfield.ApiUnderTest.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import network.tender.merchant.Invoice;
import network.tender.script.WalletAccount;
import network.tender.webhook.Receiver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What breaks clients of BTCPay Server elsewhere, each with the requests that they really send. */
class GreenfieldTrapsTest {
  private static ApiUnderTest api;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static JsonNode newInvoice(String store, String orderId) {
    return api.ok(
        "POST",
        "/stores/" + store + "/invoices",
        "{\"amount\":\"5\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"" + orderId + "\"}}");
  }

  @Test
  void trap1InvoicesAreReachedByBothFamiliesOfPaths() {
    String store = api.newPayableStore();
    String id = newInvoice(store, "1").path("id").asText();
    for (String path : List.of("/invoices/" + id, "/stores/" + store + "/invoices/" + id)) {
      assertThat(api.ok("GET", path, null).path("storeId").asText()).isEqualTo(store);
      assertThat(api.ok("GET", path + "/payment-methods", null)).hasSize(1);
      assertThat(api.ok("PUT", path, "{\"metadata\":{\"orderId\":\"2\"}}").path("id").asText())
          .isEqualTo(id);
    }
    api.ok("POST", "/stores/" + store + "/invoices/" + id + "/status", "{\"status\":\"Invalid\"}");
    api.ok("POST", "/invoices/" + id + "/status", "{\"status\":\"Settled\"}");

    String stranger = api.newKey(api.admin, "btcpay.store.canmodifyinvoices:" + api.newStore());
    assertRefused(api.send(stranger, "GET", "/invoices/nosuch", null), 403, "missing-permission");
    assertRefused(api.send(api.admin, "GET", "/invoices/nosuch", null), 403, "missing-permission");
    assertRefused(
        api.send(api.admin, "GET", "/stores/" + store + "/invoices/nosuch", null),
        404,
        "invoice-not-found");
    assertRefused(
        api.send(stranger, "GET", "/stores/" + store + "/invoices/" + id, null),
        403,
        "missing-permission");
  }

  @Test
  void trap2SuccessIsExactly200AndEmptyWhereThereIsNothingToSay() {
    String store = api.newPayableStore();
    String wallet = "/stores/" + store + "/payment-methods/" + api.method;
    String user = api.newUser("trap2@shop.example");
    String key = api.newKey(user, "btcpay.user.canviewprofile");
    String current = api.newKey(api.admin, "btcpay.store.canviewinvoices");
    String invoice = "/stores/" + store + "/invoices/" + newInvoice(store, "2").path("id").asText();
    List<HttpResponse<String>> empty =
        List.of(
            api.send(
                api.admin, "POST", invoice + "/payment-methods/" + api.method + "/activate", null),
            api.send(api.admin, "DELETE", invoice, null),
            api.send(user, "DELETE", "/api-keys/" + key, null),
            api.send(current, "DELETE", "/api-keys/current", null),
            api.send(api.admin, "DELETE", wallet, null),
            api.send(api.admin, "DELETE", "/stores/" + store, null),
            api.send(api.admin, "DELETE", "/users/trap2@shop.example", null));
    for (HttpResponse<String> response : empty) {
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      assertThat(response.body()).isEmpty();
    }
    // Nothing but a new user is 201.
    assertThat(api.send(api.admin, "POST", "/stores", "{\"name\":\"x\"}").statusCode())
        .isEqualTo(200);
    assertThat(
            api.send(
                    api.admin,
                    "POST",
                    "/users",
                    "{\"email\":\"trap2b@shop.example\",\"password\":\"Kitten0@\"}")
                .statusCode())
        .isEqualTo(201);
  }

  @Test
  void trap3KeysOfRequestsAreReadInAnyCase() {
    // As .NET's client spells them.
    JsonNode store =
        api.ok(
            "POST",
            "/stores",
            "{\"Name\":\"Shop\",\"DefaultCurrency\":\"USD\",\"SpeedPolicy\":\"MediumSpeed\","
                + "\"PaymentTolerance\":0.0,\"Receipt\":{\"Enabled\":true}}");
    String id = store.path("id").asText();
    String xpub = api.fixture.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT).xpub();
    api.ok(
        "PUT",
        "/stores/" + id + "/payment-methods/" + api.method,
        "{\"Enabled\":true,\"Config\":{\"DerivationScheme\":\"" + xpub + "\",\"Label\":null}}");
    JsonNode invoice =
        api.ok(
            "POST",
            "/stores/" + id + "/invoices",
            """
            {"Metadata":{"orderId":"o-1","itemDesc":"Tea"},"Checkout":{"SpeedPolicy":"LowSpeed",
             "PaymentMethods":["%s"],"DefaultPaymentMethod":null,"expirationMinutes":15.0,
             "monitoringMinutes":60.0,"PaymentTolerance":1.5,"redirectURL":"https://shop.example/",
             "RedirectAutomatically":true,"DefaultLanguage":"en"},
             "Amount":"12.5","Currency":"usd","AdditionalSearchTerms":["a"],"Receipt":null}
            """
                .formatted(api.method));
    assertThat(invoice.path("amount").asText()).isEqualTo("12.50");
    assertThat(invoice.path("checkout").path("speedPolicy").asText()).isEqualTo("LowSpeed");
    assertThat(invoice.path("checkout").path("redirectURL").asText())
        .isEqualTo("https://shop.example/");
    JsonNode key =
        api.ok(
            "POST",
            "/api-keys",
            "{\"Label\":\"till\",\"Permissions\":[\"btcpay.user.canviewprofile\"]}");
    assertThat(key.path("label").asText()).isEqualTo("till");
    String user =
        "{\"Email\":\"trap3@shop.example\",\"Password\":\"Kitten0@\",\"IsAdministrator\":false}";
    assertThat(api.send(api.admin, "POST", "/users", user).statusCode()).isEqualTo(201);
    api.ok(
        "POST",
        "/stores/" + id + "/users",
        "{\"UserId\":\"trap3@shop.example\",\"Role\":\"Guest\"}");
  }

  @Test
  void trap4NullsUnknownKeysAndBothKindsOfNumbersAreTaken() {
    String store = api.newPayableStore();
    // As the PHP client sends what is not set.
    JsonNode invoice =
        api.ok(
            "POST",
            "/stores/" + store + "/invoices",
            """
            {"amount":"10.25","currency":"USD","metadata":{"orderId":"77","buyerEmail":null,
             "taxIncluded":true},"checkout":{"speedPolicy":null,"paymentMethods":null,
             "expirationMinutes":"15","monitoringMinutes":null,"paymentTolerance":"0.5",
             "redirectURL":null,"redirectAutomatically":null,"defaultLanguage":null,
             "someKeyOfTomorrow":[1]},"requiresRefundEmail":null,"unknown":{"a":1}}
            """);
    assertThat(invoice.path("amount").isTextual()).isTrue();
    assertThat(invoice.path("amount").asText()).isEqualTo("10.25");
    assertThat(invoice.path("checkout").path("speedPolicy").asText()).isEqualTo("MediumSpeed");
    assertThat(
            api.ok(
                    "POST",
                    "/stores/" + store + "/invoices",
                    "{\"amount\":10.25,\"currency\":\"USD\"}")
                .path("amount")
                .asText())
        .isEqualTo("10.25");
    JsonNode changed =
        api.ok(
            "PUT",
            "/stores/" + store,
            "{\"name\":null,\"invoiceExpiration\":\"1800\",\"paymentTolerance\":\"1\",\"speedPolicy\":\"HIGHSPEED\",\"x\":null}");
    assertThat(changed.path("invoiceExpiration").intValue()).isEqualTo(1_800);
    assertThat(changed.path("paymentTolerance").isNumber()).isTrue();
    assertThat(changed.path("speedPolicy").asText()).isEqualTo("HighSpeed");
    assertThat(changed.path("name").asText()).isEqualTo("Kiosk");
    assertThat(
            api.ok(
                    "PUT",
                    "/stores/" + store + "/rates/configuration",
                    "{\"spread\":\"2\",\"preferredSource\":\"OPERATOR\",\"isCustomScript\":null,\"effectiveScript\":null}")
                .path("spread")
                .isNumber())
        .isTrue();
    assertThat(
            ok(api.send(api.admin, "POST", "/api-keys", "{\"label\":null,\"permissions\":null}")))
        .isNotEmpty();
  }

  @Test
  void trap5QueriesAreReadAsClientsWriteThem() {
    String store = api.newPayableStore();
    String path = "/stores/" + store + "/invoices";
    newInvoice(store, "a");
    newInvoice(store, "b");
    newInvoice(store, "c");
    long now = api.fixture.now.get() / 1_000;
    assertThat(
            api.ok(
                "GET",
                path
                    + "?orderId=a&orderId=b&status=new&status=processing"
                    + "&includeArchived=False&includePaymentMethods=True&skip=0&take=10"
                    + "&startDate=%d&endDate=%d".formatted(now - 60, now + 60),
                null))
        .hasSize(2)
        .allMatch(invoice -> invoice.path("paymentMethods").size() == 1);
    assertThat(api.ok("GET", path + "?orderId%5B%5D=a&orderId%5B%5D=c", null)).hasSize(2);
    assertThat(api.ok("GET", path + "?status=settled", null)).isEmpty();
    assertThat(api.ok("GET", "/stores/" + store + "/payment-methods?onlyEnabled=True", null))
        .hasSize(1);
    assertThat(
            api.ok("GET", "/stores/" + store + "/payment-methods?includeConfig=true", null)
                .path(0)
                .path("config")
                .isObject())
        .isTrue();
    assertThat(
            api.ok("GET", "/stores/" + store + "/payment-methods?includeConfig=False", null)
                .path(0)
                .path("config")
                .isNull())
        .isTrue();
    String coin = api.fixture.network.coinCode();
    assertThat(
            api.ok(
                "GET",
                "/stores/%1$s/rates?currencyPair=%2$s_USD&currencyPair=%2$s_EUR"
                    .formatted(store, coin),
                null))
        .hasSize(2);
    assertFields(api.send(api.admin, "GET", path + "?startDate=9&endDate=8", null), "startDate");
  }

  @Test
  void trap6BodiesOfGetAndSlashesAtTheEndDoNoHarm() {
    String store = api.newPayableStore();
    String id = newInvoice(store, "slash").path("id").asText();
    for (String path :
        List.of(
            "/stores/",
            "/stores/" + store + "/",
            "/stores/" + store + "/invoices/",
            "/stores/" + store + "/invoices/?orderId=slash",
            "/invoices/" + id + "/",
            "/stores/" + store + "/payment-methods/",
            "/stores/" + store + "/users/",
            "/stores/" + store + "/rates/configuration/",
            "/users/",
            "/users/me/",
            "/api-keys/current/",
            "/server/info/",
            "/health/")) {
      ok(api.send(api.admin, "GET", path, null));
      // As the PHP client asks some lists.
      ok(api.send(api.admin, "GET", path, "{\"includeArchived\":false}"));
      ok(api.send(api.admin, "GET", path, "[]"));
    }
    assertThat(
            api.ok("POST", "/stores/" + store + "/invoices/", "{\"amount\":1,\"currency\":\"USD\"}")
                .path("status")
                .asText())
        .isEqualTo("New");
    assertThat(api.ok("POST", "/stores/", "{\"name\":\"Zap\"}").path("name").asText())
        .isEqualTo("Zap");
  }

  @Test
  void trap7PaymentMethodsAreKnownByAllTheirNames() {
    String store = api.newPayableStore();
    String coin = api.fixture.network.coinCode();
    for (String name :
        List.of(
            coin,
            coin + "-CHAIN",
            coin + "_CHAIN",
            coin + "-OnChain",
            coin + "_OnChain",
            coin + "_BitcoinLike",
            coin.toLowerCase(java.util.Locale.ROOT) + "-chain")) {
      JsonNode invoice =
          api.ok(
              "POST",
              "/stores/" + store + "/invoices",
              "{\"amount\":1,\"currency\":\"USD\",\"checkout\":{\"paymentMethods\":[\"%1$s\"],\"defaultPaymentMethod\":\"%1$s\"}}"
                  .formatted(name));
      assertThat(texts(invoice.path("checkout").path("paymentMethods")))
          .as(name)
          .containsExactly(coin + "-CHAIN");
      assertThat(invoice.path("checkout").path("defaultPaymentMethod").asText())
          .isEqualTo(coin + "-CHAIN");
      assertThat(
              api.ok("GET", "/stores/" + store + "/payment-methods/" + name, null)
                  .path("paymentMethodId")
                  .asText())
          .isEqualTo(coin + "-CHAIN");
    }
    assertFields(
        api.send(
            api.admin,
            "POST",
            "/stores/" + store + "/invoices",
            "{\"amount\":1,\"checkout\":{\"paymentMethods\":[\"%s-LN\"]}}".formatted(coin)),
        "Checkout.PaymentMethods[0]");
    assertRefused(
        api.send(api.admin, "GET", "/stores/" + store + "/payment-methods/" + coin + "-LN", null),
        404,
        "paymentmethod-not-found");
  }

  @Test
  void trap8OldPathsOfPaymentMethodsLeadOnAndThoseOfLightningAreGone() {
    String store = api.newStore();
    String coin = api.fixture.network.coinCode();
    String base = "/stores/" + store + "/payment-methods";
    assertThat(api.ok("GET", base + "/OnChain", null)).isEmpty();
    String xpub = api.fixture.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT).xpub();
    // As clients for versions before 2.0 set a wallet.
    api.ok(
        "PUT",
        base + "/OnChain/" + coin,
        "{\"enabled\":true,\"derivationScheme\":\"%s\",\"label\":null,\"accountKeyPath\":null}"
            .formatted(xpub));
    assertThat(api.ok("GET", base + "/OnChain/" + coin, null).path("enabled").booleanValue())
        .isTrue();
    assertThat(
            api.ok("GET", base + "/onchain/" + coin + "/preview?amount=3", null).path("addresses"))
        .hasSize(3);
    assertThat(
            api.ok(
                    "POST",
                    base + "/OnChain/" + coin + "/preview",
                    "{\"derivationScheme\":\"" + xpub + "\"}")
                .path("addresses"))
        .hasSize(10);
    // An old module lists both and hides itself if either fails.
    JsonNode list = api.ok("GET", base + "/OnChain", null);
    assertThat(list).hasSize(1);
    assertThat(list.path(0).path("cryptoCode").asText()).isEqualTo(coin);
    assertThat(list.path(0).path("enabled").booleanValue()).isTrue();
    assertThat(api.ok("GET", base + "/LightningNetwork", null)).isEmpty();
    for (String path : List.of("/LightningNetwork/" + coin, "/LNURLPay/" + coin)) {
      assertRefused(api.send(api.admin, "GET", base + path, null), 410, "unsupported-in-v2");
      assertRefused(api.send(api.admin, "PUT", base + path, "{}"), 410, "unsupported-in-v2");
    }
    assertThat(api.send(api.admin, "DELETE", base + "/OnChain/" + coin, null).statusCode())
        .isEqualTo(200);
    assertThat(api.ok("GET", base, null)).isEmpty();
  }

  @Test
  void trap9PermissionsOfAKeyAreExactlyThoseGranted() {
    String store = api.newStore();
    List<String> woo =
        List.of(
            "btcpay.store.canviewinvoices",
            "btcpay.store.cancreateinvoice",
            "btcpay.store.canviewstoresettings",
            "btcpay.store.canmodifyinvoices",
            "btcpay.store.cancreatenonapprovedpullpayments",
            "btcpay.store.webhooks.canmodifywebhooks");
    List<String> presta =
        Stream.concat(woo.stream(), Stream.of("btcpay.store.canmodifystoresettings")).toList();
    for (List<String> asked : List.of(woo, presta)) {
      String[] scoped = asked.stream().map(policy -> policy + ":" + store).toArray(String[]::new);
      JsonNode current =
          ok(api.send(api.newKey(api.admin, scoped), "GET", "/api-keys/current", null));
      assertThat(texts(current.path("permissions"))).containsExactly(scoped);
      String[] parts = current.path("permissions").path(0).asText().split(":", -1);
      assertThat(parts).hasSize(2);
      assertThat(parts[1]).isEqualTo(store);
    }
    JsonNode spelled =
        ok(
            api.send(
                api.newKey(
                    api.admin,
                    " BTCPay.Store.CanViewInvoices:" + store,
                    "btcpay.store.canviewinvoices:" + store),
                "GET",
                "/api-keys/current",
                null));
    assertThat(texts(spelled.path("permissions")))
        .containsExactly("btcpay.store.canviewinvoices:" + store);
    // Nor does the role of its user change what is shown of a key, only what it opens.
    String cashier = api.newUser("trap9@shop.example");
    api.ok(
        "POST",
        "/stores/" + store + "/users",
        "{\"id\":\"trap9@shop.example\",\"storeRole\":\"Cashier\"}");
    String key = api.newKey(cashier, "btcpay.store.canmodifystoresettings:" + store);
    assertThat(texts(ok(api.send(key, "GET", "/api-keys/current", null)).path("permissions")))
        .containsExactly("btcpay.store.canmodifystoresettings:" + store);
    assertRefused(api.send(key, "GET", "/stores/" + store, null), 403, "missing-permission");
  }

  @Test
  void trap10VersionGatesArePassed() {
    JsonNode info = api.ok("GET", "/server/info", null);
    int[] version =
        Stream.of(info.path("version").asText().split("[.+-]", -1))
            .limit(3)
            .mapToInt(Integer::parseInt)
            .toArray();
    assertThat(version[0] * 10_000 + version[1] * 100 + version[2]).isGreaterThanOrEqualTo(10_706);
    assertThat(info.path("fullySynched").isBoolean()).isTrue();
    assertThat(info.path("fullySynched").booleanValue()).isTrue();
    assertThat(texts(info.path("supportedPaymentMethods"))).containsExactly(api.method);
    JsonNode status = info.path("syncStatus").path(0);
    assertThat(status.path("paymentMethodId").asText()).isEqualTo(api.method);
    assertThat(status.path("available").booleanValue()).isTrue();
    assertThat(status.path("nodeInformation").path("verificationProgress").isNumber()).isTrue();
    assertRefused(api.send("", "GET", "/server/info", null), 401, "unauthenticated");
  }

  @Test
  void trap11SecretsOfWebhooksAreShownOnceAndAreThoseThatWereSent() {
    String store = api.newPayableStore();
    String hooks = "/stores/" + store + "/webhooks";
    try (Receiver receiver = new Receiver(api.fixture.vertx)) {
      // PrestaShop compares the secret that comes back with its own.
      JsonNode made =
          api.ok(
              "POST",
              hooks,
              """
              {"enabled":true,"automaticRedelivery":true,"url":"%s",
               "authorizedEvents":{"everything":true},"secret":"presta-secret"}
              """
                  .formatted(receiver.url("/webhook?a=1&b=%20x")));
      assertThat(made.path("secret").asText()).isEqualTo("presta-secret");
      String id = made.path("id").asText();
      for (String secret : List.of("null", "\"\"")) {
        api.ok("PUT", hooks + "/" + id, "{\"secret\":" + secret + "}");
      }
      for (JsonNode read :
          List.of(
              api.ok("GET", hooks + "/" + id, null),
              api.ok("GET", "/webhooks/" + id, null),
              api.ok("GET", hooks, null).path(0))) {
        assertThat(read.has("secret")).isFalse();
        // Magento's look at its setup.
        for (JsonNode flag :
            List.of(
                read.path("enabled"),
                read.path("automaticRedelivery"),
                read.path("authorizedEvents").path("everything"))) {
          assertThat(flag.isBoolean()).isTrue();
          assertThat(flag.booleanValue()).isTrue();
        }
        assertThat(read.path("url").asText()).isEqualTo(receiver.url("/webhook?a=1&b=%20x"));
      }
      newInvoice(store, "trap11");
      Receiver.Received received = receiver.next();
      assertThat(received.type()).isEqualTo("InvoiceCreated");
      received.assertSignedWith("presta-secret");
      JsonNode own = api.ok("POST", hooks, "{\"url\":\"" + receiver.url("/own") + "\"}");
      assertThat(own.path("secret").asText()).as("one of our own").hasSizeGreaterThan(15);
    }
  }

  @Test
  void trap12PaymentsAreNamedByTheirTransactionAndStatusesSayNone() {
    String store = api.newPayableStore();
    String id = newInvoice(store, "trap12").path("id").asText();
    String path = "/stores/" + store + "/invoices/" + id;
    assertThat(api.ok("GET", path, null).path("additionalStatus").asText()).isEqualTo("None");
    Invoice invoice = await(api.fixture.merchant.invoices().find(id)).orElseThrow();
    api.fixture.commit(api.fixture.block(pays(invoice, 10_000)));
    JsonNode paid = api.ok("GET", path, null);
    assertThat(paid.path("status").asText()).isEqualTo("Settled");
    assertThat(paid.path("additionalStatus").asText()).isEqualTo("None");
    JsonNode payment =
        api.ok("GET", path + "/payment-methods", null).path(0).path("payments").path(0);
    assertThat(payment.path("id").asText()).matches("[0-9a-f]{64}-[0-9]+");
  }

  @Test
  void trap13ClientsOfBitPaysProtocolAreToldThatItIsNotSpoken() {
    for (String path : List.of("/tokens", "/invoices", "/invoices/abc?token=x")) {
      for (String verb : List.of("GET", "POST")) {
        HttpResponse<String> response =
            api.server.send(
                api.server
                    .request(path)
                    .header("Content-Type", "application/json")
                    .header("X-Accept-Version", "2.0.0")
                    .header("X-Identity", "02".repeat(33))
                    .header("X-Signature", "30".repeat(70))
                    .method(
                        verb,
                        verb.equals("GET")
                            ? HttpRequest.BodyPublishers.noBody()
                            : HttpRequest.BodyPublishers.ofString(
                                "{\"id\":\"TfABC\",\"facade\":\"merchant\",\"pairingCode\":\"1234567\"}")));
        assertRefused(response, 410, "unsupported-in-v2");
        assertThat(ApiUnderTest.json(response).path("message").asText()).contains("Greenfield");
      }
    }
  }

  @Test
  void trap14StoresCountSecondsAndInvoicesMinutes() {
    String store = api.newPayableStore();
    JsonNode settings =
        api.ok(
            "PUT",
            "/stores/" + store,
            "{\"invoiceExpiration\":1800,\"displayExpirationTimer\":600,\"monitoringExpiration\":7200}");
    assertThat(settings.path("invoiceExpiration").intValue()).isEqualTo(1_800);
    assertThat(settings.path("displayExpirationTimer").intValue()).isEqualTo(600);
    assertThat(settings.path("monitoringExpiration").intValue()).isEqualTo(7_200);
    assertTimes(newInvoice(store, "store's"), 30, 120);
    assertTimes(
        api.ok(
            "POST",
            "/stores/" + store + "/invoices",
            """
            {"amount":"5","currency":"USD",
             "checkout":{"expirationMinutes":20,"monitoringMinutes":90}}
            """),
        20,
        90);
    // 60 of a store are a minute; of an invoice they are an hour.
    api.ok("PUT", "/stores/" + store, "{\"invoiceExpiration\":60}");
    assertTimes(newInvoice(store, "minute"), 1, 120);
    assertTimes(
        api.ok(
            "POST",
            "/stores/" + store + "/invoices",
            "{\"amount\":\"5\",\"checkout\":{\"expirationMinutes\":\"60\"}}"),
        60,
        120);
    assertThat(api.ok("GET", "/stores/" + store, null).path("invoiceExpiration").intValue())
        .isEqualTo(60);
  }

  /**
   * Expiry counts from the invoice's creation, monitoring from its expiry; times are in seconds.
   */
  private static void assertTimes(JsonNode invoice, int expirationMinutes, int monitoringMinutes) {
    JsonNode checkout = invoice.path("checkout");
    assertThat(checkout.path("expirationMinutes").intValue()).isEqualTo(expirationMinutes);
    assertThat(checkout.path("monitoringMinutes").intValue()).isEqualTo(monitoringMinutes);
    long created = invoice.path("createdTime").longValue();
    long expires = invoice.path("expirationTime").longValue();
    assertThat(expires - created).isEqualTo(expirationMinutes * 60L);
    assertThat(invoice.path("monitoringExpiration").longValue() - expires)
        .isEqualTo(monitoringMinutes * 60L);
  }
}
