package network.tender.web.pages;

import static java.nio.charset.StandardCharsets.UTF_8;
import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.WebSocketClient;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import network.tender.journal.TestDatabase;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Invoice;
import network.tender.merchant.InvoiceIssuer;
import network.tender.merchant.InvoiceRequest;
import network.tender.merchant.MerchantFixture;
import network.tender.merchant.Store;
import network.tender.web.LongLivedPlaces;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The checkout as a shop shows it: in a frame of its own page, which is of another origin. */
class ModalInBrowserTest {
  /** What WooCommerce's plugin does with {@code btcpay.js}, without the shop. */
  private static final String SHOP_PAGE =
      """
      <!doctype html><html><head><title>Shop</title><script src="%s/modal/btcpay.js"></script></head>
      <body><h1>A shop</h1><script>
      window.heard = [];
      window.entered = window.left = 0;
      btcpay.onModalWillEnter(() => window.entered++);
      btcpay.onModalWillLeave(() => window.left++);
      btcpay.onModalReceiveMessage((event) => window.heard.push(event.data));
      </script></body></html>
      """;

  private static MerchantFixture merchants;
  private static TestServer server;
  private static HttpServer shopServer;
  private static Store store;

  @BeforeAll
  static void start() {
    merchants = new MerchantFixture(TestDatabase.create());
    server =
        TestServer.start(
            merchants.vertx,
            new PagesSurface(
                PageAssets.load(merchants.network),
                merchants.network,
                Optional.empty(),
                new MerchantShop(merchants.merchant, merchants.curve),
                Optional.empty(),
                () -> 250,
                merchants.clock,
                System::nanoTime,
                new SimpleMeterRegistry()));
    shopServer =
        await(
            merchants
                .vertx
                .createHttpServer()
                .requestHandler(
                    request ->
                        request
                            .response()
                            .putHeader("content-type", "text/html")
                            .end(SHOP_PAGE.formatted(server.uri(""))))
                .listen(0, "127.0.0.1"));
    store = merchants.store();
  }

  @AfterAll
  static void stop() {
    server.close();
    await(shopServer.close());
    merchants.close();
  }

  private static void pay(Invoice invoice, long sat) {
    merchants.commit(merchants.block(MerchantFixture.pays(invoice, sat)));
  }

  @Test
  void aShopShowsTheCheckoutAboveItsPageAndHearsOfThePayment() {
    Optional<Path> program = Browser.find();
    if (program.isEmpty()) {
      System.err.println("ModalInBrowserTest is skipped: no Chromium on the PATH");
    }
    assumeTrue(program.isPresent(), "no Chromium on the PATH");
    Invoice invoice = merchants.invoice(store, "10", "USD");
    try (Browser browser = new Browser(program.get())) {
      browser.resize(1280, 800);
      browser.open(URI.create("http://localhost:" + shopServer.actualPort() + "/"));
      assertThat(browser.evaluate("Object.keys(btcpay).sort().join()"))
          .isEqualTo(
              "appendAndShowInvoiceFrame,appendInvoiceFrame,hideFrame,onModalReceiveMessage,"
                  + "onModalWillEnter,onModalWillLeave,setApiUrlPrefix,showFrame,showInvoice");
      browser.evaluate("btcpay.showInvoice('" + invoice.id() + "')");
      browser.until("window.heard.includes('loaded')");
      browser.until("document.querySelector('iframe[name=btcpay]').style.display === 'block'");
      assertThat(browser.evaluate("window.entered")).isEqualTo(1);
      browser.screenshot("modal-1280");

      pay(invoice, 20_000);
      browser.until("window.heard.some((message) => message.status === 'settled')");
      assertThat(browser.evaluate("window.heard.find((message) => message.status).invoiceId"))
          .isEqualTo(invoice.id());
      browser.screenshot("modal-paid-1280");

      browser.evaluate("document.querySelector('iframe[name=btcpay]').contentWindow.focus()");
      browser.key("Escape", "");
      browser.until("document.querySelector('iframe[name=btcpay]') === null");
      assertThat(browser.evaluate("window.left")).isEqualTo(1);

      // A shop that opens it again is told at once.
      browser.evaluate(
          "window.heard = []; btcpay.appendAndShowInvoiceFrame('%s', '%s')"
              .formatted(invoice.id(), merchants.network.paymentMethodId()));
      browser.until("window.heard.some((message) => message.status === 'settled')");
    }
  }

  @Test
  void theSocketSendsAByteWhenTheInvoiceChanges() throws InterruptedException {
    Invoice invoice = merchants.invoice(store, "10", "USD");
    BlockingQueue<Buffer> bytes = new LinkedBlockingQueue<>();
    WebSocketClient client = merchants.vertx.createWebSocketClient();
    ClientWebSocket socket = client.webSocket();
    socket.binaryMessageHandler(bytes::add);
    await(socket.connect(server.port(), "127.0.0.1", "/i/" + invoice.id() + "/status/ws"));
    assertThat(bytes.poll(10, TimeUnit.SECONDS)).isEqualTo(Buffer.buffer(new byte[1]));
    assertThat(bytes).isEmpty();
    pay(invoice, 20_000);
    assertThat(bytes.poll(10, TimeUnit.SECONDS)).isEqualTo(Buffer.buffer(new byte[1]));
    assertThat(server.get("/i/" + invoice.id() + "/status?paymentMethodId=TNDR").body())
        .contains("\"status\":\"Settled\"");
    await(client.close());
  }

  @Test
  void anInvoiceHasSomeSockets() {
    Invoice invoice = merchants.invoice(store, "10", "USD");
    WebSocketClient client =
        merchants.vertx.createWebSocketClient(
            new io.vertx.core.http.WebSocketClientOptions().setMaxConnections(1_000));
    String path = "/i/" + invoice.id() + "/status/ws";
    for (int i = 0; i < LongLivedPlaces.MAX_OF_INVOICE; i++) {
      await(client.connect(server.port(), "127.0.0.1", path));
    }
    assertThat(
            client
                .connect(server.port(), "127.0.0.1", path)
                .toCompletionStage()
                .toCompletableFuture())
        .failsWithin(java.time.Duration.ofSeconds(10));
    Invoice other = merchants.invoice(store, "10", "USD");
    await(client.connect(server.port(), "127.0.0.1", "/i/" + other.id() + "/status/ws"));
    assertThat(
            server
                .registry
                .get("tender.http.long.lived.refused")
                .tag("limit", "invoice")
                .counter()
                .count())
        .isPositive();
    await(client.close());
  }

  @Test
  void aSocketOfAnInvoiceThatDoesNotExistIsClosed() throws InterruptedException {
    BlockingQueue<Short> closed = new LinkedBlockingQueue<>();
    WebSocketClient client = merchants.vertx.createWebSocketClient();
    // Told before it is connected: the server may have closed it before connect's future is seen
    // here.
    ClientWebSocket socket = client.webSocket();
    socket.closeHandler(v -> closed.add(socket.closeStatusCode()));
    await(socket.connect(server.port(), "127.0.0.1", "/i/nosuch/status/ws"));
    assertThat(closed.poll(10, TimeUnit.SECONDS)).isEqualTo((short) 1008);
    assertThat(server.get("/i/nosuch/status").statusCode()).isEqualTo(404);
    assertThat(server.get("/i/nosuch/status/ws").statusCode()).isEqualTo(404);
    await(client.close());
  }

  @Test
  void whatCostsNothingLeadsToItsReceiptOrBackToTheShop() {
    Invoice free = merchants.invoice(store, "0", "USD");
    java.net.http.HttpResponse<String> checkout = server.get("/i/" + free.id());
    assertThat(checkout.statusCode()).isEqualTo(302);
    assertThat(checkout.headers().firstValue("location")).hasValue("/i/" + free.id() + "/receipt");
    assertThat(server.get("/i/" + free.id() + "/receipt").statusCode()).isEqualTo(200);

    Store quietStore = merchants.store();
    await(
        merchants
            .merchant
            .stores()
            .update(
                quietStore,
                quietStore
                    .settings()
                    .merge(
                        ExactJson.parse("{\"receipt\":{\"enabled\":false}}".getBytes(UTF_8))
                            .orElseThrow(),
                        merchants.merchant.rates(),
                        new ArrayList<>())));
    InvoiceRequest request =
        InvoiceRequest.of(BigDecimal.ZERO, Optional.of("USD"))
            .with(
                ExactJson.object().put("orderUrl", "https://shop.example/order/7"),
                Optional.empty());
    Store now = await(merchants.merchant.stores().find(quietStore.id())).orElseThrow();
    Invoice quiet =
        ((InvoiceIssuer.Issued.Made) await(merchants.merchant.issuer().issue(now, request)))
            .invoice();
    assertThat(server.get("/i/" + quiet.id()).headers().firstValue("location"))
        .hasValue("https://shop.example/order/7");
    assertThat(server.get("/i/" + quiet.id() + "/receipt").statusCode()).isEqualTo(404);
  }
}
