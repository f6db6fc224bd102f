package network.tender.web.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import network.tender.web.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ManagementServiceTest {
  private static final AtomicBoolean JOURNAL = new AtomicBoolean(true);
  private static final AtomicBoolean HANGS = new AtomicBoolean();
  private static final AtomicBoolean THROWS = new AtomicBoolean();
  private static Vertx vertx;
  private static ManagementService service;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
    service =
        TestServer.await(
            ManagementService.start(
                vertx,
                "127.0.0.1",
                0,
                () -> "tender_chain_height 250.0\n",
                List.of(
                    HealthCheck.of("journal", JOURNAL::get, "The database takes no writes."),
                    new HealthCheck("lease", ManagementServiceTest::lease))));
  }

  private static Future<Void> lease() {
    if (THROWS.get()) {
      throw new IllegalStateException("no lease");
    }
    return HANGS.get() ? Promise.<Void>promise().future() : Future.succeededFuture();
  }

  @AfterAll
  static void stop() {
    TestServer.await(service.stop());
    TestServer.await(vertx.close());
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return ask("GET", path);
  }

  private static HttpResponse<String> ask(String method, String path)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void metricsAreInPrometheusFormat() throws Exception {
    HttpResponse<String> response = get("/metrics");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    assertThat(response.body()).contains("tender_chain_height 250.0");
  }

  @Test
  void headIsAnsweredLikeGet() throws Exception {
    for (String path : List.of("/metrics", "/health/live", "/health/ready")) {
      HttpResponse<String> head = ask("HEAD", path);
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(head.headers().map()).isEqualTo(get(path).headers().map());
    }
  }

  @Test
  void readinessNamesWhatFailsAndLivenessDoesNotCare() throws Exception {
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    JOURNAL.set(false);
    THROWS.set(true);
    try {
      HttpResponse<String> response = get("/health/ready");
      assertThat(response.statusCode()).isEqualTo(503);
      JsonObject json = TestServer.json(response);
      assertThat(json.getString("status")).isEqualTo("DOWN");
      assertThat(json.getJsonArray("checks").getJsonObject(0))
          .isEqualTo(
              new JsonObject()
                  .put("name", "journal")
                  .put("status", "DOWN")
                  .put("detail", "The database takes no writes."));
      assertThat(json.getJsonArray("checks").getJsonObject(1).getString("detail"))
          .isEqualTo("no lease");
      assertThat(get("/health/live").statusCode()).isEqualTo(200);
    } finally {
      JOURNAL.set(true);
      THROWS.set(false);
    }
  }

  @Test
  void aCheckThatHangsIsDown() throws Exception {
    HANGS.set(true);
    try {
      HttpResponse<String> response = get("/health/ready");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).contains("no answer within");
    } finally {
      HANGS.set(false);
    }
  }
}
