package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.web.greenfield.ApiUnderTest.assertFields;
import static network.tender.web.greenfield.ApiUnderTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import network.tender.merchant.InvoiceStatus;
import network.tender.merchant.InvoiceView;
import network.tender.merchant.PosApp;
import network.tender.merchant.PosOrder;
import network.tender.merchant.PosSales;
import network.tender.merchant.Till;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers and careless clients send is refused and never an error of the server's. */
class BadInputTest {
  private static final String ITEMS =
      "[{\"id\":\"tea\",\"title\":\"Tea\",\"price\":\"1.50\",\"priceType\":\"Fixed\"}]";
  private static ApiUnderTest api;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static HttpResponse<String> ask(String verb, String path, String body) {
    return api.send(api.admin, verb, path, body);
  }

  private static PosApp newApp(String store) {
    String id =
        api.ok(
                "POST",
                "/stores/" + store + "/apps/pos",
                "{\"appName\":\"A\",\"template\":" + ITEMS + "}")
            .path("id")
            .asText();
    return await(api.fixture.merchant.posApps().find(id)).orElseThrow();
  }

  private static InvoiceView sell(PosApp app, Optional<PosSales.Seller> cashier, String key) {
    PosOrder order =
        new PosOrder(
            List.of(new PosOrder.Entry(Optional.of("tea"), 1, Optional.of(new BigDecimal("1.50")))),
            BigDecimal.ZERO,
            PosOrder.Tip.NONE,
            Optional.empty());
    PosSales.Sold sold =
        await(api.fixture.merchant.posSales().sell(app, order, cashier, key, Optional.empty()));
    return ((PosSales.Sold.Made) sold).view();
  }

  @ParameterizedTest
  @ValueSource(strings = {"4294967297", "2147483648", "1e30", "-4294967195", "101", "1.5"})
  void tipsAreSmallWholeNumbers(String percent) {
    String store = api.newStore();
    assertFields(
        ask(
            "POST",
            "/stores/" + store + "/apps/pos",
            "{\"appName\":\"A\",\"customTipPercentages\":[" + percent + "]}"),
        "CustomTipPercentages");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"%F0%9F%98%80", "%C3%A9", "0OIl", "a%20b", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"})
  void anIdThatCanBeNoDeliverysIsNotFound(String id) {
    String store = api.newStore();
    String hook =
        api.ok("POST", "/stores/" + store + "/webhooks", "{\"url\":\"http://127.0.0.1:9/x\"}")
            .path("id")
            .asText();
    for (String family : List.of("/webhooks/" + hook, "/stores/" + store + "/webhooks/" + hook)) {
      String path = family + "/deliveries/" + id;
      for (String rest : List.of("", "/request")) {
        assertThat(ask("GET", path + rest, null).statusCode()).as(path + rest).isEqualTo(404);
      }
      assertThat(ask("POST", path + "/redeliver", "").statusCode()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e90", "9223372036854775808", "-1000000", "-1e90"})
  void salesAreCountedWhateverIsWrittenIntoACart(String count) {
    String store = api.newPayableStore();
    PosApp app = newApp(store);
    String invoice = sell(app, Optional.empty(), "0123456789abcdef").invoiceId();
    api.ok("POST", "/invoices/" + invoice + "/status", "{\"status\":\"Settled\"}");
    api.ok(
        "PUT",
        "/invoices/" + invoice,
        "{\"metadata\":{\"posData\":{\"cart\":[{\"id\":\"tea\",\"count\":%s,\"price\":%s}]}}}"
            .formatted(count, count));
    JsonNode sales = api.ok("GET", "/apps/" + app.id() + "/sales", null);
    assertThat(sales.path("salesCount").longValue()).isBetween(1L, 1_000_000L);
    JsonNode top = api.ok("GET", "/apps/" + app.id() + "/top-items", null).path(0);
    assertThat(top.path("salesCount").longValue()).isBetween(0L, 1_000_000L);
    assertThat(new BigDecimal(top.path("total").asText()).abs())
        .isLessThanOrEqualTo(new BigDecimal("1e18"));
  }

  /** Whoever pays sees an invoice's id, and knows whose it is. */
  @Test
  void whatAPointOfSaleAsksForTheTillDoesNotGiveUp() {
    String store = api.newPayableStore();
    api.ok("PUT", "/stores/" + store, "{\"anyoneCanCreateInvoice\":true}");
    PosApp app = newApp(store);
    PosSales.Seller anna = new PosSales.Seller("anna", Optional.empty());
    Till till = api.fixture.merchant.till();
    for (Optional<PosSales.Seller> cashier :
        List.of(Optional.of(anna), Optional.<PosSales.Seller>empty())) {
      String sale = sell(app, cashier, "0123456789abcdef").invoiceId();
      assertThat(await(till.cancel(store, sale)).orElseThrow().status())
          .isEqualTo(InvoiceStatus.NEW);
      PosSales.Cancelled cancelled =
          await(
              api.fixture
                  .merchant
                  .posSales()
                  .cancel(app, sale, cashier.map(PosSales.Seller::name)));
      assertThat(((PosSales.Cancelled.Done) cancelled).view().status())
          .isEqualTo(InvoiceStatus.INVALID);
    }
  }

  @Test
  void aSpreadThatLeavesNothingIsRefused() {
    String rates = "/stores/" + api.newPayableStore() + "/rates";
    for (String spread : List.of("\"100\"", "100", "100.0", "101", "-1")) {
      String source =
          "{\"preferredSource\":\"fixed\",\"fixedRates\":{\"USD\":\"100\"},\"spread\":"
              + spread
              + "}";
      assertFields(ask("PUT", rates + "/configuration", source), "Spread");
      assertFields(ask("POST", rates + "/configuration/preview", source), "Spread");
    }
    api.ok(
        "PUT",
        rates + "/configuration",
        "{\"preferredSource\":\"fixed\",\"fixedRates\":{\"USD\":\"100\"},\"spread\":\"99.9\"}");
  }

  /** An earlier release has taken it. */
  @Test
  void aSpreadThatLeavesNothingIsNoRate() {
    String store = api.newPayableStore();
    await(
        api.fixture
            .pool()
            .query(
                "UPDATE store SET rates = '{\"primary\":{\"kind\":\"fixed\",\"spread\":100,"
                    + "\"fixed\":{\"USD\":\"100\"}}}' WHERE id = '"
                    + store
                    + "'")
            .execute());
    api.fixture.now.addAndGet(6_000);
    String coin = api.fixture.network.coinCode();
    JsonNode rate =
        api.ok(
                "GET",
                "/stores/%1$s/rates?currencyPair=%2$s_USD&currencyPair=USD_%2$s"
                    .formatted(store, coin),
                null)
            .path(0);
    assertThat(rate.path("rate").isNull()).isTrue();
    assertThat(rate.path("errors").path(0).asText()).contains("spread");
    assertRefused(
        ask("POST", "/stores/" + store + "/invoices", "{\"amount\":\"1\",\"currency\":\"USD\"}"),
        400,
        "generic-error");
  }
}
