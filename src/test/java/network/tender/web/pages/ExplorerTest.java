package network.tender.web.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import network.tender.chain.Network;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The explorer's pages as the server sends them. */
class ExplorerTest {
  private static final String HASH =
      "4f5c2b8ad5f0ad6f1e1f5d2f7b6fbd5bb84f0f1f32b5a1d3c39e0a1b2c3d4e5f";
  private static final Pattern LOCAL_LINK = Pattern.compile("(?:href|src)=\"(/[^\"#?]*)");
  private static Vertx vertx;
  private static TestServer reader;
  private static TestServer shop;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    reader =
        TestServer.start(
            vertx,
            new ExplorerSurface(
                PageAssets.load(Network.regtest()),
                Optional.of(URI.create("https://node.example/"))));
    shop =
        TestServer.start(
            vertx,
            new PagesSurface(
                PageAssets.load(Network.regtest()),
                Network.regtest(),
                Optional.empty(),
                new SampleShop(SampleShop.NOW),
                Optional.empty(),
                () -> 250,
                InstantSource.system(),
                System::nanoTime,
                new SimpleMeterRegistry()));
  }

  @AfterAll
  static void stop() {
    reader.close();
    shop.close();
    TestServer.await(vertx.close());
  }

  private static HttpResponse<String> page(TestServer server, String path) {
    return server.send(server.request(path).header("Accept", "text/html").GET());
  }

  static List<String> pages() {
    return List.of(
        "/explorer",
        "/explorer/block/0",
        "/explorer/block/" + HASH,
        "/explorer/tx/" + HASH,
        "/explorer/address/" + SampleShop.ADDRESS,
        "/explorer/address/" + HASH,
        "/explorer/receipt/" + HASH,
        "/explorer/verify",
        "/explorer/search");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyPageIsThereWithAndWithoutAShopAndNeedsNothingThatItsPolicyForbids(String path) {
    for (TestServer server : List.of(reader, shop)) {
      HttpResponse<String> page = page(server, path);
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
          .contains("default-src 'none'", "script-src 'self'", "connect-src 'self'")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(page.body())
          .contains("<h1", "role=\"search\"", "<noscript>", "lang=\"en\"")
          .doesNotContainPattern("<script(?![^>]* src=)")
          .doesNotContainPattern("<style|\\sstyle=|\\son[a-z]+=");
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatAPageLinksToIsThere(String path) {
    for (TestServer server : List.of(reader, shop)) {
      Matcher links = LOCAL_LINK.matcher(page(server, path).body());
      while (links.find()) {
        String link = links.group(1);
        if (!link.startsWith("/v1/")) {
          assertThat(page(server, link).statusCode()).as(link).isIn(200, 302);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/explorer/block/1234567890",
        "/explorer/block/abc",
        "/explorer/block/-1",
        "/explorer/tx/12",
        "/explorer/receipt/12",
        "/explorer/address/%3Cscript%3E",
        "/explorer/address/a%20b",
        "/explorer/nothing"
      })
  void whatNothingCanBeCalledIsAPageThatSaysSo(String path) {
    HttpResponse<String> page = page(reader, path);
    assertThat(page.statusCode()).isEqualTo(404);
    assertThat(page.headers().firstValue("content-type").orElseThrow()).startsWith("text/html");
    assertThat(page.body()).doesNotContain("<script>");
  }

  @Test
  void theCommandsNameTheNodeAsItIsSeenFromOutside() {
    assertThat(page(reader, "/explorer").body())
        .contains(
            "chain verify --node https://node.example</code>",
            "node --follow https://node.example</code>",
            "chain export --node https://node.example chain.hex</code>",
            "submitblock");
    assertThat(page(shop, "/explorer").body())
        .contains("chain verify --node http://127.0.0.1:" + shop.port() + "</code>");
  }

  @Test
  void aNodeWithoutMerchantsBeginsWithTheExplorer() {
    HttpResponse<String> start = page(reader, "/");
    assertThat(start.statusCode()).isEqualTo(302);
    assertThat(start.headers().firstValue("location").orElseThrow()).isEqualTo("/explorer");
    assertThat(page(reader, "/pos/usd").statusCode()).isEqualTo(404);
    assertThat(page(reader, "/explorer").body()).doesNotContain("href=\"/\"");
    assertThat(page(shop, "/explorer").body()).contains("href=\"/\"");
  }

  @Test
  void receiptsAndTheStartPageLeadToTheExplorer() {
    assertThat(page(shop, "/").body()).contains("href=\"/explorer\"");
    assertThat(page(shop, "/i/samplepaid/receipt").body())
        .contains(
            "href=\"/explorer/receipt/" + SampleShop.TXID + "\"",
            "href=\"/explorer/tx/" + SampleShop.TXID + "\"",
            "href=\"/explorer/block/1234\"");
  }

  @Test
  void commandsForACustomNetworkNameItsFiles() {
    try (TestServer custom =
        TestServer.start(
            vertx,
            new ExplorerSurface(
                PageAssets.load(SampleShop.customNetwork()),
                Optional.of(URI.create("https://node.example/"))))) {
      assertThat(page(custom, "/explorer").body())
          .contains(
              "chain verify --node https://node.example --network FILE<",
              "node --follow https://node.example --network FILE<",
              "chain export --node https://node.example --network FILE chain.hex<",
              "describes the network shopping-street");
      assertThat(page(custom, "/explorer/receipt/" + HASH).body())
          .contains("receipt verify receipt-….json --validators FILE<");
    }
    assertThat(page(reader, "/explorer").body())
        .contains("chain verify --node https://node.example<")
        .doesNotContain("FILE");
  }
}
