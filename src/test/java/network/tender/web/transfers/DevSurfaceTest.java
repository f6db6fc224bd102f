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
  @CsvSource({
    "evil.example, 403",
    "evil.example:8080, 403",
    "localhost.evil.example, 403",
    "localhost, 200",
    "LOCALHOST:8080, 200",
    "127.0.0.1, 200",
    "[::1]:8080, 200",
    "0.0.0.0, 200",
    "pay.example, 200"
  })
  void aNameThatWasLetPointHereIsAnotherSite(String host, int status) {
    for (String path : new String[] {"/dev/faucet", "/dev/pay"}) {
      for (String header : new String[] {"Origin: http://" + host, "Sec-Fetch-Site: same-origin"}) {
        assertThat(raw(path, host, header)).startsWith("HTTP/1.1 " + status + " ");
      }
    }
    assertThat(raw("/dev/faucet", host, "User-Agent: curl/8"))
        .as("no browser")
        .startsWith("HTTP/1.1 200 ");
  }

  private static String raw(String path, String host, String header) {
    return server.raw(
        "POST " + path + " HTTP/1.1",
        "Host: " + host,
        header,
        "Content-Type: application/json",
        "Content-Length: " + body.length(),
        "Connection: close",
        "",
        body);
  }

  @ParameterizedTest
  @CsvSource({"100, 200", "100.00000001, 422", "20000000, 422"})
  void theFaucetGivesOnlySoMuchAtATime(String amount, int status) {
    int paid = TestSurfaces.paid().size();
    HttpResponse<String> response =
        server.send(
            server
                .request("/dev/faucet")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.replace("0.1", amount))));
    assertThat(TestSurfaces.paid()).hasSize(status == 200 ? paid + 1 : paid);
    if (status != 200) {
      assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
      assertThat(TestServer.json(response).getString("code")).isEqualTo("faucet-limit");
      assertThat(TestServer.json(response).getString("detail")).contains("100 coins");
      assertThat(TestServer.json(response).getString("limit")).isEqualTo("100");
    }
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
