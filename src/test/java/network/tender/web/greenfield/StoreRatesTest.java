package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.web.greenfield.ApiUnderTest.assertFields;
import static network.tender.web.greenfield.ApiUnderTest.assertRefused;
import static network.tender.webhook.WebhookFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rates of stores, with a real server that answers them. */
class StoreRatesTest {
  private static ApiUnderTest api;
  private static HttpServer rates;
  private static final AtomicInteger asked = new AtomicInteger();
  private static final AtomicReference<Consumer<HttpServerRequest>> answer =
      new AtomicReference<>();
  private String store;
  private String path;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
    rates =
        await(
            api.fixture
                .vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      asked.incrementAndGet();
                      answer.get().accept(request);
                    })
                .listen(0, "127.0.0.1"));
  }

  @AfterAll
  static void stop() {
    await(rates.close());
    api.close();
  }

  @BeforeEach
  void newStore() {
    store = api.newPayableStore();
    path = "/stores/" + store + "/rates";
    asked.set(0);
  }

  private static void answers(String json) {
    answer.set(request -> request.response().end(json));
  }

  private String url(String rest) {
    return "http://127.0.0.1:" + rates.actualPort() + "/" + store + rest;
  }

  private String source(String pointer, String more) {
    return "{\"preferredSource\":\"http-json\",\"httpJson\":{\"url\":\"%s\",\"pointer\":\"%s\"}%s}"
        .formatted(url("/{coin}?in={CURRENCY}"), pointer, more);
  }

  private JsonNode rate(String currency) {
    return api.ok(
            "GET", path + "?currencyPair=" + api.fixture.network.coinCode() + "_" + currency, null)
        .path(0);
  }

  @Test
  void ratesComeFromTheServerThatTheStoreNamesAndAreRemembered() {
    answers("{\"prices\":{\"EUR\":{\"last\":\"40000.5\"}}}");
    JsonNode set =
        api.ok(
            "PUT",
            path + "/configuration",
            source("/prices/{CURRENCY}/last", ",\"spread\":\"10\""));
    assertThat(set.path("preferredSource").asText()).isEqualTo("http-json");
    assertThat(set.path("isCustomScript").booleanValue()).isFalse();
    assertThat(api.ok("GET", path + "/configuration", null)).isEqualTo(set);
    assertThat(api.ok("GET", path + "/configuration/primary", null)).isEqualTo(set);
    assertThat(rate("EUR").path("rate").asText()).as("less the spread").isEqualTo("36000.45");
    for (int i = 0; i < 5; i++) {
      rate("EUR");
    }
    assertThat(asked.get()).as("asked once").isEqualTo(1);
    JsonNode invoice =
        api.ok(
            "POST", "/stores/" + store + "/invoices", "{\"amount\":\"36\",\"currency\":\"EUR\"}");
    JsonNode method =
        api.ok("GET", "/invoices/" + invoice.path("id").asText() + "/payment-methods", null)
            .path(0);
    assertThat(method.path("rate").asText()).isEqualTo("36000.45");

    JsonNode missing = rate("USD");
    assertThat(missing.path("rate").isNull()).isTrue();
    assertThat(missing.path("errors").path(0).asText()).contains("/prices/USD/last");
    assertRefused(
        api.send(
            api.admin,
            "POST",
            "/stores/" + store + "/invoices",
            "{\"amount\":\"36\",\"currency\":\"USD\"}"),
        400,
        "generic-error");
  }

  @Test
  void aRateIsUsedUntilItIsStaleWhileTheServerIsAway() {
    answers("{\"p\":100}");
    api.ok(
        "PUT",
        path + "/configuration",
        "{\"preferredSource\":\"http-json\",\"httpJson\":{\"url\":\"%s\",\"pointer\":\"/p\",\"staleAfterSeconds\":120}}"
            .formatted(url("/stale")));
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("100");
    answer.set(request -> request.response().setStatusCode(500).end("{\"p\":1}"));
    api.fixture.now.addAndGet(60_000);
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("100");
    api.fixture.now.addAndGet(61_000);
    assertThat(rate("EUR").path("errors").path(0).asText())
        .contains("does not answer as it should")
        .doesNotContain("500");
    int before = asked.get();
    rate("EUR");
    assertThat(asked.get()).as("a server that fails is let be for a while").isEqualTo(before);
    answers("{\"p\":101}");
    api.fixture.now.addAndGet(11_000);
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("101");
  }

  /** Else the buyer could pick an old price out of a day. */
  @Test
  void theFirstSaleAfterAWhileIsPricedAsTheServerSaysThen() {
    answers("{\"p\":100}");
    api.ok("PUT", path + "/configuration", daily("/quiet"));
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("100");
    answers("{\"p\":105}");
    api.fixture.now.addAndGet(47_000);
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("105");
    answers("{\"p\":110}");
    api.fixture.now.addAndGet(82_800_000);
    JsonNode invoice =
        api.ok(
            "POST", "/stores/" + store + "/invoices", "{\"amount\":\"11\",\"currency\":\"EUR\"}");
    assertThat(
            api.ok("GET", "/invoices/" + invoice.path("id").asText() + "/payment-methods", null)
                .path(0)
                .path("rate")
                .asText())
        .isEqualTo("110");
  }

  @Test
  void aBusyTillNeverWaitsForANewRate() {
    answers("{\"p\":100}");
    api.ok("PUT", path + "/configuration", daily("/busy"));
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("100");
    Queue<HttpServerRequest> slow = new ConcurrentLinkedQueue<>();
    answer.set(slow::add);
    api.fixture.now.addAndGet(20_000);
    assertThat(rate("EUR").path("rate").asText()).as("known and fresh").isEqualTo("100");
    until("a newer one is asked for behind", () -> slow.size() == 1);
    slow.remove().response().end("{\"p\":101}");
    until("the newer one is used", () -> rate("EUR").path("rate").asText().equals("101"));
    assertThat(asked.get()).isEqualTo(2);
  }

  @Test
  void aSlowServerDelaysASaleOnceAndNotForLong() {
    answers("{\"p\":100}");
    api.ok("PUT", path + "/configuration", daily("/slow"));
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("100");
    Queue<HttpServerRequest> slow = new ConcurrentLinkedQueue<>();
    answer.set(slow::add);
    api.fixture.now.addAndGet(60_000);
    long begun = System.nanoTime();
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("100");
    assertThat(System.nanoTime() - begun)
        .as("less than the server is given to answer")
        .isLessThan(TimeUnit.SECONDS.toNanos(4));
    api.fixture.now.addAndGet(2_000);
    begun = System.nanoTime();
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("100");
    assertThat(System.nanoTime() - begun)
        .as("nobody waits for a question that others have waited for")
        .isLessThan(TimeUnit.MILLISECONDS.toNanos(1_400));
    slow.forEach(request -> request.response().end("{\"p\":101}"));
    until("the answer is used", () -> rate("EUR").path("rate").asText().equals("101"));
  }

  private String daily(String rest) {
    return "{\"preferredSource\":\"http-json\",\"httpJson\":{\"url\":\"%s\",\"pointer\":\"/p\",\"staleAfterSeconds\":86400}}"
        .formatted(url(rest));
  }

  @Test
  void theFallbackIsAskedForWhatTheFirstDoesNotKnow() {
    String coin = api.fixture.network.coinCode();
    api.ok(
        "PUT",
        path + "/configuration/primary",
        "{\"preferredSource\":\"fixed\",\"fixedRates\":{\"EUR\":\"10\",\"%s_CHF\":11.5}}"
            .formatted(coin));
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("10");
    assertThat(rate("CHF").path("rate").asText()).isEqualTo("11.5");
    assertThat(rate("USD").path("rate").isNull()).isTrue();
    assertThat(
            api.ok("GET", path + "/configuration/fallback", null).path("preferredSource").isNull())
        .isTrue();
    api.ok(
        "PUT", path + "/configuration/fallback", "{\"preferredSource\":\"operator\",\"spread\":1}");
    assertThat(rate("USD").path("rate").asText()).isEqualTo("49500");
    assertThat(rate("EUR").path("rate").asText()).isEqualTo("10");
    api.ok("PUT", path + "/configuration/fallback", "{\"preferredSource\":null}");
    assertThat(rate("USD").path("rate").isNull()).isTrue();
  }

  @Test
  void aPreviewShowsTheRatesAndChangesNothing() {
    answers("{\"x\":[7.25]}");
    String pair = api.fixture.network.coinCode() + "_GBP";
    for (String which : new String[] {"", "/primary", "/fallback"}) {
      JsonNode preview =
          api.ok(
              "POST",
              path + "/configuration" + which + "/preview?currencyPair=" + pair,
              source("/x/0", ""));
      assertThat(preview.path(0).path("currencyPair").asText()).isEqualTo(pair);
      assertThat(preview.path(0).path("rate").asText()).isEqualTo("7.25");
    }
    assertThat(rate("GBP").path("rate").isNull()).isTrue();
    assertThat(api.ok("GET", path + "/configuration", null).path("preferredSource").asText())
        .isEqualTo("operator");
    assertThat(api.ok("GET", "/misc/rate-sources", null)).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"preferredSource\":\"kraken\"} | PreferredSource",
        "{\"preferredSource\":\"http-json\"} | HttpJson",
        "{\"preferredSource\":\"fixed\",\"fixedRates\":{\"USD\":-1}} | FixedRates,FixedRates",
        "{\"isCustomScript\":true,\"effectiveScript\":\"X_X=1;\"} | IsCustomScript",
        "{\"spread\":101} | Spread",
        "{\"httpJson\":{\"url\":\"ftp://x/y\",\"pointer\":\"a\"}} | HttpJson.Url,HttpJson.Pointer",
        "{\"httpJson\":{\"url\":\"https://{currency}.example/\",\"pointer\":\"/a\"}} | HttpJson.Url",
        "{\"httpJson\":{\"url\":\"https://u:p@rates.example/\",\"pointer\":\"/a\"}} | HttpJson.Url",
        "{\"httpJson\":{}} | HttpJson.Url,HttpJson.Pointer",
      })
  void wrongSourcesAreNamed(String body, String paths) {
    assertFields(api.send(api.admin, "PUT", path + "/configuration", body), paths.split(",", -1));
    assertFields(
        api.send(api.admin, "POST", path + "/configuration/preview", body), paths.split(",", -1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[fd00::1]",
        "100.64.0.1",
        "0.0.0.0"
      })
  void privateAddressesAreNotCalled(String host) {
    JsonNode preview =
        api.ok(
            "POST",
            path + "/configuration/preview?currencyPair=" + api.fixture.network.coinCode() + "_USD",
            "{\"preferredSource\":\"http-json\",\"httpJson\":{\"url\":\"http://%s:%d/\",\"pointer\":\"/a\"}}"
                .formatted(host, rates.actualPort()));
    assertThat(preview.path(0).path("errors").path(0).asText()).contains("private address");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "{\"p\":0}",
        "{\"p\":-1}",
        "{\"p\":\"many\"}",
        "{\"p\":1e999999999}",
        "{}",
        ""
      })
  void nonsenseIsNoRate(String nonsense) {
    answers(nonsense);
    api.ok("PUT", path + "/configuration", source("/p", ""));
    assertThat(rate("USD").path("rate").isNull()).isTrue();
    assertThat(rate("USD").path("errors")).hasSize(1);
  }

  @Test
  void endlessAnswersAndRedirectsAreNotFollowed() {
    answer.set(
        request -> request.response().end("{\"p\":1,\"x\":\"" + "x".repeat(300_000) + "\"}"));
    api.ok("PUT", path + "/configuration", source("/p", ""));
    assertThat(rate("USD").path("errors").path(0).asText()).contains("more than");
    answer.set(
        request ->
            request.response().setStatusCode(302).putHeader("Location", url("/other")).end());
    api.fixture.now.addAndGet(11_000);
    int before = asked.get();
    assertThat(rate("USD").path("errors").path(0).asText())
        .contains("does not answer as it should")
        .doesNotContain("302");
    assertThat(asked.get()).isEqualTo(before + 1);
  }

  /** As many as there are places for in all, and their servers never answer. */
  @Test
  void aStoreWithSlowServersKeepsNoOtherStoreWaiting() {
    Queue<HttpServerRequest> slow = new ConcurrentLinkedQueue<>();
    answer.set(
        request -> {
          if (request.path().startsWith("/" + store + "/slow")) {
            slow.add(request);
          } else {
            request.response().end("{\"p\":\"40000\"}");
          }
        });
    String preview =
        path + "/configuration/preview?currencyPair=" + api.fixture.network.coinCode() + "_USD";
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      String body =
          "{\"preferredSource\":\"http-json\",\"httpJson\":{\"url\":\"%s\",\"pointer\":\"/p\"}}"
              .formatted(url("/slow" + i));
      waiting.add(
          api.server.client.sendAsync(
              api.server
                  .request("/api/v1" + preview)
                  .header("Authorization", "token " + api.admin)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    until("the store has all its places", () -> slow.size() >= 8);
    String first = path;
    newStore();
    answers("{\"p\":\"41000\"}");
    api.ok("PUT", path + "/configuration", source("/p", ""));
    assertThat(rate("USD").path("rate").asText()).isEqualTo("41000");
    slow.forEach(request -> request.response().end("{\"p\":\"40000\"}"));
    int refused = 0;
    for (CompletableFuture<HttpResponse<String>> one : waiting) {
      JsonNode quote = ApiUnderTest.ok(one.join()).path(0);
      if (quote.path("rate").isNull()) {
        assertThat(quote.path("errors").path(0).asText()).contains("Too many rates");
        refused++;
      }
    }
    assertThat(refused).isBetween(1, 72);
    assertThat(first).isNotEqualTo(path);
  }
}
