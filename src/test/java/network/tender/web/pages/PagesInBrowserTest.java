package network.tender.web.pages;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import network.tender.chain.Address;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Script;
import network.tender.chain.TransferOutput;
import network.tender.journal.TestDatabase;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.SealedBlock;
import network.tender.merchant.InvoiceView;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.Till;
import network.tender.settlement.Outcome;
import network.tender.settlement.Settlement;
import network.tender.web.LongLivedPlaces;
import network.tender.web.StreamLimits;
import network.tender.web.StreamMetrics;
import network.tender.web.TestServer;
import network.tender.web.transfers.StreamSurface;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages in a real browser, over the merchant's side on a real database and the real stream. */
class PagesInBrowserTest {
  private static final String PHASE = "document.querySelector('.pay').dataset.phase === '%s'";
  private static final String LINES =
      """
      (() => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector('%s'));
        return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
      })()
      """;
  private static MerchantFixture merchants;
  private static MerchantShop shop;
  private static SimpleMeterRegistry registry;
  private static TestServer server;
  private static Browser browser;
  private static String storeId;

  @BeforeAll
  static void start() {
    Optional<Path> program = Browser.find();
    if (program.isEmpty()) {
      System.err.println("PagesInBrowserTest is skipped: no Chromium on the PATH");
    }
    assumeTrue(program.isPresent(), "no Chromium on the PATH");
    merchants = new MerchantFixture(TestDatabase.create());
    shop = new MerchantShop(merchants.merchant, merchants.curve);
    registry = new SimpleMeterRegistry();
    server =
        TestServer.start(
            merchants.vertx,
            new PagesSurface(
                PageAssets.load(merchants.network),
                merchants.network,
                Optional.empty(),
                shop,
                Optional.of(PagesInBrowserTest::payFromDemoWallet),
                () -> 250,
                merchants.clock,
                System::nanoTime,
                registry),
            new StreamSurface(
                merchants.vertx,
                merchants.network,
                null, // Streams of an invoice alone read no blocks.
                noBlocks(),
                new InvoiceStatusFeed(
                    merchants.network, merchants.merchant.views(), merchants.clock),
                new StreamMetrics(registry, StreamLimits.DEFAULT)));
    storeId = ((Shop.Answer.Done<Shop.Store>) await(shop.demoStore())).value().id();
    browser = new Browser(program.get());
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
      server.close();
      merchants.close();
    }
  }

  @BeforeEach
  void phone() {
    browser.block();
    browser.errors.clear();
    browser.resize(390, 844);
  }

  @AfterEach
  void thePageIsLeft() {
    browser.block();
    browser.open(server.uri("/static/none/icon.svg"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/pos/hostile", "/i/hostileopen", "/i/hostile", "/i/hostile/receipt"})
  void whatMerchantsAndBuyersWriteStaysText(String path) {
    PagesSurface sample =
        new PagesSurface(
            PageAssets.load(merchants.network),
            merchants.network,
            Optional.empty(),
            new SampleShop(SampleShop.NOW),
            Optional.empty(),
            () -> 250,
            InstantSource.fixed(java.time.Instant.ofEpochMilli(SampleShop.NOW)),
            System::nanoTime,
            new SimpleMeterRegistry());
    try (TestServer own = TestServer.start(merchants.vertx, sample)) {
      browser.open(own.uri(path));
      browser.until("document.readyState === 'complete'");
      assertThat(browser.text("body")).contains(SampleShop.HOSTILE);
      assertThat(browser.evaluate("document.querySelectorAll('script:not([src])').length"))
          .isEqualTo(0);
      assertThat(browser.evaluate("document.title")).asString().doesNotContain("49");
      browser.open(server.uri("/static/none/icon.svg"));
    }
  }

  @Test
  void aCashierChargesTheCustomerPaysAndTheTillSaysSo() {
    browser.open(server.uri("/pos/" + storeId));
    for (String key : new String[] {"1", "2", ".", "5"}) {
      browser.click("[data-key=\"" + key + "\"]");
    }
    assertThat(browser.text("output")).isEqualTo("$ 12.50");
    browser.click(".charge");
    browser.until(PHASE.formatted("waiting"));
    browser.until("document.querySelector('[data-qr]').naturalWidth > 0");
    assertThat(browser.text(".open-part .large")).isEqualTo("$12.50");
    assertThat(browser.text("[data-clock]")).matches("1[45]:[0-9]{2}");

    browser.click("[data-demo]");
    browser.until(PHASE.formatted("paid"));
    assertThat(browser.text(".paid-screen h2")).isEqualTo("Paid");
    assertThat(browser.text("[data-voice]")).isEqualTo("Paid.");
    assertThat(browser.evaluate("document.activeElement.innerText")).isEqualTo("Next customer");
    String receipt =
        (String) browser.evaluate("document.querySelector('[data-link-to=printLink]').href");
    assertThat(server.get(java.net.URI.create(receipt).getPath()).body()).contains("$12.50");
    assertThat(browser.text(".paid-screen [data-link-to=receiptLink]"))
        .isEqualTo("See the receipt");
    assertThat(
            browser.evaluate(
                "document.querySelector('.paid-screen [data-link-to=receiptLink]').target"))
        .isEqualTo("_blank");
    String shown =
        (String)
            browser.evaluate(
                "document.querySelector('.paid-screen [data-link-to=receiptLink]').href");
    assertThat(shown).endsWith("/receipt");
    assertThat(server.get(java.net.URI.create(shown).getPath()).body())
        .contains("Proof of settlement");

    browser.click("[data-next]");
    assertThat(browser.text("output")).isEqualTo("$ 0.00");
    assertThat(browser.evaluate("location.hash")).isEqualTo("");
    assertThat(browser.errors).isEmpty();
  }

  @Test
  void theKeyboardWorksAndTakesOnlyWhatTheCurrencyHas() {
    browser.open(server.uri("/pos/" + storeId));
    browser.type("0012.345");
    assertThat(browser.text("output")).isEqualTo("$ 12.34");
    browser.key("Backspace", "");
    browser.key("Backspace", "");
    browser.key("Backspace", "");
    browser.type("34567");
    assertThat(browser.text("output")).isEqualTo("$ 1,234,567.00");
    browser.key("Escape", "");
    assertThat(browser.evaluate("document.querySelector('.charge').disabled")).isEqualTo(true);
    browser.type("7");
    browser.key("Enter", "\r");
    browser.until(PHASE.formatted("waiting"));
    assertThat(browser.text(".open-part .large")).isEqualTo("$7.00");
  }

  @Test
  void aPaymentShowsThroughTheStreamAlone() {
    InvoiceView invoice = invoice("25");
    browser.open(server.uri("/i/" + invoice.invoiceId()));
    browser.until("document.querySelector('[data-checkout]').dataset.ready === 'true'");
    awaitStream();
    browser.block("*/status");
    pay(invoice, 20_000);
    browser.until(PHASE.formatted("partial"));
    assertThat(browser.text("[data-when=\"partial\"]")).contains("0.0002", "0.0003");
    pay(invoice, 40_000);
    browser.until(PHASE.formatted("over"));
    assertThat(browser.text(".paid-screen")).contains("Paid", "You paid too much", "0.0001");
  }

  @Test
  void withoutAStreamThePageAsksAndWithoutAConnectionItSaysSo() {
    InvoiceView invoice = invoice("10");
    browser.block("*/v1/stream*", "*/status");
    browser.open(server.uri("/i/" + invoice.invoiceId()));
    browser.until("document.querySelector('[data-link]').dataset.link === 'lost'");
    assertThat(browser.text("[data-link]")).contains("No connection");
    pay(invoice, 20_000);
    browser.block("*/v1/stream*");
    browser.until(PHASE.formatted("paid"));
    assertThat(browser.evaluate("document.querySelector('[data-link]').dataset.link"))
        .isEqualTo("live");
  }

  /** Whoever knows an invoice can take all of its streams and sockets, and no more than that. */
  @Test
  void aPageThatGetsNoStreamBecauseOthersHaveThemAllAsks() {
    InvoiceView invoice = invoice("10");
    WebSocketClient client =
        merchants.vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(100));
    String path = "/i/" + invoice.invoiceId() + "/status/ws";
    try {
      for (int i = 0; i < LongLivedPlaces.MAX_OF_INVOICE; i++) {
        await(client.connect(server.port(), "127.0.0.1", path));
      }
      assertThat(server.get("/v1/stream?invoice=" + invoice.invoiceId()).statusCode())
          .isEqualTo(503);
      browser.open(server.uri("/i/" + invoice.invoiceId()));
      browser.until("document.querySelector('[data-checkout]').dataset.ready === 'true'");
      pay(invoice, 20_000);
      browser.until(PHASE.formatted("paid"));
      assertThat(browser.evaluate("document.querySelector('[data-link]').dataset.link"))
          .isEqualTo("live");
    } finally {
      await(client.close());
      browser.errors.clear();
    }
  }

  @Test
  void theTillSaysWhenTheTimeIsUpAndWhenMoneyCameLate() {
    InvoiceView invoice = invoice("10");
    browser.open(server.uri("/pos/" + storeId + "#" + invoice.invoiceId()));
    browser.until(PHASE.formatted("waiting"));
    merchants.now.addAndGet(16 * 60_000);
    browser.evaluate("window.dispatchEvent(new Event('online'))");
    browser.until(PHASE.formatted("expired"));
    assertThat(browser.text("[data-when=\"expired\"]")).contains("Time is up", "Nothing was paid");
    awaitStream();
    pay(invoice, 20_000);
    browser.until(PHASE.formatted("late"));
    assertThat(browser.text("[data-when=\"late\"]")).contains("Paid, but late");
  }

  @Test
  void cancellingLeadsBackToTheKeypad() {
    InvoiceView invoice = invoice("10");
    browser.open(server.uri("/pos/" + storeId + "#" + invoice.invoiceId()));
    browser.until(PHASE.formatted("waiting"));
    browser.click("[data-cancel]");
    browser.until("!document.querySelector('.keypad-view').hidden");
    assertThat(Phase.of(await(shop.invoice(invoice.invoiceId())).orElseThrow()))
        .isEqualTo(Phase.INVALID);
  }

  @Test
  void aRefusalIsShownAndTheAmountStays() {
    browser.open(server.uri("/pos/" + storeId));
    browser.type("5");
    browser.block("*/invoices");
    browser.click(".charge");
    browser.until("!document.querySelector('.keypad-view [role=alert]').hidden");
    assertThat(browser.text(".keypad-view [role=alert]")).contains("can’t be reached");
    assertThat(browser.text("output")).isEqualTo("$ 5.00");
    browser.block();
    browser.click(".charge");
    browser.until(PHASE.formatted("waiting"));
  }

  @ParameterizedTest
  @ValueSource(ints = {320, 360, 390, 1280})
  void nothingOverflowsAndTouchTargetsAreLargeEnough(int width) {
    browser.resize(width, 740);
    InvoiceView open = invoice("1234567.89");
    InvoiceView paid = invoice("10");
    pay(paid, 20_000);
    for (String path :
        new String[] {
          "/",
          "/pos/" + storeId,
          "/i/" + open.invoiceId(),
          "/i/" + paid.invoiceId(),
          "/i/" + paid.invoiceId() + "/receipt",
          "/i/" + paid.invoiceId() + "/receipt?print=true&width=58",
          "/nothing"
        }) {
      // Printing would wait for a person.
      browser.call(
          "Page.addScriptToEvaluateOnNewDocument",
          new JsonObject().put("source", "window.print = () => {}"));
      browser.open(server.uri(path));
      assertThat(
              browser.evaluate(
                  "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
          .as(path)
          .isEqualTo(0);
      assertThat(
              browser.evaluate(
                  """
                  [...document.querySelectorAll('button, .button, input')]
                    .filter((e) => e.getClientRects().length > 0)
                    .map((e) => e.getBoundingClientRect())
                    .filter((box) => box.height < 48 || box.width < 48).length
                  """))
          .as(path)
          .isEqualTo(0);
      assertThat(
              browser.evaluate(
                  """
                  [...document.querySelectorAll('a')]
                    .filter((e) => e.getClientRects().length > 0)
                    .filter((e) => e.getBoundingClientRect().height < 44).length
                  """))
          .as(path)
          .isEqualTo(0);
      assertThat(
              browser.evaluate(
                  """
                  [...document.querySelectorAll('.receipt dd, .receipt p, .receipt time')]
                    .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 13)
                    .map((e) => e.textContent).join()
                  """))
          .as(path)
          .isEqualTo("");
      assertThat(
              browser.evaluate(
                  "document.querySelectorAll('script:not([src]), style, [style]').length"))
          .as(path)
          .isEqualTo(0);
    }
    assertThat(browser.errors).filteredOn(error -> !error.contains("/nothing")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void everyTextStandsOutFromWhatIsBehindIt(String scheme) {
    browser.colours(scheme);
    InvoiceView open = invoice("10");
    InvoiceView paid = invoice("10");
    pay(paid, 30_000);
    int shot = 0;
    for (String path :
        new String[] {
          "/",
          "/docs",
          "/pos/" + storeId,
          "/pos/" + storeId + "#" + open.invoiceId(),
          "/pos/" + storeId + "#" + paid.invoiceId(),
          "/i/" + open.invoiceId(),
          "/i/" + paid.invoiceId(),
          "/i/" + paid.invoiceId() + "/receipt",
          "/nothing"
        }) {
      browser.open(server.uri("/static/none/icon.svg"));
      browser.open(server.uri(path));
      if (path.contains("#")) {
        browser.until("document.querySelector('.pay').dataset.phase");
      }
      assertThat(browser.faintTexts()).as(path).isEmpty();
      browser.screenshot("contrast-" + scheme + "-" + shot++);
      if (path.equals("/pos/" + storeId + "#" + paid.invoiceId())) {
        browser.point(".paid-screen [data-print-receipt]");
        assertThat(browser.faintTexts()).as("under the pointer").isEmpty();
      }
    }
    browser.colours("light");
  }

  @Test
  void aReceiptsBlockStandsBesideItsName() {
    InvoiceView paid = invoice("10");
    pay(paid, 20_000);
    browser.open(server.uri("/i/" + paid.invoiceId() + "/receipt"));
    assertThat(
            browser.evaluate(
                """
                (() => {
                  const bottom = (node) => {
                    const range = document.createRange();
                    range.selectNodeContents(node);
                    return range.getBoundingClientRect().bottom;
                  };
                  const link = document.querySelector('.ids a[href^="/explorer/block/"]');
                  const name = link.closest('dd').previousElementSibling;
                  return Math.abs(bottom(link) - bottom(name)) < 3;
                })()
                """))
        .isEqualTo(true);
  }

  @Test
  void theStartPageLeadsToWhatItNamesAndPromisesNothingWithoutScripts() {
    browser.open(server.uri("/"));
    for (String path : new String[] {"/explorer", "/docs"}) {
      assertThat(
              browser.evaluate(
                  "document.querySelector('.links a[href=\"" + path + "\"]') !== null"))
          .as(path)
          .isEqualTo(true);
    }
    assertThat(browser.evaluate("document.querySelector('[data-demo-store]').hidden"))
        .isEqualTo(false);
    for (int width : new int[] {320, 360, 375, 390}) {
      browser.resize(width, 2_000);
      assertThat(browser.evaluate(LINES.formatted(".tiles .value"))).as("" + width).isEqualTo(1);
    }
    browser.screenshot("start-390");
    browser.call("Emulation.setScriptExecutionDisabled", new JsonObject().put("value", true));
    try {
      browser.open(server.uri("/"));
      assertThat(browser.evaluate("document.querySelector('[data-demo-store]').hidden"))
          .isEqualTo(true);
      assertThat(browser.text("body")).contains("needs JavaScript");
    } finally {
      browser.call("Emulation.setScriptExecutionDisabled", new JsonObject().put("value", false));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {360, 390, 1280})
  void anAmountStaysOnOneLineAndACodesModulesAreEquallyWide(int width) {
    browser.resize(width, 844);
    for (String amount : new String[] {"1", "1000000", "20999999.12345678"}) {
      Till.Opened opened =
          await(
              merchants
                  .merchant
                  .till()
                  .open(
                      storeId,
                      new BigDecimal(amount),
                      Optional.of("TNDR"),
                      Optional.empty(),
                      Optional.empty()));
      browser.open(server.uri("/i/" + ((Till.Opened.Made) opened).view().invoiceId()));
      browser.until("document.querySelector('[data-qr]').naturalWidth > 0");
      assertThat(browser.evaluate(LINES.formatted(".open-part .large"))).as(amount).isEqualTo(1);
      assertThat(browser.evaluate("document.documentElement.scrollWidth")).isEqualTo(width);
      assertThat(
              browser.evaluate(
                  """
                  (() => {
                    const large = document.querySelector('.open-part .large');
                    return large.scrollWidth - large.clientWidth;
                  })()
                  """))
          .as(amount)
          .isEqualTo(0);
      assertThat(
              browser.evaluate("document.querySelector('[data-qr]').getBoundingClientRect().width"))
          .isEqualTo(browser.evaluate("document.querySelector('[data-qr]').naturalWidth"));
    }
  }

  private static InvoiceView invoice(String amount) {
    Till.Opened opened =
        await(
            merchants
                .merchant
                .till()
                .open(
                    storeId,
                    new BigDecimal(amount),
                    Optional.empty(),
                    Optional.of("Sundries"),
                    Optional.of(Long.toHexString(merchants.random.nextLong()))));
    return ((Till.Opened.Made) opened).view();
  }

  /** Until the page's stream is open; the browser knows, and so does the server. */
  private static void awaitStream() {
    browser.until(
        """
        performance.getEntriesByType('resource').length > 0
            && document.querySelector('[data-link]').dataset.link === 'live'
        """);
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (registry.get("tender.http.streams").gauge().value() < 1) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static void pay(InvoiceView invoice, long sat) {
    try {
      Script to = Address.parse(invoice.address().orElseThrow(), merchants.network);
      merchants.commit(merchants.block(new TransferOutput(Amount.ofSat(sat), to)));
    } catch (MalformedException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Future<Outcome> payFromDemoWallet(Script to, Amount amount) {
    return merchants.vertx.executeBlocking(
        () -> {
          SealedBlock block = merchants.block(new TransferOutput(amount, to));
          merchants.commit(block);
          return new Outcome.Accepted(block.block().transactions().get(1).txid());
        });
  }

  /** A chain on which nothing happens. */
  private static Settlement noBlocks() {
    Settlement.Status status = new Settlement.Status(250, Hash.ZERO, 0, ChainTotals.NONE, 0);
    return (Settlement)
        Proxy.newProxyInstance(
            Settlement.class.getClassLoader(),
            new Class<?>[] {Settlement.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "status" -> status;
                  case "onBlock" -> (Runnable) () -> {};
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
