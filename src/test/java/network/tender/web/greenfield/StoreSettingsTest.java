package network.tender.web.greenfield;

import static network.tender.web.greenfield.ApiUnderTest.assertFields;
import static network.tender.web.greenfield.ApiUnderTest.assertRefused;
import static network.tender.web.greenfield.ApiUnderTest.json;
import static network.tender.web.greenfield.ApiUnderTest.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import network.tender.merchant.ExactJson;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a store's settings typed clients read back, over real HTTP. */
class StoreSettingsTest {
  private static ApiUnderTest api;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static JsonNode read(String text) {
    return ExactJson.parse(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)).orElseThrow();
  }

  @Test
  void aChangeOfOneFlagOfTheReceiptLeavesTheOthers() {
    String store = api.newPayableStore();
    String path = "/stores/" + store;
    JsonNode changed = api.ok("PUT", path, "{\"receipt\":{\"showQR\":\"True\",\"colour\":1}}");
    JsonNode expected = read("{\"enabled\":true,\"showQR\":true,\"showPayments\":null}");
    assertThat(changed.path("receipt")).isEqualTo(expected);
    // As .NET writes it, with all of what it read.
    changed =
        api.ok(
            "PUT", path, "{\"Receipt\":{\"Enabled\":false,\"ShowQR\":null,\"ShowPayments\":null}}");
    expected = read("{\"enabled\":false,\"showQR\":true,\"showPayments\":null}");
    assertThat(changed.path("receipt")).isEqualTo(expected);
    assertThat(api.ok("GET", path, null).path("receipt")).isEqualTo(expected);
    assertThat(api.ok("POST", path + "/invoices", "{\"amount\":1}").path("receipt"))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"receipt\":{\"enabled\":\"maybe\",\"showPayments\":7}} | Receipt.Enabled,Receipt.ShowPayments",
        "{\"receipt\":true} | Receipt",
        "{\"receipt\":[]} | Receipt",
        "{\"additionalTrackedRates\":\"USD\"} | AdditionalTrackedRates",
        "{\"additionalTrackedRates\":[\"USD\",{},\"\"]} | AdditionalTrackedRates[1],AdditionalTrackedRates[2]",
        "{\"paymentMethodCriteria\":{}} | PaymentMethodCriteria",
        "{\"paymentMethodCriteria\":[1]} | PaymentMethodCriteria[0]",
        "{\"paymentMethodCriteria\":[{\"amount\":\"much\",\"above\":2}]} |"
            + " PaymentMethodCriteria[0].PaymentMethodId,PaymentMethodCriteria[0].CurrencyCode,"
            + "PaymentMethodCriteria[0].Amount,PaymentMethodCriteria[0].Above"
      })
  void whatNoClientCouldReadIsRefused(String body, String paths) {
    String path = "/stores/" + api.newStore();
    JsonNode before = api.ok("GET", path, null);
    assertFields(api.send(api.admin, "PUT", path, body), paths.split(",", -1));
    assertThat(api.ok("GET", path, null)).isEqualTo(before);
  }

  @Test
  void criteriaAndTrackedRatesAreEchoedByTheirTypes() {
    String path = "/stores/" + api.newStore();
    JsonNode changed =
        api.ok(
            "PUT",
            path,
            """
            {"AdditionalTrackedRates":["EUR","JPY"],
             "PaymentMethodCriteria":[{"PaymentMethodId":"BTC-CHAIN","CurrencyCode":"USD",
               "Amount":1e1,"Above":"true"},
              {"paymentMethod":"BTC","currencyCode":"EUR","amount":"2.50"}]}
            """);
    assertThat(changed.path("additionalTrackedRates")).isEqualTo(read("[\"EUR\",\"JPY\"]"));
    assertThat(changed.path("paymentMethodCriteria"))
        .isEqualTo(
            read(
                """
                [{"paymentMethodId":"BTC-CHAIN","currencyCode":"USD","amount":"10","above":true},
                 {"paymentMethodId":"BTC","currencyCode":"EUR","amount":"2.50","above":false}]"""));
    // Clients change one key of what they have read and send all of it back.
    assertThat(api.ok("PUT", path, ExactJson.write(changed))).isEqualTo(changed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"en", "EN", "pt-BR", "zh-SP", "zh_Hans_CN", "sr-Latn", "fil", "np-NP", ""})
  void languagesThatClientsChooseFromAreTaken(String code) {
    assertThat(invoice(code).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"xx", "zz-ZZ", "qqq", "english", "e", "en--US", "<b>"})
  void unknownLanguagesAreRefused(String code) {
    assertFields(invoice(code), "Checkout.DefaultLanguage");
  }

  private static HttpResponse<String> invoice(String language) {
    String store = api.newPayableStore();
    return api.send(
        api.admin,
        "POST",
        "/stores/" + store + "/invoices",
        "{\"amount\":1,\"checkout\":{\"defaultLanguage\":\"" + language + "\"}}");
  }

  @Test
  void whoWorksInAStoreIsForThoseWhoMayChangeIt() {
    String store = api.newStore();
    String path = "/stores/" + store + "/users";
    String reader = api.newKey(api.admin, "btcpay.store.canviewstoresettings:" + store);
    HttpResponse<String> refused = api.send(reader, "GET", path, null);
    assertRefused(refused, 403, "missing-permission");
    assertThat(json(refused).path("missingPermission").asText())
        .isEqualTo("btcpay.store.canmodifystoresettings");
    String owner = api.newKey(api.admin, "btcpay.store.canmodifystoresettings:" + store);
    assertThat(ok(api.send(owner, "GET", path, null))).hasSize(1);
  }
}
