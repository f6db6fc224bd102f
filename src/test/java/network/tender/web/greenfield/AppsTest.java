package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.journal.TestDatabase;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Invoice;
import network.tender.merchant.InvoiceStatus;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.PosApp;
import network.tender.merchant.PosOrder;
import network.tender.merchant.PosSales;
import network.tender.merchant.Store;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Points of sale by the API, over real HTTP and on a real database. */
class AppsTest {
  private static final String ITEMS =
      "[{\"id\":\"tea\",\"title\":\"Tea\",\"price\":\"1.50\",\"priceType\":\"Fixed\",\"mark\":{\"a\":1}},"
          + "{\"title\":\"Green Bun\",\"price\":2.25,\"categories\":[\"food\"],\"inventory\":5},"
          + "{\"id\":\"gift\",\"title\":\"Gift\",\"price\":null,\"priceType\":\"Topup\"}]";

  private static MerchantFixture fixture;
  private static TestServer server;
  private static String admin;

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
    server.close();
    fixture.close();
  }

  private static HttpResponse<String> send(String key, String verb, String path, String body) {
    HttpRequest.Builder request =
        server
            .request("/api/v1" + path)
            .header("Authorization", "token " + key)
            .method(
                verb,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    return server.send(request);
  }

  private static JsonNode json(HttpResponse<String> response) {
    return ExactJson.parse(response.body().getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  private static JsonNode ok(String verb, String path, String body) {
    HttpResponse<String> response = send(admin, verb, path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response);
  }

  private static String request(String name, String items) {
    return ExactJson.write(ExactJson.object().put("appName", name).put("template", items));
  }

  private static JsonNode newApp(Store store) {
    return ok("POST", "/stores/" + store.id() + "/apps/pos", request("Counter", ITEMS));
  }

  private static List<String> texts(JsonNode list, String key) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.path(key).asText()));
    return texts;
  }

  @Test
  void aTemplateGoesInAsTextAndItemsComeOutInOrder() {
    Store store = fixture.store();
    JsonNode app = newApp(store);
    assertThat(app.path("appType").asText()).isEqualTo("PointOfSale");
    assertThat(app.path("name").asText()).isEqualTo("Counter");
    assertThat(app.path("storeId").asText()).isEqualTo(store.id());
    assertThat(app.path("created").isIntegralNumber()).isTrue();
    assertThat(app.path("defaultView").asText()).isEqualTo("Static");
    assertThat(app.path("currency").asText()).isEqualTo("USD");
    assertThat(app.path("customTipPercentages").toString()).isEqualTo("[15,18,20]");
    JsonNode items = app.path("items");
    assertThat(texts(items, "id")).containsExactly("tea", "green-bun", "gift");
    assertThat(texts(items, "priceType")).containsExactly("Fixed", "Fixed", "Topup");
    assertThat(items.path(0).path("price").isTextual()).isTrue();
    assertThat(items.path(1).path("price").asText()).isEqualTo("2.25");
    assertThat(items.path(0).path("mark").toString()).isEqualTo("{\"a\":1}");
    assertThat(ok("GET", "/apps/pos/" + app.path("id").asText(), null)).isEqualTo(app);
  }

  @Test
  void itsClientsWriteKeysInAnyCase() {
    Store store = fixture.store();
    JsonNode app =
        ok(
            "POST",
            "/stores/" + store.id() + "/apps/pos",
            "{\"AppName\":\"Kiosk\",\"Title\":null,\"DefaultView\":\"light\",\"ShowItems\":\"True\","
                + "\"Currency\":\"usd\",\"EnableTips\":true,\"CustomTipPercentages\":[5,10],"
                + "\"Template\":null,\"FormId\":null,\"NoSuchKey\":1}");
    assertThat(app.path("defaultView").asText()).isEqualTo("Light");
    assertThat(app.path("showItems").booleanValue()).isTrue();
    assertThat(app.path("currency").asText()).isEqualTo("USD");
    assertThat(app.path("items").isEmpty()).isTrue();
    String path = "/apps/pos/" + app.path("id").asText();
    JsonNode changed = ok("PUT", path, "{\"appName\":\"Kiosk 2\",\"showDiscount\":true}");
    assertThat(changed.path("name").asText()).isEqualTo("Kiosk 2");
    assertThat(changed.path("showDiscount").booleanValue()).isTrue();
    assertThat(changed.path("defaultView").asText()).isEqualTo("Light");
    assertThat(ok("GET", path, null)).isEqualTo(changed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|AppName",
        "{'appName':''}|AppName",
        "{'appName':'A','currency':'XYZ'}|Currency",
        "{'appName':'A','template':'no json'}|Template",
        "{'appName':'A','template':'{}'}|Template",
        "{'appName':'A','template':[{'title':'Tea','price':'1.505'}]}|Template",
        "{'appName':'A','template':[{'title':'Tea','price':'-1'}]}|Template",
        "{'appName':'A','template':[{'title':'Tea'}]}|Template",
        "{'appName':'A','template':[{'price':'1'}]}|Template",
        "{'appName':'A','template':[{'title':'Tea','price':'1','image':'javascript:1'}]}|Template",
        "{'appName':'A','template':[{'id':'a','title':'A','price':1},{'id':'a','title':'B','price':1}]}|Template",
        "{'appName':'A','currency':'JPY','template':[{'title':'Tea','price':'1.5'}]}|Template",
        "{'appName':'A','customTipPercentages':[0]}|CustomTipPercentages",
        "{'appName':'A','redirectUrl':'javascript:1'}|RedirectUrl",
        "{'appName':'A','defaultView':'Sideways'}|DefaultView",
        "{'appName':'A','enableTips':'maybe'}|EnableTips"
      })
  void whatIsWrongIsNamedByItsField(String body, String path) {
    Store store = fixture.store();
    HttpResponse<String> answer =
        send(
            admin,
            "POST",
            "/stores/" + store.id() + "/apps/pos",
            body.replace('\'', '"').replace("\"no json\"", "\"[no json\""));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
    assertThat(texts(json(answer), "path")).containsExactly(path);
    assertThat(ok("GET", "/stores/" + store.id() + "/apps", null).isEmpty()).isTrue();
  }

  @Test
  void digitsAreThoseOfTheCurrency() {
    Store store = fixture.store();
    String path = "/stores/" + store.id() + "/apps/pos";
    JsonNode bhd =
        ok(
            "POST",
            path,
            "{\"appName\":\"A\",\"currency\":\"BHD\",\"template\":\"[{\\\"title\\\":\\\"Tea\\\",\\\"price\\\":\\\"1.505\\\"}]\"}");
    assertThat(bhd.path("items").path(0).path("price").asText()).isEqualTo("1.505");
    HttpResponse<String> yen =
        send(admin, "PUT", "/apps/pos/" + bhd.path("id").asText(), "{\"currency\":\"JPY\"}");
    assertThat(yen.statusCode()).isEqualTo(422);
    assertThat(texts(json(yen), "path")).containsExactly("Currency");
  }

  @Test
  void listsAreOfThoseStoresThatTheKeyMaySee() {
    Store mine = fixture.store();
    Store other = fixture.store();
    JsonNode app = newApp(mine);
    String id = app.path("id").asText();
    String foreign = newApp(other).path("id").asText();
    String key =
        await(
                fixture
                    .merchant
                    .apiKeys()
                    .create(
                        adminId(), "", List.of("btcpay.store.canviewstoresettings:" + mine.id())))
            .orElseThrow();
    assertThat(texts(json(send(key, "GET", "/apps", null)), "id")).containsExactly(id);
    assertThat(texts(ok("GET", "/apps", null), "id")).contains(id, foreign);
    assertThat(texts(ok("GET", "/stores/" + other.id() + "/apps", null), "id"))
        .containsExactly(foreign);
    JsonNode base = json(send(key, "GET", "/apps/" + id, null));
    assertThat(base.path("appType").asText()).isEqualTo("PointOfSale");
    assertThat(base.has("items")).isFalse();
    assertThat(send(key, "GET", "/apps/" + foreign, null).statusCode()).isEqualTo(403);
    assertThat(send(key, "GET", "/apps/pos/" + foreign, null).statusCode()).isEqualTo(403);
    assertThat(send(key, "DELETE", "/apps/" + id, null).statusCode()).isEqualTo(403);
    assertThat(send(key, "PUT", "/apps/pos/" + id, "{}").statusCode()).isEqualTo(403);

    HttpResponse<String> deleted = send(admin, "DELETE", "/apps/" + id, null);
    assertThat(deleted.statusCode()).isEqualTo(200);
    assertThat(deleted.body()).isEmpty();
    HttpResponse<String> gone = send(admin, "GET", "/apps/" + id, null);
    assertThat(gone.statusCode()).isEqualTo(404);
    assertThat(json(gone).path("code").asText()).isEqualTo("app-not-found");
  }

  private static String adminId() {
    return await(fixture.merchant.apiKeys().find(admin)).orElseThrow().userId();
  }

  @Test
  void whatIsPaidIsCountedByDayAndByItem() {
    Store store = fixture.store();
    JsonNode made = newApp(store);
    String id = made.path("id").asText();
    PosApp app = await(fixture.merchant.posApps().find(id)).orElseThrow();
    Invoice first = sell(app, "tea", 3, "1.50");
    sell(app, "green-bun", 1, "2.25");
    Invoice second = sell(app, "tea", 1, "1.50");
    assertThat(ok("GET", "/apps/" + id + "/sales", null).path("salesCount").intValue()).isZero();
    settle(first);
    settle(second);
    JsonNode sales = ok("GET", "/apps/" + id + "/sales?numberOfDays=3", null);
    assertThat(sales.path("salesCount").intValue()).isEqualTo(4);
    assertThat(sales.path("series").size()).isEqualTo(3);
    assertThat(texts(sales.path("series"), "salesCount")).containsExactly("0", "0", "4");
    assertThat(sales.path("series").path(2).path("date").longValue() % 86_400).isZero();
    JsonNode top = ok("GET", "/apps/" + id + "/top-items", null);
    assertThat(top.size()).isEqualTo(1);
    assertThat(top.path(0).path("itemCode").asText()).isEqualTo("tea");
    assertThat(top.path(0).path("title").asText()).isEqualTo("Tea");
    assertThat(top.path(0).path("salesCount").intValue()).isEqualTo(4);
    assertThat(top.path(0).path("total").asText()).isEqualTo("6.00");
    assertThat(ok("GET", "/apps/" + id + "/top-items?offset=1&count=5", null).isEmpty()).isTrue();
    assertThat(send(admin, "GET", "/apps/" + id + "/sales?numberOfDays=0", null).statusCode())
        .isEqualTo(422);
  }

  @Test
  void metadataThatAMerchantReplacesDoesNotBreakTheCount() {
    Store store = fixture.store();
    String id = newApp(store).path("id").asText();
    PosApp app = await(fixture.merchant.posApps().find(id)).orElseThrow();
    Invoice invoice = sell(app, "tea", 2, "1.50");
    settle(invoice);
    for (String metadata :
        List.of(
            "{}",
            "{\"posData\":7}",
            "{\"posData\":{\"cart\":{}}}",
            "{\"posData\":{\"cart\":[{\"id\":5,\"count\":\"many\",\"price\":{}},null,[]]}}")) {
      ok("PUT", "/invoices/" + invoice.id(), "{\"metadata\":" + metadata + "}");
      ok("GET", "/apps/" + id + "/sales", null);
      assertThat(ok("GET", "/apps/" + id + "/top-items", null).isEmpty()).isTrue();
    }
  }

  @Test
  void whatIsSoldOrAboutToBeIsTakenOffTheInventory() {
    Store store = fixture.store();
    String id = newApp(store).path("id").asText();
    PosApp app = await(fixture.merchant.posApps().find(id)).orElseThrow();
    Invoice first = sell(app, "green-bun", 2, "2.25");
    sell(app, "green-bun", 2, "2.25");
    assertThat(left(id)).isEqualTo(1);

    // Five ask for the last one at once, and one of them twice.
    List<Future<PosSales.Sold>> asked = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      asked.add(order(app, "green-bun", 1, "2.25", "0123456789abcdef" + i));
    }
    asked.add(order(app, "green-bun", 1, "2.25", "0123456789abcdef0"));
    List<PosSales.Sold> answers = asked.stream().map(MerchantFixture::await).toList();
    assertThat(answers).filteredOn(PosSales.Sold.Made.class::isInstance).hasSize(2);
    assertThat(((PosSales.Sold.Made) answers.get(5)).view().invoiceId())
        .isEqualTo(((PosSales.Sold.Made) answers.get(0)).view().invoiceId());
    assertThat(answers.get(1))
        .isInstanceOfSatisfying(
            PosSales.Sold.Refused.class,
            refused -> assertThat(refused.code()).isEqualTo("sold-out"));
    assertThat(left(id)).isZero();

    settle(first);
    fixture.now.addAndGet(16 * 60_000);
    assertThat(left(id)).as("what nobody paid in time is there again").isEqualTo(3);
    JsonNode shown = ok("GET", "/apps/pos/" + id, null);
    String template = ExactJson.write(shown.path("items"));
    ok("PUT", "/apps/pos/" + id, request("Counter", template));
    assertThat(left(id)).isEqualTo(3);
  }

  @Test
  void whatIsOrderedWithoutACashierIsKeptForFiveMinutes() {
    Store store = fixture.store();
    String id = newApp(store).path("id").asText();
    PosApp app = await(fixture.merchant.posApps().find(id)).orElseThrow();
    sell(app, "green-bun", 5, "2.25");
    assertThat(left(id)).isZero();
    fixture.now.addAndGet(5 * 60_000);
    assertThat(left(id)).as("they can still be paid, but are sold to others").isEqualTo(5);

    PosSales.Sold byCashier =
        await(
            fixture
                .merchant
                .posSales()
                .sell(
                    app,
                    orderOf("green-bun", 2, "2.25"),
                    Optional.of(new PosSales.Seller("anna", Optional.empty())),
                    "0123456789abcdef",
                    Optional.empty()));
    assertThat(byCashier).isInstanceOf(PosSales.Sold.Made.class);
    fixture.now.addAndGet(10 * 60_000);
    assertThat(left(id)).as("a cashier's until they expire").isEqualTo(3);
    fixture.now.addAndGet(6 * 60_000);
    assertThat(left(id)).isEqualTo(5);
  }

  @Test
  void nobodyTakesAllWithoutACashier() {
    Store store = fixture.store();
    String items = ITEMS.replace("\"inventory\":5", "\"inventory\":50");
    String id =
        ok("POST", "/stores/" + store.id() + "/apps/pos", request("Counter", items))
            .path("id")
            .asText();
    PosApp app = await(fixture.merchant.posApps().find(id)).orElseThrow();
    assertThat(await(order(app, "green-bun", 11, "2.25", "0123456789abcdef")))
        .isInstanceOfSatisfying(
            PosSales.Sold.Refused.class,
            refused -> assertThat(refused.code()).isEqualTo("too-many-at-once"));
    assertThat(await(order(app, "tea", 11, "1.50", "0123456789abcdef")))
        .as("what nobody counts")
        .isInstanceOf(PosSales.Sold.Made.class);
    assertThat(left(id)).isEqualTo(50);
  }

  @Test
  void paidSalesAreCountedWithoutAddingThemAllUp() {
    Store store = fixture.store();
    String id = newApp(store).path("id").asText();
    PosApp app = await(fixture.merchant.posApps().find(id)).orElseThrow();
    Invoice two = sell(app, "green-bun", 2, "2.25");
    Invoice one = sell(app, "green-bun", 1, "2.25");
    settle(two);
    settle(one);
    // Again and again, as if there were many sales.
    for (int i = 0; i < 101; i++) {
      await(fixture.merchant.invoices().mark(one.id(), InvoiceStatus.INVALID));
      settle(one);
    }
    assertThat(moves(id)).isEqualTo(204);
    assertThat(left(id)).isEqualTo(2);
    long patience = System.nanoTime() + 10_000_000_000L;
    while (moves(id) > 1 && System.nanoTime() < patience) {
      Thread.onSpinWait();
    }
    assertThat(moves(id)).isEqualTo(1);
    assertThat(left(id)).isEqualTo(2);

    // A sale tried again does not count itself, and what a merchant writes is believed.
    ok("PUT", "/invoices/" + two.id(), "{\"metadata\":{\"posData\":{\"cart\":{}}}}");
    assertThat(left(id)).isEqualTo(4);
    ok(
        "PUT",
        "/invoices/" + two.id(),
        "{\"metadata\":{\"posData\":{\"cart\":[{\"id\":\"green-bun\",\"count\":1e30},{\"id\":7},null]}}}");
    assertThat(left(id)).isZero();
    await(fixture.merchant.invoices().mark(two.id(), InvoiceStatus.INVALID));
    assertThat(left(id)).isEqualTo(4);
    assertThat(send(admin, "DELETE", "/apps/" + id, null).statusCode()).isEqualTo(200);
    assertThat(moves(id)).isZero();
  }

  private static long moves(String appId) {
    return await(
        fixture
            .pool()
            .preparedQuery("SELECT count(*) FROM app_stock_move WHERE app_id = $1")
            .execute(Tuple.of(appId))
            .map(rows -> rows.iterator().next().getLong(0)));
  }

  private static int left(String appId) {
    return ok("GET", "/apps/pos/" + appId, null).path("items").path(1).path("inventory").intValue();
  }

  private static Future<PosSales.Sold> order(
      PosApp app, String item, int count, String price, String key) {
    return fixture
        .merchant
        .posSales()
        .sell(app, orderOf(item, count, price), Optional.empty(), key, Optional.empty());
  }

  private static PosOrder orderOf(String item, int count, String price) {
    return new PosOrder(
        List.of(new PosOrder.Entry(Optional.of(item), count, Optional.of(new BigDecimal(price)))),
        BigDecimal.ZERO,
        PosOrder.Tip.NONE,
        Optional.empty());
  }

  private static Invoice sell(PosApp app, String item, int count, String price) {
    PosSales.Sold sold =
        await(order(app, item, count, price, Long.toHexString(fixture.random.nextLong())));
    String invoiceId = ((PosSales.Sold.Made) sold).view().invoiceId();
    return await(fixture.merchant.invoices().find(invoiceId)).orElseThrow();
  }

  private static void settle(Invoice invoice) {
    await(fixture.merchant.invoices().mark(invoice.id(), InvoiceStatus.SETTLED));
  }
}
