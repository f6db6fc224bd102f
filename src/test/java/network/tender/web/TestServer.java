package network.tender.web;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The real public server with the surfaces under test, on a free port. Operations of the contract
 * that belong to other surfaces answer 501.
 */
public final class TestServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  public final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  public final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpService service;

  private TestServer(Vertx vertx, HttpSettings settings, List<Surface> surfaces) {
    this.service = await(HttpService.start(vertx, settings, surfaces, registry));
  }

  /** Starts with two instances and default limits. */
  public static TestServer start(Vertx vertx, Surface... surfaces) {
    return start(vertx, HttpSettings.on("127.0.0.1", 0, 2), surfaces);
  }

  /** Starts with settings of the test's own. */
  public static TestServer start(Vertx vertx, HttpSettings settings, Surface... surfaces) {
    List<Surface> all = new ArrayList<>(List.of(surfaces));
    all.add(TestServer::bindTheRest);
    return new TestServer(vertx, settings, all);
  }

  static void bindTheRest(RouterBuilder builder) {
    builder
        .getRoutes()
        .forEach(
            route -> {
              if (route.getHandlers().isEmpty()) {
                route
                    .setDoSecurity(false)
                    .addHandler(ctx -> ctx.response().setStatusCode(501).end());
              }
            });
  }

  /** Waits for a Future of Vert.x; its failure is thrown. */
  public static <T> T await(io.vertx.core.Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  public int port() {
    return service.port();
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path)).timeout(PATIENCE);
  }

  public HttpResponse<String> get(String path) {
    return send(request(path).GET());
  }

  /** Posts a text; no Content-Type if that is null. */
  public HttpResponse<String> post(String path, String contentType, String body) {
    HttpRequest.Builder builder = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
    if (contentType != null) {
      builder.header("Content-Type", contentType);
    }
    return send(builder);
  }

  /** Sends a request; what the merchant API answers must be as its contract says. */
  public HttpResponse<String> send(HttpRequest.Builder builder) {
    HttpResponse<String> response = send(builder, HttpResponse.BodyHandlers.ofString());
    AnswerCheck.OF_ALL_TESTS.check(response);
    return response;
  }

  public <T> HttpResponse<T> send(
      HttpRequest.Builder builder, HttpResponse.BodyHandler<T> handler) {
    try {
      return client.send(builder.build(), handler);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends bytes that no proper client would, and reads the answer until the server hangs up. */
  public String raw(String... lines) {
    return raw(StandardCharsets.UTF_8, lines);
  }

  /** The same with one character for each byte of the answer. */
  public String rawLatin1(String... lines) {
    return raw(StandardCharsets.ISO_8859_1, lines);
  }

  private String raw(Charset answer, String... lines) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), answer);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  @Override
  public void close() {
    await(service.stop());
  }
}
