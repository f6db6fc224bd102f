package network.tender.web.pages;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.journal.TestDatabase;
import network.tender.merchant.Accounts;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.Invoice;
import network.tender.merchant.InvoiceFilter;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.PosApp;
import network.tender.merchant.Store;
import network.tender.merchant.StoreRole;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The point of sale in a real browser, over the merchant's side on a real database. */
class AppInBrowserTest {
  private static final String PHASE = "document.querySelector('.pay').dataset.phase === '%s'";
  private static final String RECEIPT_LINK =
      """
      (() => {
        const link = [...document.querySelectorAll('%s')].find((a) => a.getClientRects().length > 0);
        return `${link.textContent} ${new URL(link.href).pathname}${new URL(link.href).search} ${link.target}`;
      })()
      """;
  private static final String READY =
      "document.querySelector('[data-app]').dataset.ready === 'true'";
  private static final String ITEMS =
      "[{'id':'tea','title':'Black tea','price':'2.50','categories':['Drinks']},"
          + "{'id':'latte','title':'Latte','price':'3.80','categories':['Drinks'],"
          + "'description':'Oat milk on request'},"
          + "{'id':'bun','title':'Cinnamon bun','price':'3.20','categories':['Bakery']},"
          + "{'id':'bread','title':'Rye bread','price':'4.90','categories':['Bakery']},"
          + "{'id':'soup','title':'Soup for all','price':'4','priceType':'Minimum',"
          + "'categories':['Kitchen']},"
          + "{'id':'gift','title':'Gift card','priceType':'Topup'},"
          + "{'id':'cake','title':'Cheesecake','price':'4.50','inventory':2,"
          + "'categories':['Bakery']},"
          + "{'id':'pie','title':'Apple pie','price':'4.50','inventory':0,'categories':['Bakery']},"
          + "{'id':'water','title':'Water','price':'1.20','categories':['Drinks']},"
          + "{'id':'off','title':'Not offered','price':'1','disabled':true}]";

  private static final String PASSWORD = "correct horse battery";
  private static MerchantFixture merchants;
  private static TestServer server;
  private static Browser browser;
  private static String admin;
  private Store store;
  private PosApp app;
  private String page;

  @BeforeAll
  static void start() {
    Optional<Path> program = Browser.find();
    if (program.isEmpty()) {
      System.err.println("AppInBrowserTest is skipped: no Chromium on the PATH");
    }
    assumeTrue(program.isPresent(), "no Chromium on the PATH");
    merchants = new MerchantFixture(TestDatabase.create());
    AtomicReference<String> kept = new AtomicReference<>();
    await(
        merchants
            .merchant
            .apiKeys()
            .ensureAdministratorKey(
                key -> {
                  kept.set(key);
                  return Future.succeededFuture();
                }));
    admin = kept.get();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    PageAssets assets = PageAssets.load(merchants.network);
    server =
        TestServer.start(
            merchants.vertx,
            new AppsSurface(
                assets,
                merchants.network,
                Optional.empty(),
                new AppShop(merchants.merchant),
                false,
                merchants.clock,
                System::nanoTime,
                registry),
            new PagesSurface(
                assets,
                merchants.network,
                Optional.empty(),
                new MerchantShop(merchants.merchant, merchants.curve),
                Optional.empty(),
                () -> 250,
                merchants.clock,
                System::nanoTime,
                registry));
    browser = new Browser(program.get());
    // Printing would wait for a person; what calls for it says so.
    browser.call(
        "Page.addScriptToEvaluateOnNewDocument",
        new JsonObject()
            .put(
                "source",
                "window.print = () => { window.top.printed = (window.top.printed ?? 0) + 1; }"));
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
  void openShop() {
    store = merchants.store();
    app =
        app(
            "{'appName':'Corner Coffee','showCustomAmount':true,'showDiscount':true,"
                + "'enableTips':true,'customTipPercentages':[5,10,15],'template':"
                + ITEMS
                + "}");
    page = "/apps/" + app.id() + "/pos";
    browser.block();
    browser.errors.clear();
    browser.resize(390, 844);
  }

  @AfterEach
  void leave() {
    offline(false);
    browser.block();
    browser.open(server.uri("/static/none/icon.svg"));
  }

  private PosApp app(String request) {
    List<FieldError> errors = new ArrayList<>();
    PosApp draft =
        merchants
            .merchant
            .posApps()
            .draft(
                store,
                ExactJson.parse(request.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
                    .orElseThrow(),
                errors);
    assertThat(errors).isEmpty();
    assertThat(await(merchants.merchant.posApps().insert(draft))).isTrue();
    return draft;
  }

  private static void offline(boolean offline) {
    browser.call(
        "Network.emulateNetworkConditions",
        new JsonObject()
            .put("offline", offline)
            .put("latency", 0)
            .put("downloadThroughput", -1)
            .put("uploadThroughput", -1));
  }

  private void open() {
    browser.open(server.uri(page));
    browser.until(READY);
  }

  private static void choose(String item) {
    browser.click(".item[value=" + item + "]");
  }

  private static void openSale() {
    if (Boolean.TRUE.equals(
        browser.evaluate("document.querySelector('[data-toggle]').offsetParent !== null"))) {
      browser.click("[data-toggle]");
    }
  }

  private Invoice newest() {
    return await(merchants.merchant.invoices().list(store.id(), InvoiceFilter.ALL)).get(0);
  }

  private int invoices() {
    return await(merchants.merchant.invoices().list(store.id(), InvoiceFilter.ALL)).size();
  }

  private static void pay(Invoice invoice) {
    merchants.commit(
        merchants.block(MerchantFixture.pays(invoice, invoice.terms().due().orElseThrow().sat())));
  }

  private String cashierKey(String label) {
    String user = await(merchants.merchant.apiKeys().find(admin)).orElseThrow().userId();
    return await(
            merchants
                .merchant
                .apiKeys()
                .create(
                    user,
                    label,
                    List.of(
                        "btcpay.store.cancreateinvoice:" + store.id(),
                        "btcpay.store.canviewinvoices:" + store.id())))
        .orElseThrow();
  }

  private static void signIn(String key) {
    browser.click("[data-open-sales]");
    browser.until("!document.querySelector('[data-sign-in]').hidden");
    browser.click("[data-sign-in] summary");
    browser.evaluate("document.querySelector('#key').value = '" + key + "'");
    browser.click("[data-by-key] .main");
  }

  private static void signIn(String email, String password) {
    browser.click("[data-open-sales]");
    browser.until("!document.querySelector('[data-sign-in]').hidden");
    assertThat(browser.evaluate("document.activeElement.id")).isEqualTo("email");
    type(email, password);
  }

  private static void type(String email, String password) {
    browser.evaluate(
        "document.querySelector('#email').value = '%s'; document.querySelector('#password').value = '%s'"
            .formatted(email, password));
    browser.click("[data-by-password] .main");
  }

  private String account(String email, Optional<StoreRole> role) {
    Accounts.Change made =
        await(
            merchants
                .merchant
                .accounts()
                .create(
                    new Accounts.Details(
                        Optional.of(email),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(PASSWORD)),
                    false));
    String id = ((Accounts.Change.Done) made).account().id();
    role.ifPresent(known -> await(merchants.merchant.storeUsers().add(store.id(), id, known)));
    return id;
  }

  private HttpResponse<String> postCashier(String path, String cookie, String body) {
    return server.send(
        server
            .request(page + "/cashier" + path)
            .header("Content-Type", "application/json")
            .header("Cookie", "till=" + cookie)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static String pass(HttpResponse<String> signedIn) {
    assertThat(signedIn.statusCode()).as(signedIn.body()).isEqualTo(200);
    String cookie = signedIn.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie).contains("HTTPOnly", "SameSite=Strict", "/pos");
    return cookie.substring("till=".length(), cookie.indexOf(';'));
  }

  @Test
  void aCashierSignsInWithAddressAndPasswordAndFindsTheOwnSalesAgain() {
    String anna = "anna-" + app.id().toLowerCase(Locale.ROOT) + "@shop.example";
    String id = account(anna, Optional.of(StoreRole.CASHIER));
    open();
    signIn(anna, "not the password");
    browser.until("!document.querySelector('[data-by-password] [role=alert]').hidden");
    assertThat(browser.text("[data-by-password] [role=alert]")).contains("password is wrong");
    browser.screenshot("app-wrong-password-390");
    type(anna, PASSWORD);
    browser.until("document.querySelector('[data-cashier]').textContent.includes('" + anna + "')");
    assertThat(browser.evaluate("document.querySelector('#password').value")).isEqualTo("");
    assertThat(browser.evaluate("document.cookie")).isEqualTo("");
    browser.click("[data-close-sales]");
    choose("tea");
    browser.click("[data-charge]");
    browser.until(PHASE.formatted("waiting"));
    assertThat(await(merchants.merchant.invoices().findSoldBy(newest().id(), id)).map(Invoice::id))
        .contains(newest().id());
    pay(newest());
    browser.until(PHASE.formatted("paid"));
    browser.click("[data-next]");
    browser.click("[data-open-sales]");
    browser.until("document.querySelectorAll('.sale-row').length === 1");
    browser.click("[data-sign-out]");
    browser.until("!document.querySelector('.sell-view').hidden");
    signIn(anna, PASSWORD);
    browser.until("document.querySelectorAll('.sale-row').length === 1");
    assertThat(browser.text(".sale-row")).contains("$2.50", "Paid", "Black tea");
    browser.click("[data-sign-out]");
    browser.until("!document.querySelector('.sell-view').hidden");
  }

  @Test
  void aLoginOfATillOpensNothingElseAndEndsWithThePasswordTheRoleAndTheSigningOut() {
    String ben = "ben-" + app.id().toLowerCase(Locale.ROOT) + "@shop.example";
    String id = account(ben, Optional.of(StoreRole.GUEST));
    String login = "{\"email\":\"" + ben + "\",\"password\":\"" + PASSWORD + "\"}";
    String left = pass(postCashier("", "", login));
    assertThat(salesAnswer(left).statusCode()).isEqualTo(200);
    String secret = left.substring(left.indexOf('-') + 1);
    assertThat(await(merchants.merchant.sessions().find(secret))).isEmpty();
    assertThat(await(merchants.merchant.apiKeys().find(secret))).isEmpty();
    assertThat(salesAnswer(secret).statusCode()).isEqualTo(403);
    assertThat(postCashier("/leave", left, "{}").statusCode()).isEqualTo(200);
    assertThat(salesAnswer(left).statusCode()).isEqualTo(403);

    String beforePassword = pass(postCashier("", "", login));
    await(
        merchants
            .merchant
            .accounts()
            .update(
                id,
                new Accounts.Details(
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(PASSWORD))));
    assertThat(salesAnswer(beforePassword).statusCode()).isEqualTo(403);

    String beforeRole = pass(postCashier("", "", login));
    await(merchants.merchant.storeUsers().remove(store.id(), id));
    assertThat(salesAnswer(beforeRole).statusCode()).isEqualTo(403);
    HttpResponse<String> noRole = postCashier("", "", login);
    assertThat(noRole.statusCode()).isEqualTo(403);
    assertThat(noRole.body()).contains("no role in the shop");
    assertThat(noRole.headers().firstValue("Set-Cookie")).isEmpty();
  }

  @Test
  void signingInTakesNoGuessesNoOtherSitesAndNoNonsense() {
    HttpResponse<String> foreign =
        server.send(
            server
                .request(page + "/cashier")
                .header("Content-Type", "application/json")
                .header("Origin", "https://evil.example")
                .POST(
                    HttpRequest.BodyPublishers.ofString("{\"email\":\"a@b\",\"password\":\"x\"}")));
    assertThat(foreign.statusCode()).isEqualTo(403);
    for (String body :
        List.of(
            "{}",
            "{\"email\":1,\"password\":[]}",
            "{\"email\":\"\\u0000@b\",\"password\":\"x\"}")) {
      HttpResponse<String> response = postCashier("", "", body);
      assertThat(response.statusCode()).as(body).isEqualTo(401);
      assertThat(response.body()).contains("wrong-login");
    }
    String guess =
        "{\"email\":\"guess-%s@shop.example\",\"password\":\"x\"}"
            .formatted(app.id().toLowerCase(Locale.ROOT));
    HttpResponse<String> last = postCashier("", "", guess);
    for (int i = 0; i < 30 && last.statusCode() == 401; i++) {
      last = postCashier("", "", guess);
    }
    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(last.body()).contains("too-many-logins");
    assertThat(last.headers().firstValue("Retry-After")).hasValue("60");
  }

  @ParameterizedTest
  @CsvSource({"390, 844", "1280, 800"})
  void aCashierSellsThreeItemsTheCustomerPaysAndTheReceiptPrints(int width, int height) {
    browser.resize(width, height);
    open();
    browser.screenshot("app-start-" + width);
    signIn(cashierKey("Anna"));
    browser.until("document.querySelector('[data-cashier]').textContent.includes('Anna')");
    assertThat(browser.text("[data-no-sales]")).isEqualTo("Nothing sold yet.");
    browser.screenshot("app-signed-in-" + width);
    browser.click("[data-close-sales]");

    choose("tea");
    choose("tea");
    choose("bun");
    assertThat(browser.text(".item[value=tea] .badge")).isEqualTo("2");
    assertThat(browser.text("[data-charge]")).isEqualTo("Charge $8.20");
    assertThat(browser.text("[data-told]")).isEqualTo("3 things, $8.20");
    browser.screenshot("app-chosen-" + width);
    openSale();
    browser.evaluate(
        """
        (() => {
          const field = document.querySelector('#discount');
          field.value = '10';
          field.dispatchEvent(new Event('input', { bubbles: true }));
        })()
        """);
    browser.click("[data-tip=\"5\"]");
    assertThat(browser.text("[data-sums]"))
        .contains("Subtotal", "$8.20", "Discount", "−$0.82", "Tip", "$0.37", "Total", "$7.75");
    browser.screenshot("app-sale-" + width);

    browser.click("[data-charge]");
    browser.until(PHASE.formatted("waiting"));
    browser.until("document.querySelector('[data-qr]').naturalWidth > 0");
    assertThat(browser.text(".open-part .large")).isEqualTo("$7.75");
    browser.screenshot("app-pay-" + width);

    pay(newest());
    browser.until(PHASE.formatted("paid"));
    assertThat(browser.text(".paid-screen h2")).isEqualTo("Paid");
    assertThat(browser.text("[data-voice]")).isEqualTo("Paid.");
    assertThat(browser.evaluate("document.activeElement.innerText")).isEqualTo("Next customer");
    browser.screenshot("app-paid-" + width);

    browser.click(".paid-screen [data-print-receipt]");
    browser.until("window.printed === 1");
    assertThat(browser.evaluate(RECEIPT_LINK.formatted(".paid-screen a:not([data-print-receipt])")))
        .isEqualTo("See the receipt /i/" + newest().id() + "/receipt _blank");
    assertThat(browser.evaluate("location.pathname")).isEqualTo(page);
    assertThat(
            browser.evaluate(
                "document.querySelector('iframe[data-printing]').contentDocument.querySelector('.bill').innerText"))
        .asString()
        .contains("2 × Black tea", "$5.00", "Cinnamon bun", "$3.20", "Discount 10 %", "Tip 5 %");

    browser.click("[data-next]");
    assertThat(browser.text("[data-charge]")).isEqualTo("Charge");
    assertThat(browser.evaluate("document.querySelectorAll('.basket-line').length")).isEqualTo(0);
    browser.click("[data-open-sales]");
    browser.until("document.querySelectorAll('.sale-row').length === 1");
    assertThat(browser.text(".sale-row")).contains("$7.75", "Paid", "2 × Black tea", "Print");
    browser.screenshot("app-sales-" + width);
    browser.click(".sale-row [data-print-receipt]");
    browser.until("window.printed === 2");
    assertThat(browser.evaluate(RECEIPT_LINK.formatted(".sale-row a:not([data-print-receipt])")))
        .isEqualTo("Receipt /i/" + newest().id() + "/receipt _blank");
    assertThat(
            browser.evaluate(
                "document.documentElement.scrollHeight - document.documentElement.clientHeight"))
        .as("what prints doesn't lengthen the page")
        .isEqualTo(0);
    browser.resize(320, 568);
    browser.screenshot("app-sales-320");
    assertThat(browser.evaluate("document.documentElement.scrollWidth <= 320")).isEqualTo(true);
    browser.resize(width, height);
    browser.open(server.uri("/i/" + newest().id() + "/receipt"));
    assertThat(browser.text(".bill")).contains("2 × Black tea", "Subtotal", "$8.20", "−$0.82");
    browser.screenshot("app-receipt-" + width);
    // Here is no stream, so the page asks instead.
    assertThat(browser.errors).allMatch(error -> error.matches("(?s).*/(v1/stream|favicon.ico).*"));
  }

  @Test
  void aCashierSeesOwnSalesOnlyAndNobodyElseSeesAny() {
    String anna = cashierKey("Anna");
    String ben = cashierKey("Ben");
    open();
    signIn(anna);
    browser.until("document.querySelector('[data-cashier]').textContent.includes('Anna')");
    browser.click("[data-close-sales]");
    choose("tea");
    browser.click("[data-charge]");
    browser.until(PHASE.formatted("waiting"));
    assertThat(sales(anna)).hasSize(1);
    assertThat(sales(ben)).isEmpty();
    for (String key : List.of("", "0123456789012345678901234567890123456789", admin + "0")) {
      assertThat(salesAnswer(key).statusCode()).isEqualTo(403);
    }
    Store other = merchants.store();
    assertThat(other.id()).isNotEqualTo(store.id());
    browser.click("[data-cancel]");
    browser.until("!document.querySelector('.sell-view').hidden");
    browser.click("[data-open-sales]");
    browser.until("document.querySelectorAll('.sale-row').length === 1");
    assertThat(browser.text(".sale-row")).contains("Cancelled");
    browser.click("[data-sign-out]");
    browser.until("!document.querySelector('.sell-view').hidden");
    browser.click("[data-open-sales]");
    browser.until("!document.querySelector('[data-sign-in]').hidden");
    assertThat(browser.evaluate("document.querySelectorAll('.sale-row').length")).isEqualTo(0);
    assertThat(browser.evaluate("document.cookie")).isEqualTo("");
  }

  private HttpResponse<String> salesAnswer(String key) {
    return server.send(server.request(page + "/sales").header("Cookie", "till=" + key));
  }

  private JsonArray sales(String key) {
    return new JsonObject(salesAnswer(key).body()).getJsonArray("sales");
  }

  @Test
  void withoutANetworkTheTillSaysSoNothingIsQueuedAndATryAgainIsTheSameSale() {
    open();
    choose("bun");
    offline(true);
    browser.until("!document.querySelector('[data-offline]').hidden");
    browser.click("[data-charge]");
    browser.until("!document.querySelector('[data-complaint-sale]').hidden");
    assertThat(browser.text("[data-complaint-sale]"))
        .contains("was not made", "never charged twice");
    browser.screenshot("app-offline-390");
    assertThat(invoices()).isZero();
    offline(false);
    browser.until("document.querySelector('[data-offline]').hidden");
    assertThat(invoices()).isZero();

    // The answer is lost, not the request: the second try finds the first one's invoice.
    browser.evaluate(
        """
        (() => {
          const real = window.fetch;
          window.keys = [];
          window.fetch = async (path, options = {}) => {
            const answer = await real(path, options);
            if (options.method === 'POST') {
              window.keys.push(options.headers['idempotency-key']);
              if (window.keys.length === 1) throw new TypeError('lost');
            }
            return answer;
          };
        })()
        """);
    browser.click("[data-charge]");
    browser.until("window.keys.length === 1 && !document.querySelector('[data-charge]').disabled");
    assertThat(invoices()).isEqualTo(1);
    browser.click("[data-charge]");
    browser.until(PHASE.formatted("waiting"));
    assertThat(browser.evaluate("new Set(window.keys).size")).isEqualTo(1);
    assertThat(invoices()).isEqualTo(1);
  }

  @Test
  void anInstalledTillOpensWithoutANetworkAndKeepsNothingOfAPayment() {
    open();
    browser.until("navigator.serviceWorker.controller !== null");
    choose("bun");
    browser.click("[data-charge]");
    browser.until(PHASE.formatted("waiting"));
    pay(newest());
    browser.until(PHASE.formatted("paid"));
    browser.click("[data-next]");
    browser.evaluate(KEPT.formatted(page));
    String kept =
        (String)
            browser.evaluate(
                """
                (async () => {
                  const paths = [];
                  for (const name of await caches.keys())
                    for (const request of await (await caches.open(name)).keys())
                      paths.push(new URL(request.url).pathname);
                  return paths.join('\\n');
                })()
                """);
    assertThat(kept.lines())
        .contains(page)
        .allMatch(path -> path.matches("/apps/[^/]+/pos|/static/[^/]+/[^/]+"));

    choose("tea");
    offline(true);
    browser.open(server.uri(page));
    browser.until(READY);
    browser.until("!document.querySelector('[data-offline]').hidden");
    assertThat(browser.text("h1")).isEqualTo("Corner Coffee");
    assertThat(browser.text("[data-charge]")).isEqualTo("Charge $2.50");
    offline(false);

    JsonObject manifest = new JsonObject(server.get(page + "/manifest.webmanifest").body());
    assertThat(manifest.getString("start_url")).isEqualTo(page);
    assertThat(manifest.getString("display")).isEqualTo("standalone");
    for (Object icon : manifest.getJsonArray("icons")) {
      assertThat(server.get(((JsonObject) icon).getString("src")).statusCode()).isEqualTo(200);
    }
  }

  /** Waits until the page is kept, and fails if that takes too long. */
  private static final String KEPT =
      """
      (async () => {
        for (let tries = 0; tries < 200; tries++) {
          for (const name of await caches.keys()) {
            if (await (await caches.open(name)).match('%s')) return true;
          }
          await new Promise((done) => setTimeout(done, 50));
        }
        throw new Error('not kept');
      })()
      """;

  @Test
  void theKeyboardAloneSells() {
    open();
    browser.evaluate("document.querySelector('#tab-items').focus()");
    browser.key("ArrowRight", "");
    assertThat(browser.evaluate("document.activeElement.id")).isEqualTo("tab-keypad");
    assertThat(browser.evaluate("document.querySelector('#panel-items').hidden")).isEqualTo(true);
    browser.type("0012.345");
    assertThat(browser.text("output")).isEqualTo("$ 12.34");
    // The focus is still on the tab; what is typed is added all the same.
    browser.key("Enter", "\r");
    assertThat(browser.text("[data-charge]")).isEqualTo("Charge $12.34");
    assertThat(browser.text(".basket-name")).isEqualTo("Keyed in");
    browser.evaluate("document.querySelector('[data-charge]').focus()");
    browser.key("Enter", "\r");
    browser.until(PHASE.formatted("waiting"));
    assertThat(browser.text(".open-part .large")).isEqualTo("$12.34");
    assertThat(browser.evaluate("document.activeElement.closest('.pay-view') !== null"))
        .isEqualTo(true);
  }

  @Test
  void itemsAreFoundByWordAndCategoryAndPricesAreAskedForWhereThereIsAChoice() {
    open();
    browser.click("[data-category=Bakery]");
    assertThat(shownItems()).isEqualTo("bun,bread,cake,pie");
    browser.evaluate(
        "document.querySelector('#find').value = 'RYE'; document.querySelector('#find').dispatchEvent(new Event('input'))");
    assertThat(shownItems()).isEqualTo("bread");
    browser.evaluate(
        "document.querySelector('#find').value = ''; document.querySelector('#find').dispatchEvent(new Event('input'))");
    browser.click("[data-category=\"\"]");
    assertThat(browser.evaluate("document.querySelector('.item[value=pie]').disabled"))
        .isEqualTo(true);

    choose("soup");
    browser.type("3");
    browser.key("Enter", "\r");
    assertThat(browser.evaluate("document.activeElement.getAttribute('aria-invalid')"))
        .isEqualTo("true");
    browser.evaluate("document.activeElement.value = ''");
    browser.type("5.5");
    browser.key("Enter", "\r");
    assertThat(browser.text("[data-charge]")).isEqualTo("Charge $5.50");

    for (int i = 0; i < 3; i++) {
      choose("cake");
    }
    assertThat(browser.text(".item[value=cake] .badge")).isEqualTo("2");
  }

  private static Object shownItems() {
    return browser.evaluate(
        "[...document.querySelectorAll('.item')].filter((i) => i.offsetParent).map((i) => i.value).join()");
  }

  @ParameterizedTest
  @CsvSource({
    "JPY, 0012.3, '¥ 123', 'Charge ¥123'",
    "BHD, 1.23456, 'BHD 1.234', 'Charge BHD 1.234'",
    "TNDR, 0.123456789, 'TNDR 0.12345678', 'Charge 0.12345678 TNDR'"
  })
  void theCurrencySaysHowManyDecimalsThereAre(
      String currency, String typed, String shown, String charge) {
    PosApp keypad = app("{'appName':'A','defaultView':'Light','currency':'" + currency + "'}");
    browser.open(server.uri("/apps/" + keypad.id() + "/pos"));
    browser.until(READY);
    browser.type(typed);
    assertThat(browser.text("output")).isEqualTo(shown);
    browser.key("Enter", "\r");
    assertThat(browser.text("[data-charge]").replace('\u00a0', ' ')).isEqualTo(charge);
  }

  @Test
  void aPageCanNotSetThePriceOfWhatHasOne() {
    open();
    choose("bread");
    browser.evaluate(
        """
        (() => {
          const real = window.fetch;
          window.fetch = (path, options = {}) =>
            real(path, { ...options, body: options.body?.replace('4.90', '0.01') });
        })()
        """);
    browser.click("[data-charge]");
    browser.until("!document.querySelector('[data-complaint-sale]').hidden");
    assertThat(browser.text("[data-complaint-sale]")).contains("Rye bread costs 4.90 now");
    assertThat(invoices()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "390, 844, false",
    "375, 667, false",
    "375, 667, true",
    "360, 640, false",
    "320, 568, false",
    "844, 390, false",
    "932, 430, false",
    "1280, 800, false"
  })
  void chargeStaysOnTheScreenWhateverTheSaleHolds(int width, int height, boolean offline) {
    browser.resize(width, height);
    open();
    signIn(cashierKey("Anna"));
    browser.until("document.querySelector('[data-cashier]').textContent.includes('Anna')");
    browser.click("[data-close-sales]");
    for (String item : List.of("tea", "tea", "bun", "latte", "bread", "cake")) {
      choose(item);
    }
    browser.click("#tab-keypad");
    browser.type("1.75");
    browser.key("Enter", "\r");
    browser.evaluate("window.scrollTo(0, 0)");
    openSale();
    browser.evaluate(
        """
        (() => {
          const field = document.querySelector('#discount');
          field.value = '10';
          field.dispatchEvent(new Event('input', { bubbles: true }));
          document.querySelector('[data-tip="5"]').click();
          document.querySelector('.basket-body').scrollTop = 0;
          window.scrollTo(0, 0);
        })()
        """);
    if (offline) {
      offline(true);
      browser.until("!document.querySelector('[data-offline]').hidden");
    }
    browser.screenshot("app-full-" + width + "x" + height + (offline ? "-offline" : ""));
    for (String control : List.of("[data-charge]", "[data-sums] .strong")) {
      assertThat(browser.evaluate(IN_SIGHT.formatted(control, control))).as(control).isEqualTo("");
    }
    if (width < 860) {
      assertThat(browser.evaluate(IN_SIGHT.formatted("[data-toggle]", "[data-toggle]")))
          .isEqualTo("");
    }
    // What has no room is scrolled to, and its focus ring isn't cut off.
    for (String control : List.of("#note", "#tip", "[data-clear]")) {
      browser.evaluate("document.querySelector('" + control + "').focus()");
      assertThat(browser.evaluate(IN_SIGHT.formatted(control, control))).as(control).isEqualTo("");
      assertThat(
              browser.evaluate(
                  """
                  (() => {
                    const inside = document.querySelector('%s').getBoundingClientRect();
                    const cut = document.querySelector('.basket-body').getBoundingClientRect();
                    return Math.min(inside.left - cut.left, cut.right - inside.right) >= 5;
                  })()
                  """
                      .formatted(control)))
          .as(control)
          .isEqualTo(true);
    }
  }

  /** Empty if all of an element is on the screen and nothing covers it; else what is wrong. */
  private static final String IN_SIGHT =
      """
      (() => {
        const element = [...document.querySelectorAll('%s')].at(-1);
        const box = element.getBoundingClientRect();
        if (box.top < 0 || box.bottom > innerHeight || box.height === 0) {
          return `%s is at ${box.top} to ${box.bottom} of ${innerHeight}`;
        }
        const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return element.contains(hit) ? '' : `covered by ${hit?.outerHTML}`;
      })()
      """;

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void theChosenTabIsTheBrighterOneAndTextsStandOut(String scheme) {
    browser.colours(scheme);
    open();
    choose("tea");
    openSale();
    assertThat(browser.faintTexts()).isEmpty();
    browser.screenshot("app-sale-" + scheme);
    openSale();
    browser.click("#tab-keypad");
    assertThat(browser.faintTexts()).isEmpty();
    browser.screenshot("app-tab-" + scheme);
    assertThat(
            browser.evaluate(
                """
                (() => {
                  const sum = (selector) =>
                    getComputedStyle(document.querySelector(selector)).backgroundColor
                      .match(/[0-9.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b);
                  return sum('#tab-keypad') - sum('.tabs') > 30;
                })()
                """))
        .isEqualTo(true);
    browser.colours("light");
  }

  @Test
  void aTipIsAskedForInTheCurrencyAndAReceiptNamesItsLines() {
    open();
    browser.click("#tab-keypad");
    browser.type("3");
    browser.key("Enter", "\r");
    openSale();
    assertThat(browser.text("label[for=tip]")).isEqualTo("Another tip in $");
    browser.click("[data-charge]");
    browser.until(PHASE.formatted("waiting"));
    pay(newest());
    browser.until(PHASE.formatted("paid"));
    browser.open(server.uri("/i/" + newest().id() + "/receipt"));
    assertThat(browser.text(".bill")).contains("Keyed in", "$3.00");
    assertThat(browser.text(".bill + .facts")).contains("Total").doesNotContain("Amount");
  }

  @ParameterizedTest
  @ValueSource(ints = {320, 360, 390, 1280})
  void nothingOverflowsTargetsAreLargeEnoughAndEverythingHasAName(int width) {
    browser.resize(width, 800);
    open();
    choose("latte");
    choose("bun");
    openSale();
    for (String step : List.of("sale", "keypad", "sales")) {
      if (step.equals("keypad")) {
        openSale();
        browser.click("#tab-keypad");
        browser.screenshot("app-keypad-" + width);
      } else if (step.equals("sales")) {
        browser.click("[data-open-sales]");
        browser.screenshot("app-sign-in-" + width);
      }
      assertThat(
              browser.evaluate(
                  "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
          .as(step)
          .isEqualTo(0);
      assertThat(
              browser.evaluate(
                  """
                  [...document.querySelectorAll('button, .button, a, label.switch, input:not([type=checkbox])')]
                    .filter((e) => e.getClientRects().length > 0)
                    .filter((e) => {
                      const box = e.getBoundingClientRect();
                      return box.height < 44 || box.width < 44;
                    })
                    .map((e) => e.outerHTML).join()
                  """))
          .as(step)
          .isEqualTo("");
      assertThat(namelessControls()).as(step).isEmpty();
    }
    assertThat(
            browser.evaluate(
                "document.querySelectorAll('script:not([src]), style, [style]').length"))
        .isEqualTo(0);
    // The picture that the test before ended with has no icon of its own.
    assertThat(browser.errors).allMatch(error -> error.contains("/favicon.ico"));
  }

  /** What a screen reader would call only "button" or "edit". */
  private static List<String> namelessControls() {
    List<String> nameless = new ArrayList<>();
    JsonArray nodes =
        browser.call("Accessibility.getFullAXTree", new JsonObject()).getJsonArray("nodes");
    for (Object each : nodes) {
      JsonObject node = (JsonObject) each;
      String role = node.getJsonObject("role", new JsonObject()).getString("value", "");
      String name =
          String.valueOf(node.getJsonObject("name", new JsonObject()).getValue("value", ""));
      if (!node.getBoolean("ignored", false)
          && List.of("button", "textbox", "searchbox", "checkbox", "tab", "link").contains(role)
          && name.isBlank()) {
        nameless.add(node.encode());
      }
    }
    return nameless;
  }

  @Test
  void formsForBtcpaysPointOfSaleMakeInvoicesToo() {
    HttpResponse<String> item = form("choiceKey=bread&amount=0.01", "text/html");
    assertThat(item.statusCode()).isEqualTo(302);
    assertThat(item.headers().firstValue("location")).hasValue("/i/" + newest().id());
    assertThat(newest().amount().orElseThrow()).isEqualByComparingTo("4.90");
    assertThat(newest().metadata().path("itemCode").asText()).isEqualTo("bread");

    HttpResponse<String> cart =
        form(
            "amount=1&posData="
                + java.net.URLEncoder.encode(
                    "{\"cart\":[{\"id\":\"tea\",\"count\":2,\"price\":0.01}],\"amounts\":[1],"
                        + "\"tip\":0.5,\"discountPercentage\":0}",
                    StandardCharsets.UTF_8),
            "application/json");
    assertThat(cart.statusCode()).as(cart.body()).isEqualTo(200);
    assertThat(new JsonObject(cart.body()).getString("invoiceId")).isEqualTo(newest().id());
    assertThat(newest().amount().orElseThrow()).isEqualByComparingTo("6.50");

    assertThat(form("amount=7.5&tip=0.5", "text/html").statusCode()).isEqualTo(302);
    assertThat(newest().amount().orElseThrow()).isEqualByComparingTo("7.5");
    assertThat(form("amount=-1", "text/html").statusCode()).isEqualTo(422);
    assertThat(form("choiceKey=off", "application/json").statusCode()).isEqualTo(422);
    assertThat(form("choiceKey=gift", "text/html").statusCode()).isEqualTo(302);
    assertThat(newest().amount()).isEmpty();
  }

  @Test
  void aFormsOrderThatIsSentAgainWithItsKeyIsOneInvoice() {
    String key = java.util.UUID.randomUUID().toString();
    String body = "amount=7.5";
    String first = form(body, "application/json", "Idempotency-Key", key).body();
    assertThat(new JsonObject(first).getString("invoiceId")).isNotBlank();
    assertThat(form(body, "application/json", "Idempotency-Key", key).body()).isEqualTo(first);
    assertThat(form(body, "application/json").body()).isNotEqualTo(first);
    assertThat(form(body, "application/json", "Idempotency-Key", "short").statusCode())
        .isEqualTo(400);
  }

  private HttpResponse<String> form(String body, String accept, String... headers) {
    merchants.now.addAndGet(1_000);
    HttpRequest.Builder request =
        server
            .request(page)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", accept)
            .header("Origin", "https://shop.example")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return server.send(headers.length == 0 ? request : request.headers(headers));
  }
}
