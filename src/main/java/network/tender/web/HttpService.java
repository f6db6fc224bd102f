package network.tender.web;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.openapi.contract.OpenAPIContract;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** The public HTTP server: all surfaces on one port. */
public final class HttpService {
  /**
   * To Vert.x a negative port is a free one that all servers which ask for the same negative number
   * share; every service takes a number of its own.
   */
  private static final AtomicInteger NEXT_FREE_PORT = new AtomicInteger();

  private final Vertx vertx;
  private final String deploymentId;
  private final int port;

  private HttpService(Vertx vertx, String deploymentId, int port) {
    this.vertx = vertx;
    this.deploymentId = deploymentId;
    this.port = port;
  }

  /**
   * Starts listening. Fails if the contract does not load, an operation has no handler or two, or
   * the port is taken.
   */
  public static Future<HttpService> start(
      Vertx vertx, HttpSettings settings, List<Surface> surfaces, MeterRegistry registry) {
    return start(
        vertx, settings, contract(vertx), surfaces, AnswerBounds.ofHeap(vertx, registry), registry);
  }

  /**
   * Starts listening, with a contract that is being read already.
   *
   * @param contract as {@link #contract} gives it
   * @param bounds what surfaces keep large answers within
   */
  public static Future<HttpService> start(
      Vertx vertx,
      HttpSettings settings,
      Future<OpenAPIContract> contract,
      List<Surface> surfaces,
      AnswerBounds bounds,
      MeterRegistry registry) {
    return contract.compose(read -> deploy(vertx, settings, read, surfaces, bounds, registry));
  }

  /** Reads and checks the contract, which takes a good part of a second and needs nothing else. */
  public static Future<OpenAPIContract> contract(Vertx vertx) {
    return Contract.load(vertx);
  }

  private static Future<HttpService> deploy(
      Vertx vertx,
      HttpSettings settings,
      OpenAPIContract contract,
      List<Surface> surfaces,
      AnswerBounds bounds,
      MeterRegistry registry) {
    HttpMetrics metrics = new HttpMetrics(registry);
    LongLivedPlaces places = new LongLivedPlaces(settings.maxConnections(), registry);
    int listenPort = settings.port() == 0 ? NEXT_FREE_PORT.decrementAndGet() : settings.port();
    Queue<HttpVerticle> verticles = new ConcurrentLinkedQueue<>();
    return vertx
        .deployVerticle(
            () -> {
              HttpVerticle verticle =
                  new HttpVerticle(
                      settings, listenPort, contract, surfaces, bounds, places, metrics);
              verticles.add(verticle);
              return verticle;
            },
            new DeploymentOptions().setInstances(settings.instances()))
        .map(id -> new HttpService(vertx, id, verticles.element().port()));
  }

  /**
   * The options of the public server, for whoever wants to compare something with it.
   *
   * @param port port to listen on; a negative one is a free one that servers share
   */
  public static HttpServerOptions serverOptions(HttpSettings settings, int port) {
    return HttpVerticle.options(settings, port);
  }

  /** The port that is listened on. */
  public int port() {
    return port;
  }

  /** Ends live streams, takes no new connections, finishes requests under way. */
  public Future<Void> stop() {
    return vertx.undeploy(deploymentId);
  }
}
