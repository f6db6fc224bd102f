package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.merchant.MerchantFixture.pays;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import network.tender.chain.Address;
import network.tender.journal.TestDatabase;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Invoice;
import network.tender.merchant.MerchantFixture;
import network.tender.script.WalletAccount;
import network.tender.web.HeadAnswers;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API as its clients in the field call it, over real HTTP. */
class GreenfieldTest {
  private static final String JSON = "application/json";

  /** Account 0 of the mnemonic "abandon … about" by BIP84, as its test vectors spell it. */
  private static final String ZPUB =
      "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31"
          + "mGDtKsAYz2oz2AGutZYs";

  private static final String ZPRV =
      "zprvAdG4iTXWBoARxkkzNpNh8r6Qag3irQB8PzEMkAFeTRXxHpbF9z4QgEvBRmfvqWvGp42t42nvgGpNgYSJA9iefm1"
          + "yYNZKEm7z6qUWCroSQnE";

  private static MerchantFixture fixture;
  private static TestServer server;
  private static String admin;
  private static String method;
  private static final ExecutorService clients = Executors.newFixedThreadPool(32);

  @BeforeAll
  static void start() {
    fixture = new MerchantFixture(TestDatabase.create());
    AtomicReference<String> kept = new AtomicReference<>();
    await(
        fixture
            .merchant
            .apiKeys()
            .ensureAdministratorKey(
                key -> {
                  kept.set(key);
                  return Future.succeededFuture();
                }));
    admin = kept.get();
    method = fixture.network.paymentMethodId();
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
    server =
        TestServer.start(
            fixture.vertx, new GreenfieldSurface(fixture.merchant, node, Optional.empty()));
  }

  @AfterAll
  static void stop() {
    clients.shutdownNow();
    server.close();
    fixture.close();
  }

  private static HttpResponse<String> send(String key, String verb, String path, String body) {
    HttpRequest.Builder request =
        server
            .request("/api/v1" + path)
            .method(
                verb,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", JSON);
    }
    if (!key.isEmpty()) {
      request.header("Authorization", "token " + key);
    }
    return server.send(request);
  }

  private static JsonNode json(HttpResponse<String> response) {
    return ExactJson.parse(response.body().getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .orElseThrow();
  }

  /** The body of an answer that must be exactly 200. */
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
    assertThat(json(response).path("message").asText()).isNotBlank();
  }

  private static void assertFields(HttpResponse<String> response, String... paths) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
    List<String> found = new ArrayList<>();
    json(response).forEach(error -> found.add(error.path("path").asText()));
    assertThat(found).containsExactly(paths);
  }

  private static String newStore() {
    return ok("POST", "/stores", "{\"name\":\"Kiosk\"}").path("id").asText();
  }

  private static String newPayableStore() {
    String id = newStore();
    String xpub = fixture.freshWallet(WalletAccount.Purpose.NATIVE_SEGWIT).xpub();
    ok("PUT", "/stores/" + id + "/payment-methods/" + method, "{\"config\":\"" + xpub + "\"}");
    return id;
  }

  private static String newKey(String... permissions) {
    var list = ExactJson.object();
    for (String permission : permissions) {
      list.withArray("permissions").add(permission);
    }
    return ok("POST", "/api-keys", ExactJson.write(list)).path("apiKey").asText();
  }

  private static Invoice stored(String id) {
    return await(fixture.merchant.invoices().find(id)).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.005", "0.001", "0.0000001"})
  void anAmountThatRoundsToNothingIsRefusedAndOnlyZeroIsFree(String amount) {
    String invoices = "/stores/" + newPayableStore() + "/invoices";
    String body = "{\"amount\":\"%s\",\"currency\":\"USD\"}";
    assertRefused(send(admin, "POST", invoices, body.formatted(amount)), 400, "generic-error");
    assertThat(ok("POST", invoices, body.formatted("0")).path("status").asText())
        .isEqualTo("Settled");
  }

  @Test
  void healthNeedsNoKeyAndServerInfoPassesTheVersionGates() {
    assertThat(ok(send("", "GET", "/health", null)).path("synchronized").booleanValue()).isTrue();
    JsonNode info = ok("GET", "/server/info", null);
    assertThat(info.path("version").asText()).startsWith("2.4.1");
    assertThat(info.path("fullySynched").isBoolean()).isTrue();
    assertThat(info.path("fullySynched").booleanValue()).isTrue();
    assertThat(info.path("supportedPaymentMethods").path(0).asText()).isEqualTo(method);
    assertThat(info.path("syncStatus").path(0).path("chainHeight").intValue()).isEqualTo(250);
  }

  @Test
  void headIsAnsweredLikeGet() {
    String store = newPayableStore();
    for (String path :
        List.of(
            "/health",
            "/server/info",
            "/stores",
            "/stores/" + store,
            "/stores/" + store + "/invoices",
            "/stores/" + store + "/invoices/nosuch")) {
      HeadAnswers.assertLikeGet(server, "/api/v1" + path, "Authorization: token " + admin);
    }
    HeadAnswers.assertLikeGet(server, "/api/v1/stores");
  }

  @ParameterizedTest
  @ValueSource(strings = {"token KEY", "Token KEY", "bearer KEY", "BEARER  KEY"})
  void schemesOfTheKeyAreReadInAnyCase(String header) {
    HttpResponse<String> response =
        server.send(
            server
                .request("/api/v1/api-keys/current")
                .header("Authorization", header.replace("KEY", admin)));
    assertThat(ok(response).path("permissions").path(0).asText()).isEqualTo("unrestricted");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "token",
        "token 0123456789012345678901234567890123456789",
        "token nonsense",
        "Basic YWRtaW46YWRtaW4=",
        "Negotiate abc"
      })
  void missingWrongAndForeignCredentialsAreUnauthenticated(String header) {
    HttpRequest.Builder request = server.request("/api/v1/stores");
    if (!header.isEmpty()) {
      request.header("Authorization", header);
    }
    assertRefused(server.send(request), 401, "unauthenticated");
  }

  @Test
  void permissionsOfAKeyComeBackExactlyAndInTheirOrder() {
    String store = newStore();
    String[] permissions = {
      "btcpay.store.canviewinvoices:" + store,
      "btcpay.store.cancreateinvoice:" + store,
      "btcpay.store.canviewstoresettings:" + store,
      "btcpay.store.canmodifyinvoices:" + store,
      "btcpay.store.webhooks.canmodifywebhooks:" + store,
      "btcpay.store.cancreatenonapprovedpullpayments:" + store
    };
    String key = newKey(permissions);
    JsonNode current = ok(send(key, "GET", "/api-keys/current", null));
    List<String> found = new ArrayList<>();
    current.path("permissions").forEach(text -> found.add(text.asText()));
    assertThat(found).containsExactly(permissions);
    assertThat(current.path("apiKey").asText()).isEqualTo(key);

    assertFields(
        send(admin, "POST", "/api-keys", "{\"permissions\":[\"unrestricted\",\"no.such\"]}"),
        "Permissions[1]");
    assertFields(
        send(
            admin,
            "POST",
            "/api-keys",
            ("{\"permissions\":[\"btcpay.store.canviewinvoices:%s\","
                    + "\"btcpay.store.canviewinvoices:NoSuchStore\"]}")
                .formatted(store)),
        "Permissions[1]");
    assertThat(ok(send(key, "GET", "/stores", null))).hasSize(1);
    assertRefused(send(key, "POST", "/stores", "{\"name\":\"x\"}"), 403, "missing-permission");
    assertRefused(send(key, "POST", "/api-keys", "{}"), 403, "missing-permission");
    HttpResponse<String> foreign = send(key, "GET", "/stores/" + newStore(), null);
    assertRefused(foreign, 403, "missing-permission");
    assertThat(json(foreign).path("missingPermission").asText())
        .isEqualTo("btcpay.store.canviewstoresettings");

    assertThat(send(admin, "DELETE", "/api-keys/" + key, null).statusCode()).isEqualTo(200);
    assertRefused(send(admin, "DELETE", "/api-keys/" + key, null), 400, "apikey-not-found");
    assertRefused(send(key, "GET", "/api-keys/current", null), 401, "unauthenticated");
  }

  @Test
  void currentUserIsTheAdministrator() {
    JsonNode user = ok("GET", "/users/me", null);
    assertThat(user.path("email").asText()).isEqualTo("admin@localhost");
    assertThat(user.path("roles").path(0).asText()).isEqualTo("ServerAdmin");
    assertRefused(
        send(newKey("btcpay.store.canviewinvoices"), "GET", "/users/me", null),
        403,
        "missing-permission");
  }

  @Test
  void storesEchoEveryKeyAndPutKeepsWhatIsMissingOrNull() {
    JsonNode store = ok("POST", "/stores/", "{\"Name\":\"Kiosk\",\"DefaultCurrency\":\"eur\"}");
    assertThat(store.path("invoiceExpiration").intValue()).isEqualTo(900);
    assertThat(store.path("monitoringExpiration").intValue()).isEqualTo(86_400);
    assertThat(store.path("speedPolicy").asText()).isEqualTo("MediumSpeed");
    assertThat(store.path("defaultCurrency").asText()).isEqualTo("EUR");
    assertThat(store.has("website")).as("nulls are written").isTrue();
    assertThat(store.path("anyoneCanCreateInvoice").booleanValue()).isFalse();
    String path = "/stores/" + store.path("id").asText();
    JsonNode changed =
        ok(
            "PUT",
            path,
            "{\"name\":null,\"PaymentTolerance\":\"2.5\",\"unknown\":{},\"speedPolicy\":\"lowspeed\"}");
    assertThat(changed.path("name").asText()).isEqualTo("Kiosk");
    assertThat(changed.path("paymentTolerance").decimalValue()).isEqualByComparingTo("2.5");
    assertThat(ok("GET", path, null)).isEqualTo(changed);
    assertThat(ok("GET", "/stores/", null).findValuesAsText("id"))
        .contains(store.path("id").asText());

    assertFields(send(admin, "POST", "/stores", "{}"), "Name");
    assertFields(
        send(admin, "PUT", path, "{\"speedPolicy\":\"warp\",\"paymentTolerance\":101}"),
        "SpeedPolicy",
        "PaymentTolerance");
    assertFields(send(admin, "POST", "/stores", "{nonsense"), "");
    assertFields(send(admin, "POST", "/stores", "[1]"), "");
    assertRefused(send(admin, "GET", "/stores/nobody", null), 404, "store-not-found");
  }

  @ParameterizedTest
  @CsvSource({"''", "-[taproot]"})
  void plainKeyMeansNativeSegwitAndTheSuffixTaproot(String suffix) {
    WalletAccount.Purpose purpose =
        suffix.isEmpty() ? WalletAccount.Purpose.NATIVE_SEGWIT : WalletAccount.Purpose.TAPROOT;
    WalletAccount wallet = fixture.freshWallet(purpose);
    String store = newStore();
    String path = "/stores/" + store + "/payment-methods/" + method;
    JsonNode set = ok("PUT", path, "{\"config\":\"" + wallet.xpub() + suffix + "\"}");
    assertThat(set.path("paymentMethodId").asText()).isEqualTo(method);
    assertThat(set.path("enabled").booleanValue()).isTrue();
    String first =
        Address.format(wallet.script(WalletAccount.RECEIVE, 0), fixture.network).orElseThrow();
    JsonNode preview = ok("GET", path + "/wallet/preview?count=2", null);
    assertThat(preview.path("addresses")).hasSize(2);
    assertThat(preview.path("addresses").path(0).path("address").asText()).isEqualTo(first);
    JsonNode invoice =
        ok("POST", "/stores/" + store + "/invoices", "{\"amount\":1,\"currency\":\"USD\"}");
    JsonNode methods =
        ok("GET", "/invoices/" + invoice.path("id").asText() + "/payment-methods", null);
    assertThat(methods.path(0).path("destination").asText()).isEqualTo(first);
  }

  @Test
  void keysInOtherSpellingsAreUnderstoodAndPrivateOnesRefused() {
    String store = newStore();
    String path = "/stores/" + store + "/payment-methods/" + method;
    JsonNode set =
        ok(
            "PUT",
            path,
            "{\"enabled\":true,\"config\":{\"derivationScheme\":\""
                + ZPUB
                + "\",\"label\":\"main\",\"accountKeyPath\":\"73c5da0a/84'/0'/0'\"}}");
    JsonNode config = set.path("config");
    assertThat(config.path("label").asText()).isEqualTo("main");
    assertThat(config.path("accountKeyPath").asText()).isEqualTo("73c5da0a/84'/0'/0'");
    assertThat(
            ok("GET", path + "/wallet/preview", null)
                .path("addresses")
                .path(0)
                .path("address")
                .asText())
        .as("BIP84's first address, in this network's letters")
        .startsWith(fixture.network.hrp() + "1qcr8te4kr609gcawutmrza0j4xv80jy8z");
    assertThat(ok("PUT", path, "{\"config\":" + config + "}").path("config"))
        .as("the object that was given back is understood")
        .isEqualTo(config);
    assertThat(ok("PUT", path, "{\"enabled\":false}").path("enabled").booleanValue()).isFalse();
    assertThat(ok("GET", "/stores/" + store + "/payment-methods?onlyEnabled=True", null)).isEmpty();

    HttpResponse<String> secret = send(admin, "PUT", path, "{\"config\":\"" + ZPRV + "\"}");
    assertFields(secret, "Config");
    assertThat(secret.body()).contains("private key").doesNotContain(ZPRV);
    assertFields(send(admin, "PUT", path, "{\"config\":\"xpubnonsense\"}"), "Config");
    assertThat(send(admin, "DELETE", path, null).statusCode()).isEqualTo(200);
    assertRefused(send(admin, "GET", path, null), 404, "paymentmethod-not-found");
  }

  @Test
  void keysAreShownOnlyToThoseWhoMayChangeTheStore() {
    String store = newPayableStore();
    String list = "/stores/" + store + "/payment-methods?includeConfig=true";
    assertThat(ok("GET", list, null).path(0).path("config").isObject()).isTrue();
    String viewer = newKey("btcpay.store.canviewstoresettings:" + store);
    assertThat(ok(send(viewer, "GET", list, null)).path(0).path("config").isNull()).isTrue();
  }

  @Test
  void idsOfThePaymentMethodAreReadLeniently() {
    String coin = fixture.network.coinCode();
    String base = "/stores/" + newPayableStore() + "/payment-methods/";
    for (String id :
        List.of(
            coin,
            coin + "_CHAIN",
            coin.toLowerCase(java.util.Locale.ROOT) + "-OnChain",
            coin + "_BitcoinLike")) {
      assertThat(ok("GET", base + id, null).path("paymentMethodId").asText()).isEqualTo(method);
    }
    assertThat(ok("GET", base + "OnChain/" + coin, null).path("paymentMethodId").asText())
        .isEqualTo(method);
    assertThat(ok("GET", base + "OnChain/" + coin + "/wallet/preview", null).path("addresses"))
        .isNotEmpty();
    assertThat(ok("GET", base + "OnChain", null)).hasSize(1);
    assertThat(ok("GET", base + "LightningNetwork", null)).isEmpty();
    assertRefused(
        send(admin, "GET", base + "LightningNetwork/" + coin, null), 410, "unsupported-in-v2");
    assertRefused(send(admin, "GET", base + coin + "-LN", null), 404, "paymentmethod-not-found");
  }

  @Test
  void invoiceOfDotNetsClientIsReadAndAnsweredInCamelCase() {
    String store = newPayableStore();
    JsonNode invoice =
        ok(
            "POST",
            "/stores/" + store + "/invoices",
            """
            {"Amount":"10.00","Currency":"usd","Metadata":{"orderId":"A-1","weight":0.10000000000000000001,
             "nested":{"Key":[1,true,null]}},
             "Checkout":{"SpeedPolicy":"highspeed","PaymentMethods":["%s"],"expirationMinutes":"30",
             "monitoringMinutes":null,"PaymentTolerance":1.5,"redirectURL":"https://shop.example/?id={InvoiceId}",
             "RedirectAutomatically":true,"DefaultLanguage":null,"RequiresRefundEmail":null},
             "AdditionalSearchTerms":null,"Unknown":1}
            """
                .formatted(method.replace('-', '_')));
    assertThat(invoice.path("amount").isTextual()).isTrue();
    assertThat(invoice.path("amount").asText()).isEqualTo("10.00");
    assertThat(invoice.path("paidAmount").asText()).isEqualTo("0.00");
    assertThat(invoice.path("currency").asText()).isEqualTo("USD");
    assertThat(invoice.path("type").asText()).isEqualTo("Standard");
    assertThat(invoice.path("status").asText()).isEqualTo("New");
    assertThat(invoice.path("additionalStatus").asText()).isEqualTo("None");
    assertThat(invoice.path("checkoutLink").asText())
        .isEqualTo(server.uri("/i/" + invoice.path("id").asText()).toString());
    assertThat(invoice.path("expirationTime").longValue() - invoice.path("createdTime").longValue())
        .isEqualTo(1_800);
    assertThat(invoice.path("metadata").path("weight").decimalValue())
        .isEqualByComparingTo("0.10000000000000000001");
    assertThat(invoice.path("metadata").path("nested").path("Key")).hasSize(3);
    JsonNode checkout = invoice.path("checkout");
    assertThat(checkout.path("speedPolicy").asText()).isEqualTo("HighSpeed");
    assertThat(checkout.path("paymentMethods").path(0).asText()).isEqualTo(method);
    assertThat(checkout.path("paymentTolerance").decimalValue()).isEqualByComparingTo("1.5");
    assertThat(invoice.path("availableStatusesForManualMarking")).hasSize(2);
    assertThat(invoice.path("paymentMethods")).isEmpty();

    String id = invoice.path("id").asText();
    JsonNode nested = ok("GET", "/stores/" + store + "/invoices/" + id + "/", null);
    assertThat(nested).isEqualTo(invoice);
    assertThat(ok("GET", "/invoices/" + id, null)).isEqualTo(invoice);
  }

  @Test
  void paymentShowsInEveryViewOfTheInvoice() {
    String store = newPayableStore();
    String id =
        ok("POST", "/stores/" + store + "/invoices", "{\"amount\":10,\"currency\":\"USD\"}")
            .path("id")
            .asText();
    JsonNode before = ok("GET", "/invoices/" + id + "/payment-methods", null).path(0);
    assertThat(before.path("rate").asText()).isEqualTo("50000");
    assertThat(before.path("amount").asText()).isEqualTo("0.0002");
    assertThat(before.path("due").asText()).isEqualTo("0.0002");
    assertThat(before.path("paymentLink").asText())
        .isEqualTo("bitcoin:" + before.path("destination").asText() + "?amount=0.0002");

    var block = fixture.block(pays(stored(id), 25_000));
    fixture.commit(block);
    JsonNode invoice =
        ok("GET", "/stores/" + store + "/invoices/" + id + "?includePaymentMethods=True", null);
    assertThat(invoice.path("status").asText()).isEqualTo("Settled");
    assertThat(invoice.path("additionalStatus").asText()).isEqualTo("PaidOver");
    assertThat(invoice.path("paidAmount").asText()).isEqualTo("12.50");
    assertThat(invoice.path("availableStatusesForManualMarking")).isEmpty();
    JsonNode after = invoice.path("paymentMethods").path(0);
    assertThat(after.path("due").asText()).isEqualTo("-0.00005");
    assertThat(after.path("totalPaid").asText()).isEqualTo("0.00025");
    JsonNode payment = after.path("payments").path(0);
    assertThat(payment.path("id").asText())
        .isEqualTo(block.block().transactions().get(1).txid() + "-0");
    assertThat(payment.path("value").asText()).isEqualTo("0.00025");
    assertThat(payment.path("status").asText()).isEqualTo("Settled");
    assertThat(payment.path("receivedDate").longValue()).isEqualTo(block.timeMillis() / 1_000);
    assertFields(
        send(admin, "POST", "/invoices/" + id + "/status", "{\"status\":\"Invalid\"}"), "Status");
  }

  @Test
  void invoicesAreListedNewestFirstAndFiltered() {
    String store = newPayableStore();
    String path = "/stores/" + store + "/invoices";
    List<String> ids = new ArrayList<>();
    for (String order : List.of("\"a\"", "\"b\"", "7")) {
      fixture.now.addAndGet(1_000);
      ids.add(
          0,
          ok(
                  "POST",
                  path,
                  "{\"amount\":\"1\",\"currency\":\"USD\",\"metadata\":{\"orderId\":"
                      + order
                      + "}}")
              .path("id")
              .asText());
    }
    ok("POST", "/invoices/" + ids.get(2) + "/status", "{\"Status\":\"settled\"}");
    assertThat(ok("GET", path, null).findValuesAsText("id")).isEqualTo(ids);
    assertThat(ok("GET", path + "/?skip=1&take=1", null).findValuesAsText("id"))
        .containsExactly(ids.get(1));
    assertThat(ok("GET", path + "?orderId=a&orderId=7", null).findValuesAsText("id"))
        .containsExactly(ids.get(0), ids.get(2));
    assertThat(ok("GET", path + "?status=settled", null).findValuesAsText("id"))
        .containsExactly(ids.get(2));
    assertThat(ok("GET", path + "?status=complete&status=new", null)).hasSize(3);
    long last = fixture.now.get() / 1_000;
    assertThat(ok("GET", path + "?startDate=" + last, null).findValuesAsText("id"))
        .containsExactly(ids.get(0));
    assertThat(ok("GET", path + "?textSearch=" + ids.get(1).substring(0, 12), null)).hasSize(1);
    assertFields(send(admin, "GET", path + "?startDate=2&endDate=1", null), "startDate");
    assertFields(send(admin, "GET", path + "?take=many", null), "take");
  }

  @Test
  void invoicesMadeAtTheSameTimeAreEachAnsweredWithTheirOwn() {
    List<String> stores = List.of(newPayableStore(), newPayableStore());
    List<CompletableFuture<JsonNode>> made =
        IntStream.range(0, 300)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () ->
                            ok(
                                "POST",
                                "/stores/" + stores.get(i % 2) + "/invoices",
                                "{\"amount\":\"%d\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"%d\"}}"
                                    .formatted(i + 1, i)),
                        clients))
            .toList();
    Set<String> ids = new HashSet<>();
    Set<String> addresses = new HashSet<>();
    for (int i = 0; i < made.size(); i++) {
      JsonNode invoice = made.get(i).join();
      assertThat(invoice.path("amount").asText()).isEqualTo((i + 1) + ".00");
      assertThat(invoice.path("metadata").path("orderId").asText()).isEqualTo("" + i);
      assertThat(invoice.path("storeId").asText()).isEqualTo(stores.get(i % 2));
      String path = "/invoices/" + invoice.path("id").asText();
      JsonNode read = ok("GET", path + "?includePaymentMethods=true", null);
      ids.add(read.path("id").asText());
      addresses.add(read.path("paymentMethods").get(0).path("destination").asText());
      ((ObjectNode) read).putArray("paymentMethods");
      assertThat(read).as("durable, and as it was answered").isEqualTo(invoice);
    }
    assertThat(ids).hasSize(300);
    assertThat(addresses).hasSize(300);
  }

  @Test
  void whereTooManyInvoicesWaitOneMoreIsRefusedWithATimeToTryAgain() {
    String store = newPayableStore();
    String path = "/stores/" + store + "/invoices";
    String body = "{\"amount\":\"1\",\"currency\":\"USD\"}";
    HttpResponse<String> refused =
        fixture.whileNoMoreInvoicesAreTaken(store, () -> send(admin, "POST", path, body));
    assertRefused(refused, 503, "node-busy");
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("2");
    ok("POST", path, body);
  }

  @Test
  void wrongInvoicesNameEveryFieldAndUnpayableOnesSayWhatIsMissing() {
    String store = newPayableStore();
    String path = "/stores/" + store + "/invoices";
    assertFields(
        send(
            admin,
            "POST",
            path,
            """
            {"amount":"-1","metadata":"text","checkout":{"speedPolicy":"warp",
             "paymentMethods":["%s","XMR-CHAIN"],"expirationMinutes":0.4,"paymentTolerance":101,
             "redirectURL":"javascript:alert(1)","defaultLanguage":"<script>"}}
            """
                .formatted(method)),
        "Amount",
        "Metadata",
        "Checkout.SpeedPolicy",
        "Checkout.PaymentMethods[1]",
        "Checkout.Expiration",
        "Checkout.PaymentTolerance",
        "Checkout.RedirectURL",
        "Checkout.DefaultLanguage");
    assertFields(
        send(admin, "POST", path, "{\"amount\":1e999999999,\"metadata\":{\"a\":1e-100000}}"),
        "Amount",
        "Metadata");
    assertFields(send(admin, "POST", path, "{\"metadata\":{\"a\":1e100000}}"), "Metadata");
    assertRefused(
        send(admin, "POST", path, "{\"amount\":1,\"currency\":\"EUR\"}"), 400, "generic-error");
    assertRefused(
        send(admin, "POST", path, "{\"amount\":1,\"currency\":\"NOPE\"}"), 400, "generic-error");
    assertRefused(
        send(admin, "POST", path, "{\"amount\":293,\"currency\":\"sats\"}"), 400, "generic-error");
    assertRefused(
        send(admin, "POST", "/stores/" + newStore() + "/invoices", "{\"amount\":1}"),
        400,
        "generic-error");
  }

  @Test
  void idsThatHoldZeroCharactersAreUnknownIds() {
    String store = newStore();
    String key = newKey("btcpay.store.canmodifyinvoices:" + store);
    for (String id : List.of("%00", "a%00", "%00a")) {
      assertRefused(send(admin, "GET", "/stores/" + id, null), 404, "store-not-found");
      assertRefused(send(admin, "PUT", "/stores/" + id, "{}"), 404, "store-not-found");
      assertRefused(send(key, "GET", "/stores/" + id, null), 403, "missing-permission");
      assertRefused(
          send(admin, "POST", "/stores/" + id + "/invoices", "{}"), 404, "store-not-found");
      assertRefused(send(admin, "GET", "/invoices/" + id, null), 403, "missing-permission");
      assertRefused(send(key, "GET", "/invoices/" + id, null), 403, "missing-permission");
      assertRefused(
          send(key, "GET", "/stores/" + store + "/invoices/" + id, null), 404, "invoice-not-found");
      assertRefused(
          send(admin, "GET", "/stores/" + store + "/payment-methods/" + id, null),
          404,
          "paymentmethod-not-found");
      assertRefused(send(admin, "DELETE", "/api-keys/" + id, null), 400, "apikey-not-found");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "textSearch=%00,textSearch",
    "orderId=a%00,orderId",
    "orderId=1&orderId=%00,orderId",
    "orderId[]=%00,orderId",
    "status=%00,status",
    "includeArchived=%00,includeArchived",
    "take=1%00,take"
  })
  void queriesThatHoldZeroCharactersAreNamed(String query, String path) {
    String encoded = query.replace("[]", "%5B%5D");
    assertFields(send(admin, "GET", "/stores/" + newStore() + "/invoices?" + encoded, null), path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\u0000", "\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud83dx"})
  void textsThatCanNotBeStoredAreNamed(String escape) {
    String store = newPayableStore();
    String text = "\"a" + escape + "\"";
    assertFields(send(admin, "POST", "/stores", "{\"name\":" + text + "}"), "Name");
    assertFields(send(admin, "PUT", "/stores/" + store, "{\"Website\":" + text + "}"), "Website");
    assertFields(send(admin, "POST", "/api-keys", "{\"label\":" + text + "}"), "Label");
    assertFields(
        send(admin, "POST", "/api-keys", "{\"permissions\":[\"unrestricted\"," + text + "]}"),
        "Permissions[1]");
    assertFields(
        send(
            admin,
            "PUT",
            "/stores/" + store + "/payment-methods/" + method,
            "{\"config\":{\"derivationScheme\":\"" + ZPUB + "\",\"label\":" + text + "}}"),
        "Config.Label");
    String path = "/stores/" + store + "/invoices";
    assertFields(
        send(admin, "POST", path, "{\"amount\":1,\"additionalSearchTerms\":[" + text + "]}"),
        "AdditionalSearchTerms[0]");
    assertFields(
        send(
            admin,
            "POST",
            path,
            "{\"amount\":1,\"currency\":"
                + text
                + ",\"checkout\":{\"redirectURL\":\"https://shop.example/"
                + escape
                + "\"}}"),
        "Currency",
        "Checkout.RedirectURL");
    String id = ok("POST", path, "{\"amount\":1,\"currency\":\"USD\"}").path("id").asText();
    for (String metadata : List.of("{\"a\":[{\"b\":" + text + "}]}", "{\"a\":" + text + "}")) {
      String body = "{\"amount\":1,\"currency\":\"USD\",\"metadata\":" + metadata + "}";
      assertFields(send(admin, "POST", path, body), "Metadata");
      assertFields(send(admin, "PUT", "/invoices/" + id, body), "Metadata");
    }
    assertFields(
        send(admin, "POST", "/invoices/" + id + "/status", "{\"status\":" + text + "}"), "Status");
    assertThat(
            json(send(admin, "POST", "/stores", "{\"name\":" + text + "}"))
                .path(0)
                .path("message")
                .asText())
        .contains("U+0000", "surrogate");
  }

  @Test
  void keysThatCanNotBeStoredAreRefused() {
    String path = "/stores/" + newPayableStore() + "/invoices";
    for (String metadata : List.of("{\"\\u0000\":1}", "{\"\":{\"a\\u0000\":{}}}")) {
      assertFields(
          send(admin, "POST", path, "{\"amount\":1,\"metadata\":" + metadata + "}"), "Metadata");
    }
    assertFields(
        send(admin, "POST", path, "{\"amount\":1,\"checkout\":{\"\\u0000\":1}}"), "Checkout");
    // An empty key is odd, and nothing to stumble over.
    ok("POST", "/stores", "{\"name\":\"x\",\"\":1}");
    for (String key : List.of("\\u0000", "\\ud800")) {
      assertFields(send(admin, "POST", "/stores", "{\"" + key + "\":1,\"name\":\"x\"}"), "");
    }
  }

  @Test
  void charactersOutsideTheBasicPlaneAreKept() {
    String store = ok("POST", "/stores", "{\"name\":\"Kiosk \\ud83d\\ude00\"}").path("id").asText();
    assertThat(ok("GET", "/stores/" + store, null).path("name").asText())
        .isEqualTo("Kiosk \ud83d\ude00");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "javascript://shop.example/%0Aalert(1)",
        "JavaScript://x",
        "data://text/html,x",
        "vbscript://x",
        "file:///etc/passwd",
        "shop://thanks",
        "//shop.example",
        "https://",
        "https:shop.example",
        " https://shop.example"
      })
  void customersAreSentToWebLinksOnly(String link) {
    String body = "{\"amount\":1,\"checkout\":{\"redirectURL\":\"" + link + "\"}}";
    assertFields(
        send(admin, "POST", "/stores/" + newPayableStore() + "/invoices", body),
        "Checkout.RedirectURL");
  }

  @Test
  void webLinksComeBackAsTheyWereSent() {
    String path = "/stores/" + newPayableStore() + "/invoices";
    for (String link : List.of("https://shop.example/?id={InvoiceId}", "HTTP://localhost:3000")) {
      String body =
          "{\"amount\":1,\"currency\":\"USD\",\"checkout\":{\"redirectURL\":\"" + link + "\"}}";
      assertThat(ok("POST", path, body).path("checkout").path("redirectURL").asText())
          .isEqualTo(link);
    }
  }

  @Test
  void topUpAndZeroAmountAreTheirOwnKinds() {
    String path = "/stores/" + newPayableStore() + "/invoices";
    JsonNode topUp = ok("POST", path, "{\"amount\":null,\"currency\":\"USD\"}");
    assertThat(topUp.path("type").asText()).isEqualTo("TopUp");
    String id = topUp.path("id").asText();
    assertThat(
            ok("GET", "/invoices/" + id + "/payment-methods", null)
                .path(0)
                .path("paymentLink")
                .asText())
        .doesNotContain("amount");
    fixture.commit(fixture.block(pays(stored(id), 2_000)));
    JsonNode paid = ok("GET", "/invoices/" + id, null);
    assertThat(paid.path("status").asText()).isEqualTo("Settled");
    assertThat(paid.path("amount").asText()).isEqualTo("1.00");
    JsonNode free = ok("POST", path, "{\"amount\":\"0\"}");
    assertThat(free.path("status").asText()).isEqualTo("Settled");
  }

  @Test
  void invoicesOfOthersAreForbiddenAndUnknownOnesDependOnThePath() {
    String mine = newPayableStore();
    String other = newPayableStore();
    String id =
        ok("POST", "/stores/" + other + "/invoices", "{\"amount\":1,\"currency\":\"USD\"}")
            .path("id")
            .asText();
    String key = newKey("btcpay.store.canmodifyinvoices:" + mine);
    assertRefused(send(key, "GET", "/invoices/" + id, null), 403, "missing-permission");
    assertRefused(
        send(key, "GET", "/stores/" + mine + "/invoices/" + id, null), 403, "missing-permission");
    assertRefused(
        send(key, "GET", "/stores/" + mine + "/invoices/nothing", null), 404, "invoice-not-found");
    assertRefused(send(key, "GET", "/invoices/nothing", null), 403, "missing-permission");
    assertRefused(
        send(key, "POST", "/invoices/" + id + "/status", "{\"status\":\"Invalid\"}"),
        403,
        "missing-permission");
  }

  @Test
  void putReplacesMetadataAndNothingElse() {
    String path = "/stores/" + newPayableStore() + "/invoices";
    JsonNode made =
        ok(
            "POST",
            path,
            "{\"amount\":1,\"currency\":\"USD\",\"metadata\":{\"orderId\":\"1\",\"x\":1}}");
    String id = made.path("id").asText();
    JsonNode changed =
        ok("PUT", "/invoices/" + id, "{\"metadata\":{\"orderId\":\"2\"},\"amount\":\"5\"}");
    assertThat(changed.path("metadata").toString()).isEqualTo("{\"orderId\":\"2\"}");
    assertThat(changed.path("amount")).isEqualTo(made.path("amount"));
    assertThat(ok("GET", path + "?orderId=2", null)).hasSize(1);
  }

  @Test
  void ratesAnswerPairsBothWaysAndRefuseNonsense() {
    String coin = fixture.network.coinCode();
    String path = "/stores/" + newStore() + "/rates";
    assertThat(ok("GET", path, null).path(0).path("rate").asText()).isEqualTo("50000");
    JsonNode rates =
        ok("GET", path + "?currencyPair=USD_" + coin + "&currencyPair=" + coin + "_EUR", null);
    assertThat(rates.path(0).path("rate").asText()).isEqualTo("0.00002");
    assertThat(rates.path(1).path("rate").isNull()).isTrue();
    assertThat(rates.path(1).path("errors")).isNotEmpty();
    assertFields(send(admin, "GET", path + "?currencyPair=nonsense", null), "currencyPair");
  }

  @Test
  void unknownPathsAndMethodsAnswerInTheShapeOfTheApi() {
    assertRefused(send(admin, "GET", "/no/such/path", null), 404, "not-found");
    assertRefused(send(admin, "PATCH", "/stores", "{}"), 405, "method-not-allowed");
  }

  @Test
  void aLinkOfAStoreIsNoScript() {
    String id = newStore();
    for (String key : new String[] {"LogoUrl", "CssUrl", "PaymentSoundUrl", "Website"}) {
      String name = key.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + key.substring(1);
      assertFields(
          send(admin, "PUT", "/stores/" + id, "{\"" + name + "\":\"javascript:alert(1)\"}"), key);
      ok("PUT", "/stores/" + id, "{\"" + name + "\":\"https://shop.example/x\"}");
    }
  }

  @Test
  void whatIsTooLongIsNotCalledTooShort() {
    HttpResponse<String> response =
        send(
            admin,
            "POST",
            "/stores/" + newPayableStore() + "/invoices",
            "{\"amount\":1,\"checkout\":{\"expirationMinutes\":1e18,\"monitoringMinutes\":1e18}}");
    assertFields(response, "Checkout.Expiration", "Checkout.Monitoring");
    assertThat(json(response).path(0).path("message").asText()).contains("at most 1000000");
    assertThat(json(response).path(1).path("message").asText()).contains("to 1000000");
  }

  @Test
  void nothingPaidIsWrittenInItsCurrency() {
    JsonNode invoice =
        ok(
            "POST",
            "/stores/" + newPayableStore() + "/invoices",
            "{\"amount\":0,\"currency\":\"USD\"}");
    assertThat(invoice.path("paidAmount").asText()).isEqualTo("0.00");
  }

  @Test
  void whatTheRouterRefusesHasTheApisShape() {
    String broken = server.raw("GET /api/v1/stores?take=%zz HTTP/1.1", "Host: x");
    assertThat(broken)
        .startsWith("HTTP/1.1 400 ")
        .contains("{\"code\":\"malformed-url\",\"message\":");
    assertThat(server.raw("GET /api/v1/stores HTTP/1.1", "Host: evil\"<x>:80"))
        .startsWith("HTTP/1.1 400 ")
        .contains("{\"code\":\"invalid-host\",\"message\":");
    assertRefused(send(admin, "PATCH", "/stores", "{}"), 405, "method-not-allowed");
  }
}
