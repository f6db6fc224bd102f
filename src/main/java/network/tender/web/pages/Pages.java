package network.tender.web.pages;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import network.tender.web.AnswerRoom;
import network.tender.web.BrowserOrigin;
import network.tender.web.ErrorShape;
import network.tender.web.JsonBodies;
import network.tender.web.PathIds;
import network.tender.web.Problem;
import network.tender.web.RepeatableRequest;

/** What all pages share: how they are answered, their headers, who may post to them. */
final class Pages {
  /** What the pages' scripts send is a hundred bytes or so. */
  static final int MAX_BODY_BYTES = 4 * 1024;

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self';"
          + " form-action 'self'; base-uri 'none'";
  private static final String NO_FRAMES = "; frame-ancestors 'none'";
  private static final String OWN_FRAMES = "; frame-ancestors 'self'";

  /** Shops show the checkout, and what they sell, in a frame of their own page. */
  private static final Pattern FRAMED =
      Pattern.compile("/invoice|/i/[^/]+|/i/[^/]+/(?!receipt$)[^/]+|/apps/[^/]+/pos(/[^/]+)?");

  /** Our own till prints a receipt without leaving its page; everything else is never framed. */
  private static final Pattern FRAMED_BY_US = Pattern.compile("/i/[^/]+/receipt");

  /** Programs ask these paths; they get their own kind of error even if they accept HTML. */
  private static final List<String> FOR_PROGRAMS = List.of("/api/", "/v1/", "/esplora/", "/dev/");

  private final Templates templates;
  private final ErrorShape errorShape = this::writeProblem;

  Pages(Templates templates) {
    this.templates = templates;
  }

  /** Answers with a page; pages show money and are never stored. */
  void answer(RoutingContext ctx, String page, Map<String, Object> variables) {
    html(ctx, templates.render(page, variables), POLICY);
  }

  /** Answers with a page that shows pictures from anywhere: a merchant's, of what is sold. */
  void answerWithPictures(RoutingContext ctx, String page, Map<String, Object> variables) {
    html(ctx, templates.render(page, variables), POLICY.replace("img-src", "img-src https:"));
  }

  /**
   * Answers with what a browser needs to put a page among a device's own programs.
   *
   * @param start the page's path
   */
  void answerManifest(RoutingContext ctx, String name, String start) {
    String assets = templates.assets();
    JsonObject manifest =
        new JsonObject()
            .put("name", name)
            .put("short_name", name.length() > 24 ? name.substring(0, 24) : name)
            .put("id", start)
            .put("start_url", start)
            .put("scope", start)
            .put("display", "standalone")
            .put("background_color", "#f4f6f3")
            .put("theme_color", "#0a7448")
            .put(
                "icons",
                new JsonArray()
                    .add(icon(assets + "/icon.svg", "any", "image/svg+xml"))
                    .add(icon(assets + "/icon-192.png", "192x192", "image/png"))
                    .add(icon(assets + "/icon-512.png", "512x512", "image/png")));
    ctx.response()
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/manifest+json")
        .end(manifest.toBuffer());
  }

  private static JsonObject icon(String source, String sizes, String type) {
    return new JsonObject().put("src", source).put("sizes", sizes).put("type", type);
  }

  /**
   * Answers with a page whose form goes to another site.
   *
   * @param origin the only other site that it may go to, such as {@code https://shop.example}
   */
  void answerPosting(
      RoutingContext ctx, String page, Map<String, Object> variables, String origin) {
    html(
        ctx,
        templates.render(page, variables),
        POLICY.replace("form-action 'self'", "form-action 'self' " + origin));
  }

  /** Answers a page's script. */
  static void answerJson(RoutingContext ctx, Map<String, Object> content) {
    ctx.response()
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    AnswerRoom.answer(ctx, new JsonObject(content).toBuffer());
  }

  /** Answers a page's script with what was or is made. */
  static void answerJson(RoutingContext ctx, Shop.Reply reply) {
    markReplayed(ctx, reply);
    ctx.response()
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(reply.body());
  }

  /** Says of an answer that it has been given before, if it has. */
  static void markReplayed(RoutingContext ctx, Shop.Reply reply) {
    if (reply.replayed()) {
      ctx.response().putHeader(RepeatableRequest.REPLAYED, "true");
    }
  }

  /**
   * The request as one that may be sent again.
   *
   * @param who whose keys are told apart from others'
   * @param key the same in all repeats
   */
  static RepeatableRequest repeatable(RoutingContext ctx, String who, String key) {
    return RepeatableRequest.of(
        ctx.request(), who + '\n' + key, RepeatableRequest.canonical(ctx.body().buffer()));
  }

  /** Answers with a picture that changes with the invoice. */
  static void answerSvg(RoutingContext ctx, String svg) {
    ctx.response()
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(HttpHeaders.CONTENT_TYPE, "image/svg+xml")
        .putHeader("Content-Security-Policy", "default-src 'none'")
        .end(svg);
  }

  private static void html(RoutingContext ctx, Buffer content, String policy) {
    HttpServerResponse response = ctx.response();
    String path = ctx.request().path();
    boolean framed = FRAMED.matcher(path).matches();
    boolean framedByUs = FRAMED_BY_US.matcher(path).matches();
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(
            "Content-Security-Policy",
            framed ? policy : policy + (framedByUs ? OWN_FRAMES : NO_FRAMES))
        .putHeader("Referrer-Policy", "same-origin")
        .putHeader("X-Content-Type-Options", "nosniff");
    if (!framed) {
      response.putHeader("X-Frame-Options", framedByUs ? "SAMEORIGIN" : "DENY");
    }
    // A point of sale may have half a megabyte of items.
    AnswerRoom.answer(ctx, content);
  }

  /** Errors as a page for people, as problem details for scripts. */
  ErrorShape errorShape() {
    return errorShape;
  }

  private void writeProblem(RoutingContext ctx, Problem problem) {
    if (!wantsPage(ctx.request())) {
      ErrorShape.PROBLEM_DETAILS.write(ctx, problem);
      return;
    }
    answerProblem(ctx, problem);
  }

  /** Answers a person with what went wrong; the status is set already. */
  void answerProblem(RoutingContext ctx, Problem problem) {
    String title =
        switch (problem.status()) {
          case 404 -> "Not found";
          case 503 -> "Not now";
          default -> problem.status() >= 500 ? "That went wrong" : "That does not work";
        };
    html(
        ctx,
        templates.render(
            "problem",
            Map.of(
                "status",
                problem.status(),
                "title",
                title,
                "detail",
                problem.detail(),
                "code",
                problem.code())),
        POLICY);
  }

  /** A person who mistypes an address sees a page. */
  void answerNotFound(RoutingContext ctx) {
    String path = ctx.request().path();
    if (!wantsPage(ctx.request()) || FOR_PROGRAMS.stream().anyMatch(path::startsWith)) {
      ctx.next();
      return;
    }
    ctx.response().setStatusCode(404);
    errorShape.write(ctx, PageCode.NOT_FOUND.problem());
  }

  /** True if a person's browser asks for a page. */
  static boolean wantsPage(HttpServerRequest request) {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    boolean reads =
        request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    return reads && accept != null && accept.contains("text/html");
  }

  /** An id out of the path; empty if nothing has such an id. */
  static Optional<String> id(RoutingContext ctx, String name) {
    return Optional.ofNullable(ctx.pathParam(name)).filter(PathIds::isPossible);
  }

  /** The first value of a name in the query; empty if it is not there. */
  static Optional<String> query(RoutingContext ctx, String name) {
    return ctx.queryParam(name).stream().findFirst();
  }

  /** Where the node is seen from outside, without a trailing slash. */
  static String origin(HttpServerRequest request, Optional<URI> publicUrl) {
    if (publicUrl.isPresent()) {
      return publicUrl.get().toString().replaceFirst("/+$", "");
    }
    HostAndPort authority = request.authority();
    return request.scheme() + "://" + (authority == null ? "localhost" : authority.toString());
  }

  /**
   * The JSON object that one of our own pages posted. A page of another site can't get here: its
   * browser names the other origin, and JSON is nothing that a plain form could send.
   *
   * @throws network.tender.web.ProblemException with the page's sentence
   */
  static JsonObject ownJson(RoutingContext ctx) {
    try {
      return ownJson(ctx, MAX_BODY_BYTES).toJsonObject();
    } catch (DecodeException | ClassCastException e) {
      throw PageCode.MALFORMED_JSON.toException();
    }
  }

  /**
   * The same unread, with a limit of its own.
   *
   * @throws network.tender.web.ProblemException with the page's sentence
   */
  static Buffer ownJson(RoutingContext ctx, int maxBytes) {
    HttpServerRequest request = ctx.request();
    if (!BrowserOrigin.isOwn(request)) {
      throw PageCode.CROSS_SITE.toException();
    }
    if (!JsonBodies.isJson(request)) {
      throw PageCode.UNSUPPORTED_MEDIA_TYPE.toException();
    }
    Buffer body = ctx.body().buffer();
    if (body == null) {
      throw PageCode.MALFORMED_JSON.toException();
    }
    if (body.length() > maxBytes) {
      throw PageCode.BODY_TOO_LARGE.toException();
    }
    return body;
  }

  /** Fails the request, or goes on with what is there. */
  static <T> Future<T> orElse(Optional<T> found, PageCode code) {
    return found
        .map(Future::succeededFuture)
        .orElseGet(() -> Future.failedFuture(code.toException()));
  }

  /** The value of an answer, or its refusal as the request's problem. */
  static <T> Future<T> valueOf(Shop.Answer<T> answer) {
    if (answer instanceof Shop.Answer.Done<T> done) {
      return Future.succeededFuture(done.value());
    }
    Shop.Answer.Refused<T> refused = (Shop.Answer.Refused<T>) answer;
    return Future.failedFuture(
        new Problem(
                refused.status(), refused.code(), refused.sentence(), refused.sentence(), Map.of())
            .toException());
  }
}
