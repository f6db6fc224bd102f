package network.tender.web.management;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import network.tender.web.HeadRequests;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of its own for operators: {@code /metrics} for Prometheus, {@code /health/live} while
 * the process works at all, {@code /health/ready} while it takes payments.
 */
public final class ManagementService {
  private static final Logger LOG = LoggerFactory.getLogger(ManagementService.class);

  /** A check that takes longer than this has failed. */
  private static final long CHECK_TIMEOUT_MILLIS = 2_000;

  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;

  private ManagementService(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts listening.
   *
   * @param host address to listen on
   * @param port port to listen on; 0 for any free one
   * @param scrape all metrics in Prometheus's text format; called on a worker thread
   * @param checks what readiness depends on
   */
  public static Future<ManagementService> start(
      Vertx vertx, String host, int port, Supplier<String> scrape, List<HealthCheck> checks) {
    Router router = Router.router(vertx);
    router.get("/metrics").handler(ctx -> metrics(ctx, scrape));
    router.get("/health/live").handler(ctx -> health(ctx.response(), 200, "UP", new JsonArray()));
    List<HealthCheck> all = List.copyOf(checks);
    router.get("/health/ready").handler(ctx -> ready(ctx, all));
    Handler<HttpServerRequest> handler = HeadRequests.addTo(router, Set.of());
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(host)
            .setPort(port)
            .setIdleTimeout(60)
            .setIdleTimeoutUnit(TimeUnit.SECONDS)
            .setHttp2ClearTextEnabled(false)
            .setCompressionSupported(true);
    return vertx
        .createHttpServer(options)
        .requestHandler(handler)
        .listen()
        .map(ManagementService::new);
  }

  /** The port that is listened on. */
  public int port() {
    return server.actualPort();
  }

  /** Stops listening; the last thing that a node stops. */
  public Future<Void> stop() {
    return server.shutdown(1, TimeUnit.SECONDS);
  }

  private static void metrics(RoutingContext ctx, Supplier<String> scrape) {
    ctx.vertx()
        .executeBlocking(scrape::get, false)
        .onSuccess(text -> ctx.response().putHeader("Content-Type", PROMETHEUS_TEXT).end(text))
        .onFailure(
            failure -> {
              LOG.error("The metrics could not be written", failure);
              ctx.response().setStatusCode(500).end();
            });
  }

  private static void ready(RoutingContext ctx, List<HealthCheck> checks) {
    List<Future<Optional<String>>> results = new ArrayList<>(checks.size());
    for (HealthCheck check : checks) {
      results.add(run(check));
    }
    Future.join(results)
        .onComplete(
            joined -> {
              boolean up = true;
              JsonArray list = new JsonArray();
              for (int i = 0; i < results.size(); i++) {
                Optional<String> flaw = results.get(i).result();
                up &= flaw.isEmpty();
                JsonObject entry =
                    new JsonObject()
                        .put("name", checks.get(i).name())
                        .put("status", flaw.isEmpty() ? "UP" : "DOWN");
                flaw.ifPresent(text -> entry.put("detail", text));
                list.add(entry);
              }
              health(ctx.response(), up ? 200 : 503, up ? "UP" : "DOWN", list);
            });
  }

  /** What is wrong; empty if nothing is. Never fails and never takes longer than the timeout. */
  private static Future<Optional<String>> run(HealthCheck check) {
    Future<Void> result;
    try {
      result = check.check().get();
    } catch (RuntimeException e) {
      result = Future.failedFuture(e);
    }
    return result
        .timeout(CHECK_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .map(ok -> Optional.<String>empty())
        .otherwise(
            failure ->
                Optional.of(
                    failure instanceof java.util.concurrent.TimeoutException
                        ? "no answer within " + CHECK_TIMEOUT_MILLIS + " ms"
                        : String.valueOf(failure.getMessage())));
  }

  private static void health(
      HttpServerResponse response, int status, String text, JsonArray checks) {
    response
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(new JsonObject().put("status", text).put("checks", checks).toBuffer());
  }
}
