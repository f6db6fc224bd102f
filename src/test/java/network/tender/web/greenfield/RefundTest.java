package network.tender.web.greenfield;

import static network.tender.merchant.MerchantFixture.await;
import static network.tender.merchant.MerchantFixture.pays;
import static network.tender.web.greenfield.ApiUnderTest.assertFields;
import static network.tender.web.greenfield.ApiUnderTest.assertRefused;
import static network.tender.web.greenfield.ApiUnderTest.json;
import static network.tender.web.greenfield.ApiUnderTest.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import network.tender.merchant.Invoice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Refunds as clients ask for them: what they come to, and why they are refused. */
class RefundTest {
  /** 5 dollars at 50,000 dollars a coin. */
  private static final long DUE_SAT = 10_000;

  private static ApiUnderTest api;

  @BeforeAll
  static void start() {
    api = new ApiUnderTest();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static String newInvoice(String store, String amount) {
    return api.ok(
            "POST",
            "/stores/" + store + "/invoices",
            "{\"amount\":%s,\"currency\":\"USD\"}".formatted(amount))
        .path("id")
        .asText();
  }

  private static void pay(String id, long sat) {
    Invoice invoice = await(api.fixture.merchant.invoices().find(id)).orElseThrow();
    api.fixture.commit(api.fixture.block(pays(invoice, sat)));
  }

  private static String paidInvoice(String store, long sat) {
    String id = newInvoice(store, "5");
    pay(id, sat);
    return id;
  }

  private static void setRates(String store, String rates) {
    api.ok(
        "PUT",
        "/stores/" + store + "/rates/configuration",
        "{\"preferredSource\":\"fixed\",\"fixedRates\":" + rates + "}");
  }

  private static JsonNode preview(String id, String query) {
    return api.ok("GET", "/invoices/" + id + "/refund/" + api.method + query, null);
  }

  private static HttpResponse<String> refund(String id, String body) {
    return api.send(api.admin, "POST", "/invoices/" + id + "/refund", body);
  }

  /** What the merchant is told to send. */
  private static void assertTellsToSend(HttpResponse<String> response, String amount) {
    assertRefused(response, 400, "refund-unavailable");
    assertThat(json(response).path("message").asText())
        .contains("send back " + amount + " from a wallet of yours");
  }

  private static void assertNumber(JsonNode number, String expected) {
    assertThat(number.isNumber()).as(number.toString()).isTrue();
    assertThat(number.decimalValue()).isEqualByComparingTo(new BigDecimal(expected));
  }

  @Test
  void aPreviewTellsWhatEachVariantComesToInRealNumbers() {
    String store = api.newPayableStore();
    String coin = api.fixture.network.coinCode();
    String id = paidInvoice(store, DUE_SAT + 1);
    setRates(store, "{\"USD\":\"25000\"}");
    JsonNode refund = preview(id, "");
    assertNumber(refund.path("paymentAmountThen"), "0.00010001");
    assertNumber(refund.path("paymentAmountNow"), "0.0002");
    assertNumber(refund.path("invoiceAmount"), "5.00");
    assertNumber(refund.path("overpaidPaymentAmount"), "0.00000001");
    assertThat(refund.path("invoiceCurrency").asText()).isEqualTo("USD");
    assertThat(refund.path("paymentCurrency").asText()).isEqualTo(coin);
    assertThat(refund.path("paymentCurrencyDivisibility").intValue()).isEqualTo(8);
    assertThat(refund.path("invoiceCurrencyDivisibility").intValue()).isEqualTo(2);
    // No exponents, which many clients can't read.
    assertThat(api.send(api.admin, "GET", "/invoices/" + id + "/refund/" + api.method, null).body())
        .contains("\"overpaidPaymentAmount\":0.00000001,");

    JsonNode less = preview(id, "?subtractPercentage=12.5");
    assertNumber(less.path("paymentAmountThen"), "0.00008751");
    assertNumber(less.path("paymentAmountNow"), "0.000175");
    assertNumber(less.path("invoiceAmount"), "4.38");
    assertNumber(less.path("overpaidPaymentAmount"), "0.00000001");
    for (String wrong : List.of("-1", "100.01", "x", "1e3")) {
      assertFields(
          api.send(
              api.admin,
              "GET",
              "/invoices/" + id + "/refund/" + api.method + "?subtractPercentage=" + wrong,
              null),
          "subtractPercentage");
    }

    String exact = paidInvoice(api.newPayableStore(), DUE_SAT);
    assertThat(preview(exact, "").path("overpaidPaymentAmount").isNull()).isTrue();
    assertThat(preview(exact, "").has("currentRateText")).isTrue();
  }

  @Test
  void currenciesKeepTheirDigitsInAPreview() {
    String store = api.newPayableStore();
    setRates(store, "{\"JPY\":\"7000000\",\"BHD\":\"37000\"}");
    for (String[] each :
        new String[][] {{"JPY", "1000", "14286", "1000"}, {"BHD", "1.234", "3336", "1.234"}}) {
      String id =
          api.ok(
                  "POST",
                  "/stores/" + store + "/invoices",
                  "{\"amount\":\"%s\",\"currency\":\"%s\"}".formatted(each[1], each[0]))
              .path("id")
              .asText();
      pay(id, Long.parseLong(each[2]));
      JsonNode refund = preview(id, "");
      assertNumber(refund.path("invoiceAmount"), each[3]);
      assertThat(refund.path("invoiceCurrencyDivisibility").intValue())
          .isEqualTo(each[0].equals("JPY") ? 0 : 3);
      assertTellsToSend(
          refund(id, "{\"refundVariant\":\"Fiat\"}"), "coins worth " + each[3] + " " + each[0]);
    }
  }

  @Test
  void aPreviewNeedsARateAndAMethodThatTheInvoiceHas() {
    String store = api.newPayableStore();
    String id = paidInvoice(store, DUE_SAT);
    String free = newInvoice(store, "0");
    String coin = api.fixture.network.coinCode();
    assertRefused(
        api.send(api.admin, "GET", "/invoices/" + id + "/refund/" + coin + "-LN", null),
        400,
        "invalid-payment-method");
    assertRefused(
        api.send(api.admin, "GET", "/invoices/" + free + "/refund/" + coin, null),
        400,
        "invalid-payment-method");
    for (String name : List.of(coin, coin + "_CHAIN", coin + "-OnChain")) {
      api.ok("GET", "/stores/" + store + "/invoices/" + id + "/refund/" + name, null);
    }
    setRates(store, "{\"EUR\":\"25000\"}");
    assertRefused(
        api.send(api.admin, "GET", "/invoices/" + id + "/refund/" + coin, null),
        400,
        "rate-failure");
    assertRefused(refund(id, "{\"refundVariant\":\"CurrentRate\"}"), 400, "rate-failure");
    assertTellsToSend(refund(id, "{\"refundVariant\":\"RateThen\"}"), "0.0001 " + coin);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"refundVariant":"RateThen"}                                       | 0.00012 COIN
          {"RefundVariant":"ratethen","SubtractPercentage":"50"}             | 0.00006 COIN
          {"refundVariant":"CurrentRate"}                                    | 0.00024 COIN
          {"refundVariant":"CurrentRate","subtractPercentage":33.33}         | 0.00016001 COIN
          {"refundVariant":"OverpaidAmount"}                                 | 0.00002 COIN
          {"refundVariant":"OverpaidAmount","subtractPercentage":100}        | 0 COIN
          {"refundVariant":"Fiat","payoutMethodId":"COIN_CHAIN"}             | coins worth 6.00 USD
          {"refundVariant":"Fiat","subtractPercentage":10}                   | coins worth 5.40 USD
          {"refundVariant":"Custom","customAmount":1.005,"customCurrency":"usd"} | coins worth 1.00 USD
          {"refundVariant":"Custom","customAmount":"0.3","customCurrency":"COIN","paymentMethod":"x"} | 0.3 COIN
          {"refundVariant":"Fiat","payoutMethods":["COIN-CHAIN","COIN"],"payoutMethodId":"x"} | coins worth 6.00 USD
          """)
  void aRefundThatIsRightTellsWhatToSend(String body, String amount) {
    String store = api.newPayableStore();
    String coin = api.fixture.network.coinCode();
    String id = paidInvoice(store, DUE_SAT + 2_000);
    setRates(store, "{\"USD\":\"25000\"}");
    String before = api.send(api.admin, "GET", "/invoices/" + id, null).body();
    for (String path : List.of("/invoices/" + id, "/stores/" + store + "/invoices/" + id)) {
      assertTellsToSend(
          api.send(api.admin, "POST", path + "/refund", body.replace("COIN", coin)),
          amount.replace("COIN", coin));
    }
    assertThat(api.send(api.admin, "GET", "/invoices/" + id, null).body()).isEqualTo(before);
  }

  /** As .NET's client writes all that it knows. */
  @Test
  void aRefundOfDotNetsClientIsRead() {
    String id = paidInvoice(api.newPayableStore(), DUE_SAT);
    assertTellsToSend(
        refund(
            id,
            """
            {"Name":null,"PayoutMethodId":null,"PayoutMethods":["%s"],"Description":null,
             "RefundVariant":"Fiat","SubtractPercentage":"0.0","CustomAmount":null,
             "CustomCurrency":null}
            """
                .formatted(api.method)),
        "coins worth 5.00 USD");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                            | RefundVariant
          {"refundVariant":null}                                        | RefundVariant
          {"refundVariant":"Half"}                                      | RefundVariant
          {"refundVariant":["Fiat"]}                                    | RefundVariant
          {"refundVariant":"OverpaidAmount"}                            | RefundVariant
          {"refundVariant":"Fiat","subtractPercentage":-1}              | SubtractPercentage
          {"refundVariant":"Fiat","subtractPercentage":"100.1"}         | SubtractPercentage
          {"refundVariant":"Fiat","subtractPercentage":"ten"}           | SubtractPercentage
          {"refundVariant":"Fiat","customAmount":"1"}                   | CustomAmount
          {"refundVariant":"Fiat","customCurrency":"USD"}               | CustomCurrency
          {"refundVariant":"Custom"}                                    | CustomAmount,CustomCurrency
          {"refundVariant":"Custom","customAmount":1}                   | CustomCurrency
          {"refundVariant":"Custom","customAmount":0,"customCurrency":"USD"} | CustomAmount
          {"refundVariant":"Custom","customAmount":"0.004","customCurrency":"USD"} | CustomAmount
          {"refundVariant":"Custom","customAmount":-5,"customCurrency":"USD"} | CustomAmount
          {"refundVariant":"Custom","customAmount":5,"customCurrency":"ZZZ"} | CustomCurrency
          {"refundVariant":"Fiat","payoutMethods":[]}                   | PayoutMethods
          {"refundVariant":"Fiat","payoutMethods":["COIN","COIN-LN"]}   | PayoutMethods
          {"refundVariant":"Fiat","payoutMethodId":"COIN-LN"}           | PayoutMethodId
          {"payoutMethods":["x"],"subtractPercentage":101}              | PayoutMethods,RefundVariant,SubtractPercentage
          """)
  void whatIsWrongWithARefundIsNamed(String body, String paths) {
    String id = paidInvoice(api.newPayableStore(), DUE_SAT);
    assertFields(
        refund(id, body.replace("COIN", api.fixture.network.coinCode())), paths.split(",", -1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{\"refundVariant\":", "\"Fiat\""})
  void aBodyThatIsNoObjectIsRefused(String body) {
    assertThat(refund(paidInvoice(api.newPayableStore(), DUE_SAT), body).statusCode())
        .isEqualTo(422);
  }

  @Test
  void onlyWhatIsThroughCanBePaidBack() {
    String store = api.newPayableStore();
    String body = "{\"refundVariant\":\"RateThen\"}";
    String coin = api.fixture.network.coinCode();
    String open = newInvoice(store, "5");
    String part = newInvoice(store, "5");
    pay(part, 4_000);
    assertRefused(refund(open, body), 400, "non-refundable");
    // Whatever else is wrong with it.
    assertRefused(refund(part, "{}"), 400, "non-refundable");
    String marked = newInvoice(store, "5");
    api.ok("POST", "/invoices/" + marked + "/status", "{\"status\":\"Settled\"}");
    assertTellsToSend(refund(marked, body), "0.0001 " + coin);
    String invalid = paidInvoice(store, 100);
    api.ok("POST", "/invoices/" + invalid + "/status", "{\"status\":\"Invalid\"}");
    assertTellsToSend(refund(invalid, body), "0.000001 " + coin);
    String free = newInvoice(store, "0");
    assertFields(refund(free, body), "PayoutMethodId");
    String topUp = newInvoice(store, "null");
    pay(topUp, 123);
    assertTellsToSend(refund(topUp, body), "0.00000123 " + coin);

    api.fixture.now.addAndGet(16 * 60_000);
    assertRefused(refund(open, body), 400, "non-refundable");
    assertTellsToSend(refund(part, body), "0.00004 " + coin);
    pay(open, DUE_SAT);
    assertThat(api.ok("GET", "/invoices/" + open, null).path("additionalStatus").asText())
        .isEqualTo("PaidLate");
    assertTellsToSend(refund(open, body), "0.0001 " + coin);
  }

  @Test
  void refundsNeedTheirOwnPermission() {
    String store = api.newPayableStore();
    String id = paidInvoice(store, DUE_SAT);
    String policy = "btcpay.store.cancreatenonapprovedpullpayments";
    String body = "{\"refundVariant\":\"RateThen\"}";
    String viewer = api.newKey(api.admin, "btcpay.store.canmodifyinvoices:" + store);
    String stranger = api.newKey(api.admin, policy + ":" + api.newStore());
    String allowed = api.newKey(api.admin, policy + ":" + store);
    for (String path : List.of("/invoices/" + id, "/stores/" + store + "/invoices/" + id)) {
      for (String key : List.of(viewer, stranger)) {
        for (HttpResponse<String> response :
            List.of(
                api.send(key, "POST", path + "/refund", body),
                api.send(key, "GET", path + "/refund/" + api.method, null))) {
          assertRefused(response, 403, "missing-permission");
          assertThat(json(response).path("missingPermission").asText()).isEqualTo(policy);
        }
      }
      assertRefused(api.send(allowed, "POST", path + "/refund", body), 400, "refund-unavailable");
      ok(api.send(allowed, "GET", path + "/refund/" + api.method, null));
    }
    assertRefused(
        api.send(allowed, "POST", "/stores/" + store + "/invoices/none/refund", body),
        404,
        "invoice-not-found");
    assertRefused(
        api.send(allowed, "POST", "/invoices/none/refund", body), 403, "missing-permission");
  }

  /** A refusal is not kept: once what was missing is there, the same request may do. */
  @Test
  void aRefusedRefundWithAKeyIsLookedAtAnew() {
    String store = api.newPayableStore();
    String id = newInvoice(store, "5");
    HttpRequest.Builder request =
        api.server
            .request("/api/v1/invoices/" + id + "/refund")
            .header("Authorization", "token " + api.admin)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", "refund-1")
            .POST(HttpRequest.BodyPublishers.ofString("{\"refundVariant\":\"Fiat\"}"));
    assertRefused(api.server.send(request), 400, "non-refundable");
    pay(id, DUE_SAT);
    HttpResponse<String> later = api.server.send(request);
    assertTellsToSend(later, "coins worth 5.00 USD");
    assertThat(later.headers().firstValue("Idempotent-Replayed")).isEmpty();
  }
}
