package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class FrameTest {
  private static Vertx vertx;
  private static TestServer server;

  /** Routes that succeed, fail in an expected way and fail in an unexpected one. */
  private static final class Sample implements Surface {
    @Override
    public void bind(RouterBuilder builder) {}

    @Override
    public Set<String> streamPaths() {
      return Set.of("/v1/endless/:id");
    }

    @Override
    public void mount(Router router) {
      router.get("/v1/sample/:id").handler(ctx -> ctx.end(ctx.pathParam("id")));
      router.get("/v1/endless/:id").handler(ctx -> ctx.response().setChunked(true).write("x"));
      router.post("/v1/echo").handler(ctx -> ctx.end(ctx.body().buffer()));
      router
          .post("/v1/raw")
          .handler(
              ctx ->
                  Bodies.read(ctx.request(), 100)
                      .onSuccess(body -> ctx.end(body))
                      .onFailure(ctx::fail));
      router
          .get("/v1/refused")
          .handler(
              ctx ->
                  ctx.fail(
                      Problem.of(ProblemCode.TOO_MANY_STREAMS)
                          .with(Problem.RETRY_AFTER_SECONDS, 7)
                          .toException()));
      router
          .get("/v1/bug")
          .handler(
              ctx -> {
                throw new IllegalStateException("secret words");
              });
      router
          .get("/plain/refused")
          .handler(
              ctx -> ctx.fail(Problem.of(ProblemCode.NOT_FOUND, "Block not found").toException()));
    }

    @Override
    public Map<String, ErrorShape> errorShapes() {
      return Map.of("/plain", ErrorShape.PLAIN_TEXT);
    }

    @Override
    public Set<String> rawBodyPaths() {
      return Set.of("/v1/raw");
    }

    @Override
    public Set<String> crossOriginPrefixes() {
      return Set.of("/v1");
    }
  }

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    server = TestServer.start(vertx, new Sample());
  }

  @AfterAll
  static void stop() {
    server.close();
    TestServer.await(vertx.close());
  }

  @Test
  void anOperationWithoutHandlerKeepsTheServerFromStarting() {
    assertThatThrownBy(
            () ->
                TestServer.await(
                    HttpService.start(
                        vertx,
                        HttpSettings.on("127.0.0.1", 0, 1),
                        List.of(),
                        new SimpleMeterRegistry())))
        .hasMessageContaining("without a handler")
        .hasMessageContaining("getNetwork");
  }

  @Test
  void theContractIsPublished() {
    HttpResponse<String> response = server.get("/openapi.yaml");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).startsWith("openapi: 3.1.0").contains("operationId: postTransfer");
  }

  @Test
  void unknownPathsAreProblemDetails() {
    HttpResponse<String> response = server.get("/v1/nothing-here");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(TestServer.json(response).getString("code")).isEqualTo("not-found");
    assertThat(TestServer.json(response).getInteger("status")).isEqualTo(404);
  }

  @Test
  void aSurfaceMayShapeItsErrors() {
    HttpResponse<String> response = server.get("/plain/refused");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).isEqualTo("Block not found");
    assertThat(server.get("/plain").headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/plain");
    assertThat(server.get("/plainly").headers().firstValue("Content-Type"))
        .as("a prefix ends with a segment")
        .hasValue("application/problem+json");
  }

  @Test
  void wrongMethodsAreNamed() {
    HttpResponse<String> response = server.send(server.request("/v1/sample/1").DELETE());
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(TestServer.json(response).getString("code")).isEqualTo("method-not-allowed");
    assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
    assertThat(TestServer.json(response).getString("detail"))
        .isEqualTo("This path takes GET, HEAD only.");
    HttpResponse<String> ofContract = server.send(server.request("/v1/network").DELETE());
    assertThat(TestServer.json(ofContract).getString("detail")).endsWith("; see /openapi.yaml.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/sample/1",
        "/v1/sample/%zz",
        "/v1/refused",
        "/v1/bug",
        "/v1/nothing-here",
        "/plain/refused",
        "/openapi.yaml"
      })
  void headIsAnsweredLikeGet(String path) {
    HeadAnswers.assertLikeGet(server, path);
  }

  @Test
  void onlyGetBringsHeadAndStreamsHaveNone() {
    HttpRequest.Builder echo = server.request("/v1/echo");
    assertThat(server.send(echo.method("HEAD", HttpRequest.BodyPublishers.noBody())).statusCode())
        .isEqualTo(405);
    HttpRequest.Builder stream = server.request("/v1/endless/1");
    HttpResponse<String> refused =
        server.send(stream.method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(refused.headers().firstValue("Allow")).hasValue("GET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/echo", "/v1/raw"})
  void callersThatGoAwayInMidBodyAreNoErrorOfTheNode(String path) throws IOException {
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    Logger own = (Logger) LoggerFactory.getLogger(Frame.class.getPackageName());
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.list = Collections.synchronizedList(log.list);
    log.start();
    root.addAppender(log);
    Level before = own.getLevel();
    own.setLevel(Level.DEBUG);
    try {
      for (boolean abruptly : List.of(false, true)) {
        log.list.clear();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
          if (abruptly) {
            socket.setSoLinger(true, 0);
          }
          socket
              .getOutputStream()
              .write(
                  ("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\nhalf a")
                      .getBytes(StandardCharsets.US_ASCII));
          // The server has begun to answer this connection once it answers another.
          assertThat(server.get("/v1/sample/1").statusCode()).isEqualTo(200);
        }
        until(() -> !log.list.isEmpty());
        assertThat(log.list)
            .allSatisfy(
                event -> {
                  assertThat(event.getLevel()).isEqualTo(Level.DEBUG);
                  assertThat(event.getThrowableProxy()).isNull();
                });
      }
    } finally {
      own.setLevel(before);
      root.detachAppender(log);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /v1/sample/1 HTTP/1.1||invalid-host",
        "GET /v1/sample/1 HTTP/1.1|Host: evil\"<x>:80|invalid-host",
        "GET /v1/sample/1 HTTP/1.1|Host: a b|invalid-host",
        "GET /% HTTP/1.1|Host: x|malformed-url",
        "GET /%zz HTTP/1.1|Host: x|malformed-url",
        "GET /v1/sample/%4 HTTP/1.1|Host: x|malformed-url",
        "GET /v1/sample/1?a=%zz HTTP/1.1|Host: x|malformed-url",
        "GET /v1/blocks?limit=%zz HTTP/1.1|Host: x|malformed-url",
        "GET /v1/nothing-here?%=1 HTTP/1.1|Host: x|malformed-url",
      })
  void whatCallersGetWrongIsTheirProblemAndNotInTheLog(String line, String host, String code) {
    Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    String answer;
    try {
      answer = host == null ? server.raw(line) : server.raw(line, host);
    } finally {
      root.detachAppender(log);
    }
    assertThat(answer)
        .startsWith("HTTP/1.1 400 ")
        .containsIgnoringCase("content-type: application/problem+json")
        .contains("\"code\":\"" + code + "\"");
    assertThat(log.list)
        .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .isEmpty();
  }

  @Test
  void aSurfaceShapesAlsoWhatTheRouterRefuses() {
    assertThat(server.raw("GET /plain/%zz HTTP/1.1", "Host: x"))
        .startsWith("HTTP/1.1 400 ")
        .containsIgnoringCase("content-type: text/plain")
        .contains("two hex digits");
    assertThat(server.raw("GET /plain/refused HTTP/1.1"))
        .startsWith("HTTP/1.1 400 ")
        .containsIgnoringCase("content-type: text/plain");
  }

  @Test
  void retryAfterIsAHeaderAndAMember() {
    HttpResponse<String> response = server.get("/v1/refused");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).hasValue("7");
    assertThat(TestServer.json(response).getInteger("retryAfterSeconds")).isEqualTo(7);
  }

  @Test
  void bugsAreNotShownToCallers() {
    HttpResponse<String> response = server.get("/v1/bug");
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).contains("internal-error").doesNotContain("secret");
  }

  @Test
  void bodiesAreLimited() {
    String large = "x".repeat(HttpSettings.DEFAULT_MAX_BODY_BYTES);
    assertThat(server.post("/v1/echo", "text/plain", large).body()).hasSize(large.length());
    HttpResponse<String> refused = server.post("/v1/echo", "text/plain", large + "x");
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(TestServer.json(refused).getString("code")).isEqualTo("body-too-large");
  }

  @Test
  void bodiesThatASurfaceReadsItselfAreLimitedToo() {
    assertThat(server.post("/v1/raw", null, "x".repeat(100)).body()).hasSize(100);
    assertThat(server.post("/v1/raw", null, "").body()).isEmpty();
    assertThat(server.post("/v1/raw", null, "x".repeat(101)).statusCode()).isEqualTo(413);
    HttpRequest.Builder chunked =
        server
            .request("/v1/raw")
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new java.io.ByteArrayInputStream(new byte[20_000])));
    assertThat(server.send(chunked).statusCode()).isEqualTo(413);
  }

  @Test
  void longRequestLinesAndHeadersAreRefused() {
    assertThat(server.get("/v1/sample/" + "x".repeat(9_000)).statusCode()).isEqualTo(414);
    assertThat(
            server
                .send(server.request("/v1/sample/1").header("X-Long", "x".repeat(20_000)))
                .statusCode())
        .isEqualTo(431);
  }

  @Test
  void pagesOfOtherOriginsMayCall() {
    HttpResponse<String> response =
        server.send(server.request("/v1/sample/1").header("Origin", "https://shop.example"));
    assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
    HttpResponse<String> preflight =
        server.send(
            server
                .request("/v1/sample/1")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .header("Origin", "https://shop.example")
                .header("Access-Control-Request-Method", "POST"));
    assertThat(preflight.statusCode()).isBetween(200, 204);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods").orElse(""))
        .contains("POST");
    assertThat(
            server
                .send(server.request("/plain/refused").header("Origin", "https://shop.example"))
                .headers()
                .firstValue("Access-Control-Allow-Origin"))
        .isEmpty();
  }

  @Test
  void connectionsAboveTheLimitAreClosed() throws IOException {
    HttpSettings settings = new HttpSettings("127.0.0.1", 0, 1, 1, 1_000, 60, 1, Optional.empty());
    try (TestServer small = TestServer.start(vertx, settings, new Sample());
        Socket first = new Socket(InetAddress.getLoopbackAddress(), small.port())) {
      assertThat(firstLine(first)).contains("200");
      try (Socket second = new Socket(InetAddress.getLoopbackAddress(), small.port())) {
        assertThat(second.getInputStream().read()).as("end of the stream").isEqualTo(-1);
      }
      assertThat(small.registry.get("tender.http.connections.refused").counter().count())
          .isEqualTo(1);
      assertThat(small.registry.get("tender.http.connections").gauge().value()).isEqualTo(1);
    }
  }

  @Test
  void onlyAFewLargeBodiesAreTakenAtATime() throws Exception {
    HttpSettings settings =
        new HttpSettings("127.0.0.1", 0, 1, 100, 1_000_000, 60, 1, Optional.empty());
    List<Socket> open = new ArrayList<>();
    try (TestServer small = TestServer.start(vertx, settings, new Sample())) {
      for (int i = 0; i < 32; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), small.port());
        open.add(socket);
        socket.getOutputStream().write(largeHead());
        // The server's word that it has seen the head; the body never comes.
        assertThat(line(socket.getInputStream())).contains("100 Continue");
      }
      assertThat(small.post("/v1/echo", "text/plain", "x".repeat(16_384)).statusCode())
          .isEqualTo(200);
      HttpResponse<String> refused = small.post("/v1/echo", "text/plain", "x".repeat(20_000));
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(TestServer.json(refused).getString("code")).isEqualTo("node-busy");
      for (Socket socket : open) {
        socket.close();
      }
      until(() -> small.post("/v1/echo", "text/plain", "x".repeat(20_000)).statusCode() == 200);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void bodiesOfUnknownLengthAreBoundedInHttp2Too() {
    HttpSettings settings =
        new HttpSettings("127.0.0.1", 0, 1, 100, 1_000_000, 60, 1, Optional.empty());
    List<Surface> surfaces = List.of(new Sample(), TestServer::bindTheRest);
    Handler<HttpServerRequest> router =
        new Frame(
                vertx,
                settings,
                TestServer.await(Contract.load(vertx)),
                surfaces,
                new ConnectionPlace(() -> {}),
                AnswerBounds.ofHeap(vertx, new SimpleMeterRegistry()),
                new LongLivedPlaces(100, new SimpleMeterRegistry()))
            .router();
    // The node speaks HTTP/2 over TLS only; what counts here is the same without.
    HttpServer clear =
        TestServer.await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    HttpClientAgent client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    try {
      List<HttpClientRequest> open = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        // Neither a length nor an end: more may come.
        HttpClientRequest request = http2(client, clear, HttpMethod.POST, "/v1/echo");
        TestServer.await(request.sendHead());
        open.add(request);
      }
      HttpClientRequest oneMore = http2(client, clear, HttpMethod.POST, "/v1/echo");
      TestServer.await(oneMore.sendHead());
      assertThat(TestServer.await(oneMore.response()).statusCode()).isEqualTo(503);
      HttpClientRequest get = http2(client, clear, HttpMethod.GET, "/v1/sample/1");
      assertThat(TestServer.await(get.send()).statusCode())
          .as("requests that have no body need no place")
          .isEqualTo(200);
      HttpClientRequest head = http2(client, clear, HttpMethod.HEAD, "/v1/sample/123");
      HttpClientResponse answer = TestServer.await(head.send());
      assertThat(answer.getHeader("Content-Length")).isEqualTo("3");
      assertThat(TestServer.await(answer.body()).length()).isZero();
      HttpClientRequest endless = http2(client, clear, HttpMethod.GET, "/v1/sample/1");
      endless.setChunked(true).write("x".repeat(20_000));
      assertThat(TestServer.await(endless.response()).statusCode()).isEqualTo(413);

      open.forEach(HttpClientRequest::reset);
      HttpClientRequest again = http2(client, clear, HttpMethod.POST, "/v1/echo");
      again.setChunked(true).write("x".repeat(20_000));
      again.end();
      assertThat(TestServer.await(again.response()).statusCode()).isEqualTo(200);
    } finally {
      TestServer.await(client.close());
      TestServer.await(clear.close());
    }
  }

  private static HttpClientRequest http2(
      HttpClientAgent client, HttpServer to, HttpMethod method, String path) {
    return TestServer.await(client.request(method, to.actualPort(), "127.0.0.1", path));
  }

  /** Asks again until it holds, at most for ten seconds; each question takes its time. */
  private static void until(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + 10_000_000_000L;
    boolean holds = condition.getAsBoolean();
    while (!holds && System.nanoTime() - end < 0) {
      holds = condition.getAsBoolean();
    }
    assertThat(holds).isTrue();
  }

  private static byte[] largeHead() {
    return String.join(
            "\r\n",
            "POST /v1/echo HTTP/1.1",
            "Host: x",
            "Content-Type: text/plain",
            "Expect: 100-continue",
            "Content-Length: 20000",
            "",
            "")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String firstLine(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET /v1/sample/1 HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return line(socket.getInputStream());
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\r' && next >= 0; next = in.read()) {
      line.append((char) next);
    }
    return line.toString();
  }
}
