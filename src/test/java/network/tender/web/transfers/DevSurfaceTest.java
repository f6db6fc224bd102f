package network.tender.web.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import network.tender.chain.Address;
import network.tender.chain.Script;
import network.tender.web.TestChain;
import network.tender.web.TestServer;
import network.tender.web.TestSurfaces;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may have coins from a node that runs on a developer's machine: not every page they visit. */
class DevSurfaceTest {
  private static Vertx vertx;
  private static TestServer server;
  private static String body;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    TestChain chain = new TestChain();
    server = TestServer.start(vertx, TestSurfaces.of(vertx, chain));
    String address = Address.format(Script.p2wpkh(new byte[20]), chain.network).orElseThrow();
    body = "{\"address\":\"" + address + "\",\"amount\":\"0.1\"}";
  }

  @AfterAll
  static void stop() {
    server.close();
    TestServer.await(vertx.close());
  }

  private static HttpRequest.Builder payment(String path) {
    return server
        .request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private static void refused(HttpRequest.Builder request, int status, String code) {
    int paid = TestSurfaces.paid().size();
    HttpResponse<String> response = server.send(request);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(TestServer.json(response).getString("code")).isEqualTo(code);
    assertThat(TestServer.json(response).getString("detail")).isNotBlank();
    assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(TestSurfaces.paid()).hasSize(paid);
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, cross-site",
    "Sec-Fetch-Site, same-site",
    "Origin, https://evil.example",
    "Origin, null",
    "Origin, http://127.0.0.1:1"
  })
  void pagesOfOtherSitesGetNoCoins(String header, String value) {
    refused(payment("/dev/faucet").header(header, value), 403, "cross-site-request");
    refused(payment("/dev/pay").header(header, value), 403, "cross-site-request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "text/plain; charset=application/json",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        ""
      })
  void whatAFormCouldSendIsNoJson(String contentType) {
    for (String path : new String[] {"/dev/faucet", "/dev/pay"}) {
      HttpRequest.Builder request =
          server.request(path).POST(HttpRequest.BodyPublishers.ofString(body));
      if (!contentType.isEmpty()) {
        request.header("Content-Type", contentType);
      }
      refused(request, 415, "unsupported-media-type");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/faucet", "/dev/pay"})
  void browsersAreNotToldThatOtherSitesMayAsk(String path) {
    HttpResponse<String> preflight =
        server.send(
            server
                .request(path)
                .header("Origin", "https://evil.example")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "content-type")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/faucet", "/dev/pay"})
  void toolsAndThisNodesOwnPagesGetCoins(String path) {
    String own = "http://127.0.0.1:" + server.port();
    for (HttpRequest.Builder request :
        new HttpRequest.Builder[] {
          payment(path),
          payment(path).setHeader("Content-Type", "Application/JSON; charset=utf-8"),
          payment(path).header("Origin", own),
          payment(path).header("Sec-Fetch-Site", "same-origin").header("Origin", own)
        }) {
      HttpResponse<String> response = server.send(request);
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
  }
}
