package network.tender.web.pages;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.merchant.MerchantFixture.pays;
import static network.tender.web.TestServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import network.tender.journal.TestDatabase;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.Invoice;
import network.tender.merchant.Merchant;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.PosApp;
import network.tender.merchant.Store;
import network.tender.merchant.StoreSettings;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What tills send again after a lost answer: over real HTTP, on a real database. */
class RepeatedSalesTest {
  private static final String ITEMS =
      "[{\"id\":\"tea\",\"title\":\"Tea\",\"price\":\"2.50\"},"
          + "{\"id\":\"mug\",\"title\":\"Mug\",\"price\":\"9\",\"inventory\":3}]";
  private static final String TEA = "{\"entries\":[{\"item\":\"tea\",\"count\":1}]}";
  private static TestDatabase database;
  private static MerchantFixture merchants;
  private static TestServer server;
  private Store store;
  private String till;
  private String app;

  @BeforeAll
  static void start() {
    database = TestDatabase.create();
    merchants = new MerchantFixture(database);
    server = serve(merchants.merchant);
  }

  private static TestServer serve(Merchant merchant) {
    PageAssets assets = PageAssets.load(merchants.network);
    return TestServer.start(
        merchants.vertx,
        new AppsSurface(
            assets,
            merchants.network,
            Optional.empty(),
            new AppShop(merchant),
            false,
            merchants.clock,
            System::nanoTime,
            new SimpleMeterRegistry()),
        new PagesSurface(
            assets,
            merchants.network,
            Optional.empty(),
            new MerchantShop(merchant, merchants.curve),
            Optional.empty(),
            () -> 250,
            merchants.clock,
            System::nanoTime,
            new SimpleMeterRegistry()));
  }

  @AfterAll
  static void stop() {
    server.close();
    merchants.close();
  }

  @BeforeEach
  void openShop() {
    store = openStore();
    till = "/pos/" + store.id() + "/invoices";
    List<FieldError> errors = new ArrayList<>();
    PosApp made =
        merchants
            .merchant
            .posApps()
            .draft(
                store,
                ExactJson.object()
                    .put("appName", "Counter")
                    .put("showCustomAmount", true)
                    .put("template", ITEMS),
                errors);
    assertThat(errors).isEmpty();
    assertThat(await(merchants.merchant.posApps().insert(made))).isTrue();
    app = "/apps/" + made.id() + "/pos";
  }

  private static Store openStore() {
    Store store = merchants.store();
    List<FieldError> errors = new ArrayList<>();
    StoreSettings open =
        store
            .settings()
            .merge(
                ExactJson.object().put("anyoneCanCreateInvoice", true),
                merchants.merchant.rates(),
                errors);
    return await(merchants.merchant.stores().update(store, open));
  }

  private static String newKey() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  private static HttpRequest.Builder request(String path, String key, String body) {
    return server
        .request(path)
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", key)
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private static HttpResponse<String> post(String path, String key, String body) {
    return server.send(request(path, key, body));
  }

  private static JsonObject first(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Idempotent-Replayed")).isEmpty();
    return json(response);
  }

  private static void assertReplayed(HttpResponse<String> again, HttpResponse<String> first) {
    assertThat(again.statusCode()).as(again.body()).isEqualTo(first.statusCode());
    assertThat(again.headers().firstValue("Idempotent-Replayed")).hasValue("true");
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("Content-Type"))
        .isEqualTo(first.headers().firstValue("Content-Type"));
  }

  private static void assertOther(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
    assertThat(json(response).getString("code")).isEqualTo("idempotency-key-reused");
    assertThat(json(response).getString("detail")).contains("Charge again");
    assertThat(response.headers().firstValue("Idempotent-Replayed")).isEmpty();
  }

  private static int invoices(Store store) {
    return await(
            merchants
                .merchant
                .invoices()
                .count(store.id(), network.tender.merchant.InvoiceFilter.ALL))
        .intValue();
  }

  @Test
  void aChargeThatIsSentAgainGetsItsFirstAnswerAndAnotherIsRefused() {
    String key = newKey();
    HttpResponse<String> first = post(till, key, "{\"amount\":\"5.00\",\"description\":\"Tea\"}");
    String id = first(first).getString("invoiceId");
    merchants.now.addAndGet(3_000);
    assertReplayed(post(till, key, "{\"description\":\"Tea\", \"amount\":\"5.00\"}"), first);
    Invoice invoice = await(merchants.merchant.invoices().find(id)).orElseThrow();
    merchants.commit(merchants.block(pays(invoice, invoice.terms().due().orElseThrow().sat())));
    assertReplayed(post(till, key, "{\"amount\":\"5.00\",\"description\":\"Tea\"}"), first);
    for (String other :
        List.of(
            "{\"amount\":\"500.00\",\"description\":\"Tea\"}",
            "{\"amount\":\"5.00\",\"description\":\"Coffee\"}",
            "{\"amount\":\"5.00\"}")) {
      assertOther(post(till, key, other));
    }
    assertThat(invoices(store)).isEqualTo(1);
    // The keys of another till are its own.
    Store neighbour = openStore();
    assertThat(
            first(post("/pos/" + neighbour.id() + "/invoices", key, "{\"amount\":\"5.00\"}"))
                .getString("invoiceId"))
        .isNotEqualTo(id);
  }

  @Test
  void anotherCartOfTheSameTotalIsAnotherSale() {
    String key = newKey();
    HttpResponse<String> first = post(app + "/sales", key, TEA);
    first(first);
    merchants.now.addAndGet(2_000);
    assertReplayed(post(app + "/sales", key, TEA), first);
    assertOther(post(app + "/sales", key, "{\"entries\":[{\"price\":\"2.50\"}]}"));
    assertOther(post(app + "/sales", key, "{\"entries\":[{\"item\":\"tea\",\"count\":2}]}"));
    assertThat(invoices(store)).isEqualTo(1);
  }

  @Test
  void manyRepeatsAtATimeSellOnce() {
    String key = newKey();
    String mug = "{\"entries\":[{\"item\":\"mug\",\"count\":2}]}";
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      sent.add(
          server.client.sendAsync(
              request(app + "/sales", key, mug).build(), HttpResponse.BodyHandlers.ofString()));
    }
    Set<String> bodies = new HashSet<>();
    int replayed = 0;
    for (CompletableFuture<HttpResponse<String>> one : sent) {
      HttpResponse<String> response = one.join();
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      bodies.add(response.body());
      replayed += response.headers().firstValue("Idempotent-Replayed").isPresent() ? 1 : 0;
    }
    assertThat(bodies).hasSize(1);
    assertThat(replayed).isEqualTo(7);
    assertThat(invoices(store)).isEqualTo(1);
    HttpResponse<String> more = post(app + "/sales", newKey(), mug);
    assertThat(more.statusCode()).as("two of three are taken: " + more.body()).isEqualTo(422);
  }

  @Test
  void aRefusedSaleMayGoWellWithTheSameKey() {
    String key = newKey();
    String mugs = "{\"entries\":[{\"item\":\"mug\",\"count\":4}]}";
    assertThat(post(app + "/sales", key, mugs).statusCode()).isEqualTo(422);
    first(post(app + "/sales", key, "{\"entries\":[{\"item\":\"mug\",\"count\":3}]}"));
  }

  @Test
  void anOrderOfAFormIsMadeOnceToo() {
    String key = newKey();
    HttpResponse<String> first = form(key, "choiceKey=tea&redirectUrl=https%3A%2F%2Fs.example%2F");
    assertThat(first.statusCode()).as(first.body()).isEqualTo(302);
    assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
    HttpResponse<String> again = form(key, "redirectUrl=https://s.example/&choiceKey=tea");
    assertReplayed(again, first);
    assertThat(again.headers().firstValue("Location"))
        .isEqualTo(first.headers().firstValue("Location"));
    assertOther(form(key, "choiceKey=mug"));
    assertThat(invoices(store)).isEqualTo(1);

    // As a script sends it, which wants to be told, not led.
    String other = newKey();
    String order = new JsonObject().put("choiceKey", "tea").encode();
    HttpResponse<String> told =
        server.send(request(app, other, order).header("Accept", "application/json"));
    assertThat(first(told).getString("invoiceUrl")).contains("/i/");
    assertReplayed(
        server.send(request(app, other, order).header("Accept", "application/json")), told);

    assertThat(form("", "choiceKey=tea").headers().firstValue("Location"))
        .as("two orders without a key are two")
        .isNotEqualTo(form("", "choiceKey=tea").headers().firstValue("Location"));
  }

  private HttpResponse<String> form(String key, String fields) {
    HttpRequest.Builder request =
        server
            .request(app)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(fields));
    if (!key.isEmpty()) {
      request.header("Idempotency-Key", key);
    }
    assertThat(server.client.followRedirects()).isEqualTo(HttpClient.Redirect.NEVER);
    return server.send(request);
  }

  @Test
  void givingUpIsAnsweredAsBefore() {
    for (String sales : List.of(till, app + "/sales")) {
      String order = sales.equals(till) ? "{\"amount\":\"5.00\"}" : TEA;
      String id = first(post(sales, newKey(), order)).getString("invoiceId");
      String key = newKey();
      String cancel = sales + "/" + id + "/cancel";
      HttpResponse<String> first = post(cancel, key, "{}");
      assertThat(first(first).getString("phase")).isEqualTo("invalid");
      assertReplayed(post(cancel, key, "{}"), first);
      String other = first(post(sales, newKey(), order)).getString("invoiceId");
      assertOther(post(sales + "/" + other + "/cancel", key, "{}"));
      HttpResponse<String> none = post(sales + "/nosuchinvoice1/cancel", newKey(), "{}");
      assertThat(none.statusCode()).as(none.body()).isEqualTo(404);
    }
  }

  /** Answers are kept for a day, keys of sales for ever. */
  @Test
  void anotherCartIsRefusedAlsoWhenTheFirstAnswerIsForgotten() {
    String key = newKey();
    String cart =
        "{\"entries\":[{\"item\":\"tea\",\"count\":2},{\"item\":\"mug\",\"count\":1},{\"price\":\"0.10\"}]}";
    String id = first(post(app + "/sales", key, cart)).getString("invoiceId");
    database.execute("DELETE FROM idempotent_answer");
    assertThat(json(post(app + "/sales", key, cart)).getString("invoiceId")).isEqualTo(id);
    for (String other :
        List.of(
            "{\"entries\":[{\"price\":\"14.10\"}]}",
            "{\"entries\":[{\"item\":\"tea\",\"count\":2},{\"price\":\"9\"},{\"price\":\"0.10\"}]}",
            TEA)) {
      database.execute("DELETE FROM idempotent_answer");
      assertOther(post(app + "/sales", key, other));
    }
    assertThat(invoices(store)).isEqualTo(1);
    database.execute("DELETE FROM idempotent_answer");
    PosApp dollars =
        await(
                merchants
                    .merchant
                    .posApps()
                    .find(app.substring("/apps/".length(), app.lastIndexOf("/pos"))))
            .orElseThrow();
    List<FieldError> errors = new ArrayList<>();
    PosApp coins =
        merchants
            .merchant
            .posApps()
            .merge(
                dollars,
                ExactJson.object()
                    .put("appName", "Counter")
                    .put("currency", merchants.network.coinCode())
                    .put("showCustomAmount", true)
                    .put("template", ITEMS),
                errors);
    assertThat(errors).isEmpty();
    assertThat(await(merchants.merchant.posApps().update(coins))).isTrue();
    merchants.now.addAndGet(6_000);
    assertOther(post(app + "/sales", key, cart));
  }

  @Test
  void answersOutliveTheNodeAndSalesOutliveTheirAnswers() {
    String key = newKey();
    HttpResponse<String> sale = post(app + "/sales", key, TEA);
    HttpResponse<String> charge = post(till, key, "{\"amount\":\"5.00\"}");
    first(sale);
    first(charge);
    Merchant later = merchants.open();
    TestServer before = server;
    try (TestServer restarted = serve(later)) {
      server = restarted;
      assertReplayed(post(app + "/sales", key, TEA), sale);
      assertReplayed(post(till, key, "{\"amount\":\"5.00\"}"), charge);
      database.execute("DELETE FROM idempotent_answer");
      for (String[] again :
          new String[][] {{app + "/sales", TEA}, {till, "{\"amount\":\"5.00\"}"}}) {
        HttpResponse<String> response = post(again[0], key, again[1]);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Idempotent-Replayed")).hasValue("true");
        assertThat(json(response).getString("invoiceId"))
            .isEqualTo(json(again[0].equals(till) ? charge : sale).getString("invoiceId"));
      }
      assertOther(post(till, key, "{\"amount\":\"6.00\"}"));
      JsonArray two = new JsonArray().add(new JsonObject().put("item", "tea").put("count", 2));
      assertOther(post(app + "/sales", key, new JsonObject().put("entries", two).encode()));
      assertThat(invoices(store)).isEqualTo(2);
    } finally {
      server = before;
    }
    await(later.close());
  }
}
