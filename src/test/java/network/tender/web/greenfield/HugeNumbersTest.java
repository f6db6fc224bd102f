package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.web.greenfield.ApiUnderTest.assertFields;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.sqlclient.Tuple;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.tender.merchant.ExactJson;
import network.tender.webhook.Receiver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Numbers of few characters that PostgreSQL writes out digit by digit: none is stored that could
 * not be read again, and what an earlier release has stored is read all the same.
 */
class HugeNumbersTest {
  private static final long CACHES_FORGET_MILLIS = 6_000;
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

  private static void assertFine(String verb, String path, String body) {
    HttpResponse<String> answer = ask(verb, path, body);
    assertThat(answer.statusCode()).as(verb + " " + path + ": " + answer.body()).isEqualTo(200);
  }

  private static void execute(String statement, String id) {
    await(api.fixture.pool().preparedQuery(statement).execute(Tuple.of(id)));
    api.fixture.now.addAndGet(CACHES_FORGET_MILLIS);
  }

  private static String newInvoice(String store, String metadata) {
    return api.ok(
            "POST",
            "/stores/" + store + "/invoices",
            "{\"amount\":\"10\",\"currency\":\"USD\",\"metadata\":" + metadata + "}")
        .path("id")
        .asText();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e101", "1e308", "-1e400", "1e-200", "0e-200", "1e131071", "1e131072"})
  void noSettingMakesAStoreUnreadable(String number) {
    String path = "/stores/" + api.newStore();
    for (String settings :
        List.of(
            "{\"receipt\":{\"x\":%s}}",
            "{\"additionalTrackedRates\":[%s]}",
            "{\"paymentMethodCriteria\":[{\"a\":%s}]}",
            "{\"paymentTolerance\":%s}")) {
      HttpResponse<String> answer = ask("PUT", path, settings.formatted(number));
      assertThat(answer.statusCode()).as(answer.body()).isIn(200, 422);
      JsonNode shown = api.ok("GET", path, null);
      api.ok("PUT", path, shown.toString());
    }
    assertFine("GET", "/stores", null);
  }

  /** Else a thousandth of a body's characters would do to fill the database and every answer. */
  @Test
  void howLongSomethingIsCountsWithItsNumbersWrittenOut() {
    String path = "/stores/" + api.newPayableStore();
    String numbers = "[" + "1e99,".repeat(3_000) + "1]";
    assertFields(
        ask("PUT", path, "{\"additionalTrackedRates\":" + numbers + "}"), "AdditionalTrackedRates");
    assertFields(
        ask("POST", path + "/invoices", "{\"amount\":\"1\",\"metadata\":{\"a\":" + numbers + "}}"),
        "Metadata");
    String template =
        "[{\"title\":\"Tea\",\"price\":\"1\",\"z\":" + numbers + ",\"y\":" + numbers + "}]";
    assertFields(
        ask("POST", path + "/apps/pos", "{\"appName\":\"A\",\"template\":" + template + "}"),
        "Template");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e100", "-1e100", "1e-100", "1e101", "1e-2000", "1.5e200000"})
  void metadataAndItemsTakeNoneThatCouldNotBeReadAgain(String number) {
    String store = "/stores/" + api.newPayableStore();
    String metadata = "{\"metadata\":{\"a\":[{\"b\":" + number + "}]}}";
    assertFields(ask("POST", store + "/invoices", metadata), "Metadata");
    String invoice = newInvoice(store.substring("/stores/".length()), "{}");
    assertFields(ask("PUT", "/invoices/" + invoice, metadata), "Metadata");
    assertFields(
        ask(
            "POST",
            store + "/apps/pos",
            "{\"appName\":\"A\",\"template\":[{\"title\":\"Tea\",\"price\":\"1\",\"z\":"
                + number
                + "}]}"),
        "Template");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e99", "-9.99e99", "1e-99", "1.5e-98", "0.10", "1E+2"})
  void theLargestAndSmallestComeBack(String number) {
    String store = api.newPayableStore();
    String invoice = newInvoice(store, "{\"a\":" + number + "}");
    JsonNode sent =
        ExactJson.parse(number.getBytes(java.nio.charset.StandardCharsets.UTF_8)).orElseThrow();
    JsonNode shown = api.ok("GET", "/stores/" + store + "/invoices", null).path(0);
    assertThat(shown.path("metadata").path("a").decimalValue())
        .isEqualByComparingTo(sent.decimalValue());
    api.ok("PUT", "/invoices/" + invoice, "{\"metadata\":" + shown.path("metadata") + "}");
    JsonNode event = api.ok("GET", "/stores/" + store + "/events", null).path(0);
    assertThat(event.path("metadata").path("a").decimalValue())
        .isEqualByComparingTo(sent.decimalValue());
  }

  @Test
  void aStoreThatHoldsOneIsReadAgain() {
    String store = api.newPayableStore();
    String path = "/stores/" + store;
    execute(
        """
        UPDATE store SET settings = settings || '{"website":"https://shop.example",
          "receipt":{"enabled":true,"x":1e308}, "additionalTrackedRates":[1e308],
          "paymentMethodCriteria":[{"a":1e-2000}]}'::jsonb
        WHERE id = $1
        """,
        store);
    JsonNode shown = api.ok("GET", path, null);
    assertThat(shown.path("website").asText()).isEqualTo("https://shop.example");
    assertFine("GET", "/stores", null);
    newInvoice(store, "{}");
    api.ok("PUT", path, shown.toString());
    assertFine("DELETE", path, null);
  }

  @Test
  void anInvoiceThatHoldsOneIsReadAgain() {
    String store = api.newPayableStore();
    String invoice = newInvoice(store, "{\"orderId\":\"7\"}");
    execute("UPDATE invoice SET metadata = metadata || '{\"a\":1e500}' WHERE id = $1", invoice);
    execute(
        "UPDATE invoice_event SET metadata = metadata || '{\"a\":1e500}' WHERE invoice_id = $1",
        invoice);
    String digits = "1" + "0".repeat(500);
    for (String path :
        List.of(
            "/invoices/" + invoice,
            "/stores/" + store + "/invoices",
            "/stores/" + store + "/events")) {
      HttpResponse<String> answer = ask("GET", path, null);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.body()).contains(digits);
    }
    try (Receiver receiver = new Receiver(api.fixture.vertx)) {
      api.ok(
          "POST", "/stores/" + store + "/webhooks", "{\"url\":\"" + receiver.url("/huge") + "\"}");
      assertFine("POST", "/invoices/" + invoice + "/status", "{\"status\":\"Settled\"}");
      assertThat(new String(receiver.next().body(), java.nio.charset.StandardCharsets.UTF_8))
          .contains("InvoiceSettled", digits);
    }
    assertFine("PUT", "/invoices/" + invoice, "{\"metadata\":{\"orderId\":\"8\"}}");
    assertFine("DELETE", "/invoices/" + invoice, null);
  }

  @Test
  void aPointOfSaleThatHoldsOneIsReadAgain() {
    String store = api.newPayableStore();
    String app =
        api.ok("POST", "/stores/" + store + "/apps/pos", "{\"appName\":\"A\"}").path("id").asText();
    execute(
        """
        UPDATE app SET items =
          '[{"id":"tea","title":"Tea","price":"1.50","priceType":"Fixed","z":1e500}]'::jsonb
        WHERE id = $1
        """,
        app);
    assertThat(ask("GET", "/apps/pos/" + app, null).body()).contains("\"tea\"");
    assertFine("GET", "/apps", null);
    assertFine("GET", "/stores/" + store + "/apps", null);
    assertFine("PUT", "/apps/pos/" + app, "{\"appName\":\"B\"}");
  }

  private static double unreadable(String table) {
    return api.fixture.registry.get("tender_rows_unreadable").tag("table", table).counter().count();
  }

  /** Where a list ends is told by what is stored, so that nobody takes a part for the whole. */
  @Test
  void aListGoesOnBehindWhatCanNotBeRead() {
    String store = api.newPayableStore();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 21; i++) {
      ids.add(newInvoice(store, "{}"));
      api.fixture.now.addAndGet(1_000);
    }
    for (String broken : ids.subList(2, 20)) {
      execute("UPDATE invoice SET metadata = '7' WHERE id = $1", broken);
    }
    String path = "/stores/" + store + "/invoices";
    assertThat(api.ok("GET", path, null).findValuesAsText("id"))
        .containsExactly(ids.get(20), ids.get(1), ids.get(0));
    HttpResponse<String> one = ask("GET", path + "?take=1", null);
    assertThat(one.body()).contains(ids.get(20)).doesNotContain(ids.get(1));
    assertThat(one.headers().firstValue("Link")).isPresent();
    HttpResponse<String> two = ask("GET", path + "?take=2", null);
    assertThat(two.body()).contains(ids.get(20), ids.get(1)).doesNotContain(ids.get(0));
    assertThat(two.headers().firstValue("Link")).isPresent();
    HttpResponse<String> all = ask("GET", path + "?take=3", null);
    assertThat(all.body()).contains(ids.get(20), ids.get(1), ids.get(0));
    assertThat(all.headers().firstValue("Link")).isEmpty();
    for (String broken : ids.subList(2, 20)) {
      execute("UPDATE invoice SET metadata = '{}' WHERE id = $1", broken);
    }
  }

  /** Nothing makes such rows; if anything ever does, it must not take the others with it. */
  @Test
  void listsLeaveOutWhatCanNotBeRead() {
    String broken = api.newPayableStore();
    String store = api.newPayableStore();
    String app =
        api.ok("POST", "/stores/" + store + "/apps/pos", "{\"appName\":\"A\"}").path("id").asText();
    String other =
        api.ok("POST", "/stores/" + store + "/apps/pos", "{\"appName\":\"B\"}").path("id").asText();
    String first = newInvoice(store, "{}");
    String second = newInvoice(store, "{}");
    execute("UPDATE store SET settings = '7' WHERE id = $1", broken);
    execute("UPDATE app SET items = '[7]' WHERE id = $1", app);
    execute("UPDATE invoice SET metadata = '7' WHERE id = $1", first);
    Map<String, Double> before = new HashMap<>();
    for (String table : List.of("store", "app", "invoice")) {
      before.put(table, unreadable(table));
    }
    assertThat(api.ok("GET", "/stores", null).toString()).contains(store).doesNotContain(broken);
    assertThat(api.ok("GET", "/apps", null).toString()).contains(other).doesNotContain(app);
    assertThat(api.ok("GET", "/stores/" + store + "/invoices", null).toString())
        .contains(second)
        .doesNotContain(first);
    for (String table : List.of("store", "app", "invoice")) {
      assertThat(unreadable(table) - before.get(table)).as(table).isEqualTo(1);
    }
    await(
        api.fixture
            .pool()
            .query("UPDATE store SET settings = '{\"name\":\"Kiosk\"}' WHERE settings = '7'")
            .execute());
    await(api.fixture.pool().query("DELETE FROM app WHERE items = '[7]'").execute());
  }
}
