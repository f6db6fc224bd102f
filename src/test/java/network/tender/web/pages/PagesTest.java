package network.tender.web.pages;

import static network.tender.web.TestServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import network.tender.chain.Network;
import network.tender.settlement.Outcome;
import network.tender.web.DevPurse;
import network.tender.web.HeadAnswers;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PagesTest {
  private static final AtomicLong NANOS = new AtomicLong();
  private static final SampleShop SHOP = new SampleShop(SampleShop.NOW);
  private static final AtomicLong SALES = new AtomicLong();
  private static Vertx vertx;
  private static TestServer server;

  private final String saleKey = newSaleKey();

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    server = TestServer.start(vertx, surface(Network.regtest(), Optional.of(SHOP::pay)));
  }

  @AfterAll
  static void stop() {
    server.close();
    TestServer.await(vertx.close());
  }

  @BeforeEach
  void refillLimits() {
    NANOS.addAndGet(3_600_000_000_000L);
  }

  private static String newSaleKey() {
    return HexFormat.of().toHexDigits(SALES.incrementAndGet()).repeat(2);
  }

  private static PagesSurface surface(Network network, Optional<DevPurse> wallet) {
    return new PagesSurface(
        PageAssets.load(network),
        network,
        Optional.of(java.net.URI.create("https://pay.example/")),
        SHOP,
        wallet,
        () -> 1_234,
        InstantSource.fixed(java.time.Instant.ofEpochMilli(SampleShop.NOW)),
        NANOS::get,
        new SimpleMeterRegistry());
  }

  @Test
  void whatBecomesNoSocketKeepsNoPlace() throws java.io.IOException {
    for (int i = 0; i < 3; i++) {
      try (java.net.Socket socket =
          new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), server.port())) {
        socket.setSoTimeout(5_000);
        socket
            .getOutputStream()
            .write(
                ("GET /i/samplewaiting/status/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket"
                        + "\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99\r\n\r\n")
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        String status =
            new String(
                socket.getInputStream().readNBytes(12), java.nio.charset.StandardCharsets.US_ASCII);
        assertThat(status).startsWith("HTTP/1.1 4");
      }
    }
    for (int i = 0;
        i < 500 && server.registry.get("tender.http.long.lived").gauge().value() > 0;
        i++) {
      TestServer.await(vertx.timer(10));
    }
    assertThat(server.registry.get("tender.http.long.lived").gauge().value()).isZero();
  }

  // Pages

  @ParameterizedTest
  @EnumSource(Phase.class)
  void everyPhaseHasACheckoutThatShowsIt(Phase phase) {
    HttpResponse<String> page = page("/i/" + SampleShop.idOf(phase));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("data-phase=\"" + phase.key() + "\"", "$12.50", "Corner Coffee")
        .containsPattern("data-when=\"[a-z ]*\\b" + phase.key() + "\\b");
  }

  @Test
  void theTillKnowsItsCurrencysDigits() {
    assertThat(page("/pos/usd").body()).contains("data-digits=\"2\"", ">$<", "US Dollar");
    assertThat(page("/pos/jpy").body())
        .contains("data-digits=\"0\"", "aria-label=\"decimal point\" disabled");
    assertThat(page("/pos/bhd").body()).contains("data-digits=\"3\"");
    assertThat(page("/pos/coin").body()).contains("data-digits=\"8\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/pos/hostile", "/i/hostile", "/i/hostileopen", "/i/hostile/receipt?print=true"})
  void whatMerchantsWriteIsTextAndNeverMarkup(String path) {
    assertThat(page(path).body())
        .doesNotContain("<script>alert")
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;{{ 7 * 7 }}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/docs",
        "/pos/usd",
        "/i/samplewaiting",
        "/i/samplepaid/receipt",
        "/nothing/here"
      })
  void pagesNeedNothingThatTheirPolicyForbids(String path) {
    HttpResponse<String> page = page(path);
    assertThat(header(page, "content-security-policy"))
        .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
        .doesNotContain("unsafe");
    assertThat(header(page, "cache-control")).isEqualTo("no-store");
    assertThat(page.body())
        .doesNotContainPattern("<script(?![^>]* src=)")
        .doesNotContainPattern(
            "<style|\\sstyle=|\\son[a-z]+=|https?://(?!shop.example|www.w3.org)");
  }

  @Test
  void theReferenceHasEveryOperationWithItsFieldsAndPermissions() {
    String body = page("/docs").body();
    JsonObject paths = network.tender.web.Contract.document().getJsonObject("paths");
    int operations = 0;
    for (String path : paths.fieldNames()) {
      JsonObject item = paths.getJsonObject(path);
      for (String verb : item.fieldNames()) {
        if (item.getValue(verb) instanceof JsonObject operation) {
          operations++;
          assertThat(body)
              .contains(
                  "<article class=\"card stack\" id=\"%s\">"
                      .formatted(operation.getString("operationId")),
                  "<code>%s %s</code>".formatted(verb.toUpperCase(java.util.Locale.ROOT), path));
        }
      }
    }
    assertThat(operations).isGreaterThan(80);
    assertThat(body.split("<article", -1)).hasSize(operations + 1);
    String invoice = body.substring(body.indexOf("id=\"createInvoice\""));
    assertThat(invoice.substring(0, invoice.indexOf("</article>")))
        .contains(
            "permission <code>btcpay.store.cancreateinvoice</code>",
            "with an API key",
            "<code>amount</code>",
            "<code>checkout</code>",
            "<code>Idempotency-Key</code>")
        .doesNotContain("`");
    assertThat(body).contains("href=\"/openapi.yaml\"").doesNotContain("<script", "|---");
    assertThat(page("/").body()).contains("/docs");
  }

  @Test
  void wherePayersChooseTheAmountThereIsNoneToCopyOrForTheDemoWallet() {
    String body = page("/i/sampletopup").body();
    assertThat(body)
        .contains("<title>Pay any amount · Corner Coffee</title>")
        .contains("Any amount", "class=\"copy-row\" data-if=\"dueText\" hidden>")
        .contains("<a class=\"button main\" href=\"bitcoin:")
        .doesNotContain("data-demo");
    assertThat(page("/i/samplewaiting").body())
        .contains("data-demo", "class=\"copy-row\" data-if=\"dueText\">");
  }

  @Test
  void anAmountOfCoinsIsSaidOnce() {
    JsonObject coins = json(server.get("/i/samplecoins/status"));
    assertThat(coins.getString("amountText")).isEqualTo("1,000,000\u00a0TNDR");
    assertThat(coins.getString("amountSize")).isEqualTo("long");
    assertThat(coins.getString("coinText")).isEmpty();
    assertThat(json(server.get("/i/samplewaiting/status")).getString("coinText"))
        .isEqualTo("0.0025\u00a0TNDR");
    assertThat(page("/i/samplecoinspaid/receipt").body()).doesNotContain("class=\"coin\"");
    assertThat(page("/i/samplepaid/receipt").body()).contains("<p class=\"coin\">0.0025");
    assertThat(json(server.get("/i/samplecoinspaid/status")).getString("paidCoinText")).isEmpty();
  }

  @Test
  void aRestBelowTheAmountIsCalledSo() {
    assertThat(json(server.get("/i/samplepartial/status")).getString("coinText"))
        .isEqualTo("0.0015\u00a0TNDR still to pay");
    assertThat(json(server.get("/i/samplecoinspartial/status")).getString("coinText"))
        .isEqualTo("600,000\u00a0TNDR still to pay");
    assertThat(page("/i/samplepartial").body()).contains("0.0015\u00a0TNDR still to pay");
  }

  @Test
  void shopsMayFrameTheCheckoutAndNothingElse() {
    HttpResponse<String> checkout = page("/i/samplewaiting");
    assertThat(checkout.headers().firstValue("x-frame-options")).isEmpty();
    assertThat(header(checkout, "content-security-policy")).doesNotContain("frame-ancestors");
    for (String path : List.of("/", "/pos/usd", "/explorer")) {
      assertThat(header(page(path), "content-security-policy")).contains("frame-ancestors 'none'");
      assertThat(header(page(path), "x-frame-options")).isEqualTo("DENY");
    }
    HttpResponse<String> receipt = page("/i/samplepaid/receipt");
    assertThat(header(receipt, "content-security-policy")).contains("frame-ancestors 'self'");
    assertThat(header(receipt, "x-frame-options")).isEqualTo("SAMEORIGIN");
  }

  @Test
  void aTillCanBeInstalled() {
    JsonObject manifest = json(server.get("/pos/usd/manifest.webmanifest"));
    assertThat(manifest.getString("name")).isEqualTo("Corner Coffee");
    assertThat(manifest.getString("scope")).isEqualTo("/pos/usd");
    assertThat(page("/pos/usd").body()).contains("href=\"/pos/usd/manifest.webmanifest\"");
    assertThat(server.get("/pos/nosuch/manifest.webmanifest").statusCode()).isEqualTo(404);
    HttpResponse<String> worker = server.get("/till-worker.js?release=1");
    assertThat(header(worker, "content-type")).startsWith("text/javascript");
    assertThat(header(worker, "cache-control")).isEqualTo("no-cache");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/invoice?id=samplewaiting",
        "/invoice?id=samplewaiting&view=modal&animateEntrance=false",
        "/i/samplewaiting?view=modal&lang=de",
        "/i/samplewaiting/TNDR",
        "/i/samplewaiting/TNDR-CHAIN?view=modal",
        "/i/samplewaiting/tndr_chain"
      })
  void everyAddressOfACheckoutShowsItAndMayBeFramed(String path) {
    HttpResponse<String> checkout = page(path);
    assertThat(checkout.statusCode()).isEqualTo(200);
    assertThat(checkout.body()).contains("data-invoice=\"samplewaiting\"");
    assertThat(checkout.body().contains("<body class=\"modal\">"))
        .isEqualTo(path.contains("view=modal"));
    assertThat(checkout.headers().firstValue("x-frame-options")).isEmpty();
    assertThat(header(checkout, "content-security-policy")).doesNotContain("frame-ancestors");
  }

  @Test
  void aMethodThatDoesNotExistLeadsToTheOneThatDoes() {
    HttpResponse<String> answer = page("/i/samplewaiting/XYZ-LN?view=modal");
    assertThat(answer.statusCode()).isEqualTo(302);
    assertThat(header(answer, "location")).isEqualTo("/i/samplewaiting?view=modal");
    assertThat(page("/invoice").statusCode()).isEqualTo(404);
    assertThat(page("/invoice?id=nosuch").statusCode()).isEqualTo(404);
    assertThat(page("/i/nosuch/TNDR").statusCode()).isEqualTo(404);
  }

  @Test
  void theScriptForShopsStaysAtItsAddressAndIsAskedForAnew() {
    HttpResponse<String> script = server.get("/modal/btcpay.js");
    assertThat(script.statusCode()).isEqualTo(200);
    assertThat(header(script, "content-type")).startsWith("text/javascript");
    assertThat(header(script, "cache-control")).isEqualTo("no-cache");
    assertThat(script.body()).contains("window.btcpay = {");
    assertThat(
            server
                .send(
                    server
                        .request("/modal/btcpay.js")
                        .header("If-None-Match", header(script, "etag")))
                .statusCode())
        .isEqualTo(304);
  }

  @Test
  void onlyWebLinksBecomeLinks() {
    SHOP.redirect("samplepaid", "javascript:alert(1)");
    assertThat(page("/i/samplepaid").body()).doesNotContain("javascript:");
    SHOP.redirect("samplepaid", "https://shop.example/?a=1&b=\"");
    assertThat(page("/i/samplepaid").body())
        .contains("href=\"https://shop.example/?a=1&amp;b=&quot;\"");
  }

  @Test
  void peopleGetErrorPagesAndProgramsProblemDetails() {
    HttpResponse<String> page = page("/i/nosuch");
    assertThat(page.statusCode()).isEqualTo(404);
    assertThat(header(page, "content-type")).startsWith("text/html");
    assertThat(page.body()).contains("invoice-not-found", "Ask the shop for a new code");
    HttpResponse<String> answer = server.get("/i/nosuch/status");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(header(answer, "content-type")).isEqualTo("application/problem+json");
    assertThat(json(answer).getString("code")).isEqualTo("invoice-not-found");
    assertThat(page("/no/such/page").statusCode()).isEqualTo(404);
    assertThat(header(page("/no/such/page"), "content-type")).startsWith("text/html");
    assertThat(header(page("/api/v1/nosuch"), "content-type")).doesNotStartWith("text/html");
    assertThat(page("/pos/nosuch").statusCode()).isEqualTo(404);
    assertThat(page("/i/%22%3E%3Cscript%3E").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "DELETE, /v1/network, 'GET, HEAD'",
    "POST, /v1/blocks/1, 'GET, HEAD'",
    "GET, /v1/transfers, POST",
    "PUT, /dev/faucet, POST",
    "POST, /api/v1/api-keys/current, 'DELETE, GET, HEAD'"
  })
  void aPathWithOtherMethodsNamesThem(String method, String path, String allowed) {
    HttpResponse<String> answer =
        server.send(
            server
                .request(path)
                .header("Accept", "text/html,*/*")
                .method(method, HttpRequest.BodyPublishers.noBody()));
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(header(answer, "allow")).isEqualTo(allowed);
    assertThat(header(answer, "content-type")).isEqualTo("application/problem+json");
    assertThat(json(answer).getString("code")).isEqualTo("method-not-allowed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/pos/usd",
        "/i/samplewaiting",
        "/i/samplewaiting/status",
        "/i/samplepaid/receipt",
        "/i/nosuch",
        "/explorer",
        "/explorer/verify",
        "/nothing/here",
        "/static/0/tender.css"
      })
  void headIsAnsweredLikeGet(String path) {
    HeadAnswers.assertLikeGet(server, path, "Accept: text/html");
  }

  @ParameterizedTest
  @CsvSource({
    "/, Host: evil\"<x>:80, invalid-host",
    "/pos/usd?a=%zz, Host: x, malformed-url",
    "/i/samplepaid?a=%zz, Host: x, malformed-url",
    "/i/%zz, Host: x, malformed-url"
  })
  void whatABrowserNeverSendsIsAProblemToo(String path, String host, String code) {
    assertThat(server.raw("GET " + path + " HTTP/1.1", host))
        .startsWith("HTTP/1.1 400 ")
        .contains("application/problem+json", "\"code\":\"" + code + "\"");
    assertThat(server.raw("GET " + path + " HTTP/1.1", host, "Accept: text/html"))
        .startsWith("HTTP/1.1 400 ")
        .contains("text/html", "<code>" + code + "</code>");
  }

  // Static files

  @Test
  void staticFilesAreKeptForGoodUnderTheirHash() throws Exception {
    String css = find("href=\"(/static/[0-9a-f]{12}/tender.css)\"", page("/").body());
    HttpResponse<String> file = server.get(css);
    assertThat(header(file, "cache-control")).contains("immutable");
    assertThat(header(file, "content-type")).startsWith("text/css");
    HttpRequest.Builder again =
        server.request(css).header("If-None-Match", header(file, "etag")).GET();
    assertThat(server.send(again).statusCode()).isEqualTo(304);
    assertThat(header(server.get("/static/old/tender.css"), "cache-control")).isEqualTo("no-cache");
    assertThat(server.get("/static/old/..%2ftemplates%2fpos.html").statusCode()).isEqualTo(404);
  }

  @Test
  void everyStaticFileIsServed() throws Exception {
    Path folder = Path.of(PagesTest.class.getResource("/static/tender.css").toURI()).getParent();
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(StaticFiles.NAMES);
    }
  }

  // Status

  @Test
  void theStatusSaysWhatIsPaidAndWhatIsDue() {
    JsonObject status = json(server.get("/i/samplepartial/status"));
    assertThat(status.getString("status")).isEqualTo("New");
    assertThat(status.getString("phase")).isEqualTo("partial");
    assertThat(status.getString("paid")).isEqualTo("0.001");
    assertThat(status.getString("due")).isEqualTo("0.0015");
    assertThat(status.getString("address")).isEqualTo(SampleShop.ADDRESS);
    assertThat(status.getInteger("expirationSeconds")).isEqualTo(840);
    assertThat(status.getString("invoiceBitcoinUrl"))
        .isEqualTo("bitcoin:" + SampleShop.ADDRESS + "?amount=0.0015&label=Corner%20Coffee");
    assertThat(status.getString("paymentMethodId")).isEqualTo("TNDR-CHAIN");
    assertThat(status.getString("receiptLink")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "waiting,New,true,false",
    "paid,Settled,false,true",
    "over,Settled,false,true",
    "late,Expired,false,false",
    "short,Expired,false,false",
    "invalid,Invalid,false,false"
  })
  void theStatusOfEachPhase(String phase, String status, boolean open, boolean paidInFull) {
    JsonObject json = json(server.get("/i/sample" + phase + "/status"));
    assertThat(json.getString("status")).isEqualTo(status);
    assertThat(json.getBoolean("open")).isEqualTo(open);
    assertThat(json.getBoolean("paidInFull")).isEqualTo(paidInFull);
    if (!open) {
      assertThat(json.getInteger("expirationSeconds")).isZero();
    }
  }

  @Test
  void theCodeAsksForWhatIsStillDue() throws Exception {
    HttpResponse<String> svg = server.get("/i/samplepartial/qr.svg");
    assertThat(header(svg, "content-type")).isEqualTo("image/svg+xml");
    assertThat(QrSvgTest.read(svg.body()))
        .isEqualTo(json(server.get("/i/samplepartial/status")).getString("invoiceBitcoinUrlQR"))
        .contains("amount=0.0015");
  }

  // Receipts

  @Test
  void aReceiptNamesTransactionBlockAndRateAndLeadsToItself() throws Exception {
    String body = page("/i/sampleover/receipt").body();
    assertThat(body)
        .contains(
            "Corner Coffee",
            "Flat white and a bun",
            "A-1042",
            "$12.50",
            "1\u00a0TNDR = $5,000.00",
            "0.0005\u00a0TNDR",
            SampleShop.TXID.toString(),
            "/v1/receipts/" + SampleShop.TXID,
            SampleShop.BLOCK.toString(),
            "1234")
        .contains("<svg ");
    String svg = body.substring(body.indexOf("<svg "), body.indexOf("</svg>"));
    assertThat(QrSvgTest.read(svg)).isEqualTo("https://pay.example/i/sampleover/receipt");
  }

  @Test
  void receiptsForRollPrintersHaveTheirOwnLayout() {
    assertThat(page("/i/samplepaid/receipt").body()).doesNotContain("receipt roll");
    assertThat(page("/i/samplepaid/receipt?print=true").body())
        .contains("receipt roll\"", "data-receipt=\"print\"");
    assertThat(page("/i/samplepaid/receipt?print=true&width=58").body())
        .contains("receipt roll w58\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"waiting", "partial", "expired", "short", "invalid"})
  void thereIsNoReceiptForWhatIsNotPaid(String phase) {
    HttpResponse<String> answer = page("/i/sample" + phase + "/receipt");
    assertThat(answer.statusCode()).isEqualTo(302);
    assertThat(header(answer, "location")).isEqualTo("/i/sample" + phase);
  }

  // Charging

  @Test
  void chargingMakesAnInvoiceOnceForEachSale() {
    JsonObject first = json(charge("usd", sale("3.50")));
    assertThat(first.getString("amountText")).isEqualTo("$3.50");
    assertThat(first.getString("phase")).isEqualTo("waiting");
    JsonObject again = json(charge("usd", sale("3.50")));
    assertThat(again.getString("invoiceId")).isEqualTo(first.getString("invoiceId"));
    JsonObject other = json(charge("usd", sale("3.50").put("key", newSaleKey())));
    assertThat(other.getString("invoiceId")).isNotEqualTo(first.getString("invoiceId"));
  }

  @ParameterizedTest
  @CsvSource({
    "usd,0",
    "usd,0.00",
    "usd,-1",
    "usd,1e5",
    "usd,1.001",
    "usd,",
    "usd,' 1'",
    "usd,1.",
    "usd,.5",
    "usd,1234567890123",
    "jpy,1.5",
    "bhd,1.0001",
    "coin,0.000000001",
    "usd,NaN",
    "usd,٣"
  })
  void amountsThatTheCurrencyDoesNotHaveAreRefused(String store, String amount) {
    HttpResponse<String> answer = charge(store, sale(amount));
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(json(answer).getString("code")).isEqualTo("invalid-amount");
    assertThat(SHOP.bySaleKey).doesNotContainKey(saleKey);
  }

  @Test
  void anAmountTooLargeIsNotCalledTooSmall() {
    JsonObject answer = json(charge("usd", sale("9".repeat(40))));
    assertThat(answer.getString("code")).isEqualTo("invalid-amount");
    assertThat(answer.getString("detail")).contains("smaller").doesNotContain("above zero");
  }

  @Test
  void anAmountThatIsNoTextIsRefused() {
    assertThat(charge("usd", new JsonObject().put("amount", 1.5).put("key", saleKey)).statusCode())
        .isEqualTo(422);
  }

  @Test
  void theMerchantsRefusalIsShownAsItsSentence() {
    HttpResponse<String> answer = charge("usd", sale("2000000"));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).getString("detail")).contains("not that much money");
  }

  @Test
  void otherSitesCanNotCharge() {
    for (String[] header :
        new String[][] {
          {"Sec-Fetch-Site", "cross-site"},
          {"Sec-Fetch-Site", "same-site"},
          {"Origin", "https://evil.example"},
          {"Origin", "null"},
          {"Origin", "http://127.0.0.1:1"}
        }) {
      HttpResponse<String> answer =
          server.send(post("/pos/usd/invoices", sale("1")).header(header[0], header[1]));
      assertThat(answer.statusCode()).as(header[1]).isEqualTo(403);
      assertThat(json(answer).getString("code")).isEqualTo("cross-site-request");
    }
    String own = "http://127.0.0.1:" + server.port();
    assertThat(server.send(post("/pos/usd/invoices", sale("1")).header("Origin", own)).statusCode())
        .isEqualTo(200);
  }

  @Test
  void whatIsNotOurPagesJsonIsRefused() {
    String path = "/pos/usd/invoices";
    assertThat(server.post(path, "text/plain", "{}").statusCode()).isEqualTo(415);
    assertThat(server.post(path, "application/json", "{").statusCode()).isEqualTo(400);
    assertThat(server.post(path, "application/json", "[]").statusCode()).isEqualTo(400);
    assertThat(server.post(path, "application/json", "").statusCode()).isEqualTo(400);
    String large = sale("1").put("description", "x".repeat(Pages.MAX_BODY_BYTES)).encode();
    assertThat(server.post(path, "application/json", large).statusCode()).isEqualTo(413);
    JsonObject wordy = sale("1").put("description", "x".repeat(81));
    assertThat(json(charge("usd", wordy)).getString("code")).isEqualTo("description-too-long");
    for (String unstorable : List.of("a\0b", "\ud83d")) {
      String escaped = sale("1").put("description", "?").encode().replace("?", escape(unstorable));
      HttpResponse<String> answer = server.post(path, "application/json", escaped);
      assertThat(answer.statusCode()).as(escaped).isEqualTo(400);
      assertThat(json(answer).getString("code")).isEqualTo("malformed-json");
    }
    for (JsonObject keyless :
        List.of(sale("1").put("key", "short"), new JsonObject().put("amount", "1"))) {
      HttpResponse<String> answer = charge("usd", keyless);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(json(answer).getString("code")).isEqualTo("invalid-sale-key");
    }
    assertThat(charge("nosuch", sale("1")).statusCode()).isEqualTo(404);
    assertThat(SHOP.bySaleKey).doesNotContainKey(saleKey);
  }

  @Test
  void aFloodOfInvoicesIsHeldBack() {
    for (int i = 0; i < ChargeLimit.BURST; i++) {
      assertThat(charge("bhd", sale("1")).statusCode()).isEqualTo(200);
    }
    HttpResponse<String> answer = charge("bhd", sale("1"));
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(header(answer, "retry-after")).isEqualTo("3");
    assertThat(charge("jpy", sale("1")).statusCode()).isEqualTo(200);
    NANOS.addAndGet(1_000_000_000L);
    assertThat(charge("bhd", sale("1")).statusCode()).isEqualTo(200);
  }

  @Test
  void cancellingGivesUpWhatIsNotPaid() {
    String id = json(charge("usd", sale("1"))).getString("invoiceId");
    HttpResponse<String> answer =
        server.send(post("/pos/usd/invoices/" + id + "/cancel", new JsonObject()));
    assertThat(json(answer).getString("phase")).isEqualTo("invalid");
    HttpResponse<String> paid =
        server.send(post("/pos/usd/invoices/samplepaid/cancel", new JsonObject()));
    assertThat(json(paid).getString("phase")).isEqualTo("paid");
    assertThat(server.send(post("/pos/usd/invoices/nosuch/cancel", new JsonObject())).statusCode())
        .isEqualTo(404);
  }

  // The demo wallet

  @Test
  void theDevPursePaysWhatIsDueOnce() {
    String id = json(charge("usd", sale("1"))).getString("invoiceId");
    String path = "/i/" + id + "/pay-demo";
    assertThat(json(server.send(post(path, new JsonObject()))).getString("phase"))
        .isEqualTo("paid");
    HttpResponse<String> again = server.send(post(path, new JsonObject()));
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(json(again).getString("code")).isEqualTo("invoice-not-payable");
  }

  @Test
  void twoPressesOfTheButtonAreOnePayment() {
    Promise<Outcome> slow = Promise.promise();
    Promise<Void> called = Promise.promise();
    DevPurse wallet =
        (to, amount) -> {
          called.complete();
          return slow.future();
        };
    try (TestServer other =
        TestServer.start(vertx, surface(Network.regtest(), Optional.of(wallet)))) {
      HttpRequest.Builder press =
          other
              .request("/i/samplewaiting/pay-demo")
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{}"));
      var first = other.client.sendAsync(press.build(), HttpResponse.BodyHandlers.ofString());
      TestServer.await(called.future());
      assertThat(json(other.send(press)).getString("code")).isEqualTo("payment-under-way");
      slow.complete(new Outcome.Unavailable(Outcome.Cause.BUSY, 2));
      HttpResponse<String> answer = first.join();
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(json(answer).getString("code")).isEqualTo("node-busy");
    }
  }

  @Test
  void thereIsNoDevPurseOnOtherNetworks() {
    Network other = SampleShop.customNetwork();
    try (TestServer plain = TestServer.start(vertx, surface(other, Optional.empty()))) {
      assertThat(plain.post("/i/samplewaiting/pay-demo", "application/json", "{}").statusCode())
          .isIn(404, 405);
      assertThat(plain.post("/demo-store", "application/json", "{}").statusCode()).isIn(404, 405);
      assertThat(plain.get("/i/samplewaiting").body()).doesNotContain("demo wallet");
      assertThat(plain.get("/").body()).doesNotContain("demo");
    }
    assertThatThrownBy(
            () -> surface(other, Optional.of((to, amount) -> Future.failedFuture("never"))))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aDemoStoreLeadsToItsTill() {
    assertThat(json(server.send(post("/demo-store", new JsonObject()))).getString("till"))
        .isEqualTo("/pos/usd");
  }

  private HttpResponse<String> page(String path) {
    return server.send(server.request(path).header("Accept", "text/html,*/*;q=0.8").GET());
  }

  private HttpRequest.Builder post(String path, JsonObject body) {
    return server
        .request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body.encode()));
  }

  private HttpResponse<String> charge(String store, JsonObject body) {
    return server.send(post("/pos/" + store + "/invoices", body));
  }

  private JsonObject sale(String amount) {
    return new JsonObject().put("amount", amount).put("description", "").put("key", saleKey);
  }

  private static String escape(String text) {
    return text.chars()
        .mapToObj("\\u%04x"::formatted)
        .collect(java.util.stream.Collectors.joining());
  }

  private static String header(HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static String find(String pattern, String text) {
    var matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher.group(1);
  }
}
