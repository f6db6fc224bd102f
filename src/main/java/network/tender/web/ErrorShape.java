package network.tender.web;

import io.vertx.ext.web.RoutingContext;

/** Writes a problem in the form that the clients of one surface understand. */
@FunctionalInterface
public interface ErrorShape {
  /** RFC 9457: {@code application/problem+json}. */
  ErrorShape PROBLEM_DETAILS =
      (ctx, problem) ->
          ctx.response()
              .putHeader("Content-Type", "application/problem+json")
              .end(problem.toJson().toBuffer());

  /** The sentence alone as {@code text/plain}, as Esplora does it. */
  ErrorShape PLAIN_TEXT =
      (ctx, problem) ->
          ctx.response()
              .putHeader("Content-Type", "text/plain; charset=utf-8")
              .end(problem.detail());

  /** Writes headers and body; the status and {@code Retry-After} are set already. */
  void write(RoutingContext ctx, Problem problem);
}
