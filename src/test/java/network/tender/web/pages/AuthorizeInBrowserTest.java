package network.tender.web.pages;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import network.tender.journal.TestDatabase;
import network.tender.merchant.Account;
import network.tender.merchant.Accounts;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.Store;
import network.tender.merchant.StoreRole;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A shop's owner in a real browser: log in, pick a store, say yes; and a real shop that waits. */
class AuthorizeInBrowserTest {
  private static MerchantFixture merchants;
  private static TestServer server;
  private static HttpServer shop;
  private static Browser browser;
  private static Account ann;
  private static Store second;
  private static final BlockingQueue<MultiMap> posted = new LinkedBlockingQueue<>();

  @BeforeAll
  static void start() {
    Optional<Path> program = Browser.find();
    if (program.isEmpty()) {
      System.err.println("AuthorizeInBrowserTest is skipped: no Chromium on the PATH");
    }
    assumeTrue(program.isPresent(), "no Chromium on the PATH");
    merchants = new MerchantFixture(TestDatabase.create());
    server =
        TestServer.start(
            merchants.vertx,
            new AccountsSurface(
                PageAssets.load(merchants.network), merchants.merchant, Optional.empty()),
            new PagesSurfaceFiles());
    shop =
        await(
            merchants
                .vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      request.setExpectMultipart(request.method().name().equals("POST"));
                      request.endHandler(
                          ended -> {
                            if (request.method().name().equals("POST")) {
                              posted.add(request.formAttributes());
                              // As plugins do: on to their own settings page.
                              request
                                  .response()
                                  .setStatusCode(302)
                                  .putHeader("Location", "/settings")
                                  .end();
                            } else {
                              request
                                  .response()
                                  .putHeader("Content-Type", "text/html")
                                  .end("<title>Shop</title><h1>Paired</h1>");
                            }
                          });
                    })
                .listen(0, "127.0.0.1"));
    Accounts.Change made =
        await(
            merchants
                .merchant
                .accounts()
                .create(
                    new Accounts.Details(
                        Optional.of("ann@shop.example"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("pass: word")),
                    false));
    ann = ((Accounts.Change.Done) made).account();
    for (int i = 0; i < 2; i++) {
      second = merchants.store();
      await(merchants.merchant.storeUsers().add(second.id(), ann.id(), StoreRole.OWNER));
    }
    browser = new Browser(program.get());
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
      await(shop.close());
      server.close();
      merchants.close();
    }
  }

  @BeforeEach
  void phone() {
    browser.errors.clear();
    browser.resize(390, 844);
    browser.call("Network.clearBrowserCookies", new JsonObject());
    posted.clear();
  }

  private static String link() {
    String redirect = "http://127.0.0.1:" + shop.actualPort() + "/?callback=1&x=a[b]";
    return "/api-keys/authorize?permissions=btcpay.store.canviewinvoices"
        + "&permissions=btcpay.store.cancreateinvoice&applicationName=My%20shop&strict=true"
        + "&selectiveStores=true&redirect="
        + URLEncoder.encode(redirect, StandardCharsets.UTF_8);
  }

  private static void logIn() {
    browser.open(server.uri(link()));
    assertThat(browser.text("h1")).isEqualTo("Log in");
    assertThat(browser.evaluate("document.activeElement.id")).isEqualTo("email");
    assertFits();
    browser.type("ann@shop.example");
    browser.click("#password");
    browser.type("wrong word");
    browser.click("button[type=submit]");
    arrive("document.querySelector('[role=alert]')?.innerText.includes('is wrong')");
    browser.click("#password");
    browser.type("pass: word");
    browser.click("button[type=submit]");
    arrive("document.querySelector('h1')?.innerText === 'Give access to My shop?'");
  }

  /** Waits for a page from here: where pages may run no scripts, they can't wait themselves. */
  private static void arrive(String expression) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < deadline) {
      try {
        if (Boolean.TRUE.equals(browser.evaluate("Boolean(" + expression + ")"))) {
          return;
        }
      } catch (IllegalStateException e) {
        // Between two pages there is none to ask.
      }
    }
    throw new AssertionError("waited in vain for " + expression);
  }

  /** Nothing is wider than the phone, and all that is pressed is large enough for a thumb. */
  private static void assertFits() {
    assertThat(browser.evaluate("document.documentElement.scrollWidth <= innerWidth"))
        .isEqualTo(true);
    assertThat(
            browser.evaluate(
                """
                [...document.querySelectorAll('button, a.button, label.choice, input:not([type=hidden])')]
                  .map((one) => one.closest('label.choice') ?? one)
                  .filter((one) => one.getClientRects().length > 0)
                  .every((one) => one.getBoundingClientRect().height >= 44)
                """))
        .isEqualTo(true);
    assertThat(
            browser.evaluate(
                """
                [...document.querySelectorAll('input:not([type=hidden])')]
                  .every((one) => one.labels.length > 0 && one.labels[0].innerText.trim() !== '')
                """))
        .as("a screen reader has a name for each field")
        .isEqualTo(true);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anOwnerPairsAShopByPhoneWithScriptsAndWithout(boolean scripts) throws Exception {
    browser.call("Emulation.setScriptExecutionDisabled", new JsonObject().put("value", !scripts));
    try {
      logIn();
      assertThat(browser.text("[data-host]")).isEqualTo("127.0.0.1:" + shop.actualPort());
      assertFits();
      browser.click("input[value=\"" + second.id() + "\"]");
      browser.click("button[name=answer]");
      if (!scripts) {
        arrive("document.querySelector('h1')?.innerText.startsWith('Going back to')");
        assertThat(posted).isEmpty();
        browser.click("button[type=submit]");
      }
      arrive("document.querySelector('h1')?.innerText === 'Paired'");
    } finally {
      browser.call("Emulation.setScriptExecutionDisabled", new JsonObject().put("value", false));
    }
    MultiMap form = posted.poll(10, TimeUnit.SECONDS);
    assertThat(form.getAll("permissions[]"))
        .containsExactly(
            "btcpay.store.canviewinvoices:" + second.id(),
            "btcpay.store.cancreateinvoice:" + second.id());
    assertThat(form.get("userId")).isEqualTo(ann.id());
    assertThat(await(merchants.merchant.apiKeys().find(form.get("apiKey")))).isPresent();
    assertThat(posted).as("once").isEmpty();
    assertThat(browser.errors).filteredOn(error -> !error.contains("401")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {320, 390, 1280})
  void aKeyThatIsShownOnceFitsItsCardAndIsCopied(int width) {
    browser.resize(width, 844);
    browser.open(server.uri(link().replaceFirst("&redirect=.*", "")));
    browser.click("#email");
    browser.type("ann@shop.example");
    browser.click("#password");
    browser.type("pass: word");
    browser.click("button[type=submit]");
    arrive("document.querySelector('h1')?.innerText === 'Give access to My shop?'");
    browser.click("input[value=\"" + second.id() + "\"]");
    browser.click("button[name=answer]");
    arrive("document.querySelector('[data-key]')");
    assertFits();
    assertThat(
            browser.evaluate(
                """
                (() => {
                  const range = document.createRange();
                  range.selectNodeContents(document.querySelector('[data-key]'));
                  const note = document.querySelector('.note').getBoundingClientRect();
                  return range.getBoundingClientRect().right <= note.right
                      && note.right <= document.querySelector('.card').getBoundingClientRect().right;
                })()
                """))
        .isEqualTo(true);
    browser.screenshot("key-" + width);
    String key = browser.text("[data-key]");
    assertThat(await(merchants.merchant.apiKeys().find(key))).isPresent();
    // Headless Chromium has no clipboard to read from; what is handed to it is what counts.
    browser.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } })");
    browser.click("[data-copy]");
    browser.until("window.copied === document.querySelector('[data-key]').textContent");
    browser.until("document.querySelector('[data-copy]').innerText === 'Copied'");
  }

  @Test
  void theKeyboardIsEnough() throws Exception {
    logIn();
    browser.evaluate("document.querySelector('input[type=radio]').focus()");
    browser.key(" ", " ");
    assertThat(browser.evaluate("document.querySelector('input[type=radio]').checked"))
        .isEqualTo(true);
    browser.key("Enter", "\r");
    arrive("document.querySelector('h1')?.innerText === 'Paired'");
    assertThat(posted.poll(10, TimeUnit.SECONDS).getAll("permissions[]")).hasSize(2);
  }
}
