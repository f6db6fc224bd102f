package network.tender.web;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.OpenAPIContract;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.settlement.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all surfaces share: one router with limits, headers, metrics and error answers. */
final class Frame {
  private static final Logger LOG = LoggerFactory.getLogger(Frame.class);
  private static final int FIRST_ERROR_STATUS = 400;

  /** What Vert.x fails a request with whose body does not come whole. */
  private static final int HALF_A_BODY_STATUS = 200;

  private static final int LAST_ERROR_STATUS = 511;
  private static final int PREFLIGHT_SECONDS = 86_400;

  private final Vertx vertx;
  private final OpenAPIContract contract;
  private final List<Surface> surfaces;
  private final ConnectionPlace place;
  private final AnswerBounds bounds;
  private final LongLivedPlaces places;

  /** Larger bodies than any common request has. */
  private static final int LARGE_BODY_BYTES = 16_384;

  /** Most larger bodies at a time, on one event loop. */
  private static final int MAX_LARGE_BODIES = 32;

  private static final long LARGE_BODY_MILLIS = 30_000;

  private final AtomicInteger largeBodies = new AtomicInteger();
  private final BodyHandler bodies;
  private final BodyHandler smallBodies;
  private final CorsHandler cors;
  private final Map<String, ErrorShape> errorShapes = new HashMap<>();
  private final Set<String> rawBodyPaths = new HashSet<>();
  private final Set<String> crossOriginPrefixes = new HashSet<>();
  private final Set<String> streamPaths = new HashSet<>();

  Frame(
      Vertx vertx,
      HttpSettings settings,
      OpenAPIContract contract,
      List<Surface> surfaces,
      ConnectionPlace place,
      AnswerBounds bounds,
      LongLivedPlaces places) {
    this.vertx = vertx;
    this.place = place;
    this.bounds = bounds;
    this.places = places;
    this.contract = contract;
    this.surfaces = surfaces;
    this.bodies = BodyHandler.create(false).setBodyLimit(settings.maxBodyBytes());
    this.smallBodies =
        BodyHandler.create(false).setBodyLimit(Math.min(LARGE_BODY_BYTES, settings.maxBodyBytes()));
    this.cors =
        CorsHandler.create()
            .allowedMethods(
                Set.of(
                    HttpMethod.GET,
                    HttpMethod.HEAD,
                    HttpMethod.POST,
                    HttpMethod.PUT,
                    HttpMethod.PATCH,
                    HttpMethod.DELETE,
                    HttpMethod.OPTIONS))
            .allowedHeaders(
                Set.of(
                    "Authorization",
                    "Content-Type",
                    "Accept",
                    "Prefer",
                    "Last-Event-ID",
                    "Idempotency-Key",
                    "If-None-Match"))
            .exposedHeaders(
                Set.of(
                    "Location",
                    "Retry-After",
                    "Preference-Applied",
                    "ETag",
                    "Idempotent-Replayed",
                    "Link",
                    "X-Total-Count"))
            .maxAgeSeconds(PREFLIGHT_SECONDS);
    for (Surface surface : surfaces) {
      errorShapes.putAll(surface.errorShapes());
      rawBodyPaths.addAll(surface.rawBodyPaths());
      crossOriginPrefixes.addAll(surface.crossOriginPrefixes());
      streamPaths.addAll(surface.streamPaths());
    }
  }

  /** A new router; throws {@link IllegalStateException} if the surfaces leave an operation out. */
  Handler<HttpServerRequest> router() {
    RouterBuilder builder = RouterBuilder.create(vertx, contract);
    builder.rootHandler(this::prepare);
    builder.rootHandler(this::limitLargeBodies);
    builder.rootHandler(this::shareAcrossOrigins);
    builder.rootHandler(this::readBody);
    for (Surface surface : surfaces) {
      surface.bind(builder);
    }
    List<String> unbound =
        builder.getRoutes().stream()
            .filter(route -> route.getHandlers().isEmpty())
            .map(OpenAPIRoute::getOperation)
            .map(operation -> operation.getOperationId())
            .sorted()
            .toList();
    if (!unbound.isEmpty()) {
      throw new IllegalStateException(
          Contract.RESOURCE + " has operations without a handler: " + unbound);
    }
    Router router = builder.createRouter();
    Buffer published = Contract.published();
    router
        .get("/" + Contract.RESOURCE)
        .handler(
            ctx -> {
              ctx.response()
                  .putHeader("Content-Type", "application/yaml")
                  .putHeader("Cache-Control", "no-cache");
              bounds.room().sendShared(ctx, published);
            });
    for (Surface surface : surfaces) {
      surface.mount(router);
    }
    Handler<HttpServerRequest> handler = HeadRequests.addTo(router, streamPaths);
    AllowedMethods methods = AllowedMethods.of(router);
    for (int status = FIRST_ERROR_STATUS; status <= LAST_ERROR_STATUS; status++) {
      int ofRouter = status;
      router.errorHandler(status, ctx -> answerError(ctx, ofRouter, methods));
    }
    router.errorHandler(HALF_A_BODY_STATUS, ctx -> answerError(ctx, 500, methods));
    return handler;
  }

  private void prepare(RoutingContext ctx) {
    place.attachTo(ctx);
    places.attachTo(ctx);
    bounds.room().attachTo(ctx);
    bounds.questions().attachTo(ctx);
    ctx.response().putHeader("X-Content-Type-Options", "nosniff");
    // What decodes the query later on takes a broken one for a bug of ours.
    if (hasBrokenEscape(ctx.request().uri())) {
      ctx.fail(Problem.of(ProblemCode.MALFORMED_URL).toException());
    } else {
      ctx.next();
    }
  }

  /** True if two hex digits don't follow each percent sign. */
  private static boolean hasBrokenEscape(String uri) {
    for (int at = uri.indexOf('%'); at >= 0; at = uri.indexOf('%', at + 3)) {
      if (at + 2 >= uri.length() || !isHex(uri.charAt(at + 1)) || !isHex(uri.charAt(at + 2))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isHex(char c) {
    return Character.digit(c, 16) >= 0 && c < 128;
  }

  /**
   * Bodies are held in memory until they are complete. Small ones are bounded by the number of
   * connections; of larger ones only a few are taken at a time, and none for long.
   */
  private void limitLargeBodies(RoutingContext ctx) {
    if (!mayBeLarge(ctx.request())) {
      ctx.next();
      return;
    }
    if (largeBodies.incrementAndGet() > MAX_LARGE_BODIES) {
      largeBodies.decrementAndGet();
      ctx.fail(Problems.of(new Outcome.Unavailable(Outcome.Cause.BUSY, 1)).toException());
      return;
    }
    HttpServerRequest request = ctx.request();
    long deadline =
        vertx.setTimer(
            LARGE_BODY_MILLIS,
            id -> {
              if (!request.isEnded()) {
                request.connection().close();
              }
            });
    ctx.addEndHandler(
        ended -> {
          vertx.cancelTimer(deadline);
          largeBodies.decrementAndGet();
        });
    ctx.next();
  }

  private static boolean mayBeLarge(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      return request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
          || (isHttp2(request) && hasUsuallyBody(request));
    }
    try {
      return Integer.parseInt(length) > LARGE_BODY_BYTES;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  /** In HTTP/2 a body needs no header; that one follows is not known yet when its head is there. */
  private static boolean isHttp2(HttpServerRequest request) {
    return request.version() == HttpVersion.HTTP_2;
  }

  private static boolean hasUsuallyBody(HttpServerRequest request) {
    HttpMethod method = request.method();
    return method.equals(HttpMethod.POST)
        || method.equals(HttpMethod.PUT)
        || method.equals(HttpMethod.PATCH);
  }

  private void shareAcrossOrigins(RoutingContext ctx) {
    if (longestPrefix(crossOriginPrefixes, ctx.request().path()).isEmpty()) {
      ctx.next();
    } else {
      cors.handle(ctx);
    }
  }

  private void readBody(RoutingContext ctx) {
    if (rawBodyPaths.contains(ctx.request().path())) {
      ctx.next();
    } else {
      // Those were not counted as large, so they must not be.
      boolean uncounted =
          isHttp2(ctx.request())
              && ctx.request().getHeader(HttpHeaders.CONTENT_LENGTH) == null
              && !hasUsuallyBody(ctx.request());
      (uncounted ? smallBodies : bodies).handle(ctx);
    }
  }

  /**
   * Answers a request that failed or that nothing answered.
   *
   * @param ofRouter the status that the router chose; the context does not always know it
   */
  private void answerError(RoutingContext ctx, int ofRouter, AllowedMethods methods) {
    if (ctx.response().ended()) {
      return;
    }
    if (ctx.response().headWritten()) {
      ctx.request().connection().close();
      return;
    }
    int status = ctx.statusCode() < FIRST_ERROR_STATUS ? ofRouter : ctx.statusCode();
    Throwable failure = ctx.failure();
    if (isGone(ctx)) {
      LOG.debug("A caller went away: {}", String.valueOf(failure));
      return;
    }
    Problem problem;
    if (failure instanceof ProblemException expected) {
      problem = expected.problem();
    } else if (status == 400 && hasBrokenEscape(ctx.request().uri())) {
      problem = Problem.of(ProblemCode.MALFORMED_URL);
    } else if (status == 400
        && failure instanceof VertxException
        && ctx.request().authority() == null) {
      problem = Problem.of(ProblemCode.INVALID_HOST);
    } else if (failure == null) {
      problem = status == 404 || status == 405 ? unrouted(ctx, methods) : Problems.of(status);
    } else {
      problem =
          Problems.of(status, failure)
              .orElseGet(
                  () -> {
                    LOG.error("A request failed: {}", ctx.currentRoute(), failure);
                    return Problem.of(ProblemCode.INTERNAL_ERROR);
                  });
    }
    answer(ctx, problem);
  }

  /** True if nobody is there any more to read an answer. */
  private static boolean isGone(RoutingContext ctx) {
    return ctx.response().closed()
        || ctx.failure() instanceof HttpClosedException
        || ctx.failure() instanceof StreamResetException
        || (ctx.failure() instanceof IOException && !ctx.request().isEnded());
  }

  private Problem unrouted(RoutingContext ctx, AllowedMethods methods) {
    Set<String> allowed = methods.of(path(ctx));
    if (allowed.isEmpty() || allowed.contains(ctx.request().method().name())) {
      return Problem.of(ProblemCode.NOT_FOUND);
    }
    String names = String.join(", ", allowed);
    ctx.response().putHeader(HttpHeaders.ALLOW, names);
    boolean described =
        allowed.stream()
            .anyMatch(name -> contract.findOperation(path(ctx), HttpMethod.valueOf(name)) != null);
    return Problem.of(
        ProblemCode.METHOD_NOT_ALLOWED,
        "This path takes " + names + " only" + (described ? "; see /openapi.yaml." : "."));
  }

  /** The path, empty for request lines that have none. */
  private static String path(RoutingContext ctx) {
    String path = ctx.request().path();
    return path == null ? "" : path;
  }

  private void answer(RoutingContext ctx, Problem problem) {
    ctx.response().setStatusCode(problem.status()).putHeader("Cache-Control", "no-store");
    Object retryAfter = problem.extra().get(Problem.RETRY_AFTER_SECONDS);
    if (retryAfter != null) {
      ctx.response().putHeader("Retry-After", retryAfter.toString());
    }
    if (!ctx.request().isEnded() && !isHttp2(ctx.request())) {
      // The rest of a body that nobody reads would block the connection's next request.
      ctx.response().putHeader("Connection", "close");
    }
    String prefix = longestPrefix(errorShapes.keySet(), path(ctx));
    errorShapes.getOrDefault(prefix, ErrorShape.PROBLEM_DETAILS).write(ctx, problem);
  }

  /** The longest prefix that ends where a path segment does; empty if none fits. */
  private static String longestPrefix(Set<String> prefixes, String path) {
    String longest = "";
    for (String prefix : prefixes) {
      if (prefix.length() > longest.length()
          && path.startsWith(prefix)
          && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/')) {
        longest = prefix;
      }
    }
    return longest;
  }
}
