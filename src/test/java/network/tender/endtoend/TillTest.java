package network.tender.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.web.pages.Browser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A shop's day at the till: a real node, a real browser, a real wallet. */
@Timeout(180)
class TillTest {
  private static final String ITEMS =
      "[{\"id\":\"tea\",\"title\":\"Tea\",\"price\":\"2.50\"},"
          + "{\"id\":\"bun\",\"title\":\"Bun\",\"price\":\"3.20\"},"
          + "{\"id\":\"soup\",\"title\":\"Soup\",\"price\":\"6.00\"}]";

  @TempDir private static Path folder;

  @Test
  void aCashierSellsThreeItemsTheCustomerPaysWithAWalletAndTheReceiptPrints() {
    Optional<Path> program = Browser.find();
    if (program.isEmpty()) {
      System.err.println("TillTest is skipped: no Chromium on the PATH");
    }
    assumeTrue(program.isPresent(), "no Chromium on the PATH");
    try (NodeProcess node = NodeProcess.start(folder.resolve("data"));
        Browser browser = new Browser(program.get())) {
      Api api = new Api(node);
      Wallet shop = Wallet.make(folder.resolve("shop.json"), node.http());
      Wallet customer = Wallet.make(folder.resolve("customer.json"), node.http());
      api.faucet(customer.address(), "1");
      String store =
          api.post("/api/v1/stores", Map.of("name", "Corner shop", "defaultCurrency", "USD"))
              .expect(200)
              .json()
              .path("id")
              .asText();
      api.put(
              "/api/v1/stores/" + store + "/payment-methods/TNDR-CHAIN",
              Map.of("enabled", true, "config", shop.xpub()))
          .expect(200);
      String app =
          api.post(
                  "/api/v1/stores/" + store + "/apps/pos",
                  Map.of("appName", "Counter", "enableTips", true, "template", ITEMS))
              .expect(200)
              .json()
              .path("id")
              .asText();
      String key =
          api.post(
                  "/api/v1/api-keys",
                  Map.of(
                      "label",
                      "Anna",
                      "permissions",
                      List.of(
                          "btcpay.store.cancreateinvoice:" + store,
                          "btcpay.store.canviewinvoices:" + store)))
              .expect(200)
              .json()
              .path("apiKey")
              .asText();

      browser.call(
          "Page.addScriptToEvaluateOnNewDocument",
          new JsonObject()
              .put(
                  "source",
                  "window.print = () => { window.top.printed = (window.top.printed ?? 0) + 1; }"));
      browser.resize(1280, 800);
      browser.open(URI.create(node.http() + "/apps/" + app + "/pos"));
      browser.until("document.querySelector('[data-app]').dataset.ready === 'true'");
      browser.click("[data-open-sales]");
      browser.click("[data-sign-in] summary");
      browser.evaluate("document.querySelector('#key').value = '" + key + "'");
      browser.click("[data-by-key] .main");
      browser.until("document.querySelector('[data-cashier]').textContent.includes('Anna')");
      // What comes above the switch moves it.
      browser.until("!document.querySelector('[data-no-sales]').hidden");
      browser.click("[data-auto-print]");
      browser.until("document.querySelector('[data-auto-print]').checked");
      browser.click("[data-close-sales]");
      for (String item : List.of("tea", "bun", "soup")) {
        browser.click(".item[value=" + item + "]");
      }
      assertThat(browser.text("[data-charge]")).isEqualTo("Charge $11.70");
      browser.click("[data-charge]");
      browser.until("document.querySelector('.pay').dataset.phase === 'waiting'");

      String invoice = (String) browser.evaluate("document.querySelector('.pay').dataset.invoice");
      JsonNode method =
          api.get("/api/v1/invoices/" + invoice + "/payment-methods").expect(200).json().get(0);
      customer.pay(method.path("paymentLink").asText());

      browser.until("document.querySelector('.pay').dataset.phase === 'paid'");
      assertThat(browser.text(".paid-screen h2")).isEqualTo("Paid");
      browser.until("window.printed === 1");
      browser.click("[data-next]");
      browser.click("[data-open-sales]");
      browser.until("document.querySelectorAll('.sale-row').length === 1");
      assertThat(browser.text(".sale-row")).contains("$11.70", "Paid", "Tea, Bun, Soup");
      assertThat(browser.errors).isEmpty();

      JsonNode paid = api.get("/api/v1/invoices/" + invoice).expect(200).json();
      assertThat(paid.path("status").asText()).isEqualTo("Settled");
      assertThat(paid.at("/metadata/posData/cart")).hasSize(3);
      JsonNode top = api.get("/api/v1/apps/" + app + "/top-items").expect(200).json();
      assertThat(top).hasSize(3);
      assertThat(
              api.get("/api/v1/apps/" + app + "/sales")
                  .expect(200)
                  .json()
                  .path("salesCount")
                  .asInt())
          .isEqualTo(3);
    }
  }
}
