package network.tender.web;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * What a follower answers where the node that it follows has shops. It must be the last surface of
 * the contract: it takes all operations that no other has taken.
 */
public final class FollowerSurface implements Surface {
  private static final List<String> SHOP_PATHS =
      List.of("/api/v1/*", "/pos/*", "/apps/*", "/i/*", "/invoice", "/modal/*");

  private final Handler<RoutingContext> refuse;

  /**
   * Refuses in the name of a node.
   *
   * @param node the followed node
   */
  public FollowerSurface(URI node) {
    this.refuse =
        ctx ->
            ctx.fail(
                Problem.of(
                        ProblemCode.FOLLOWER_ONLY,
                        "This node verifies another node's chain and has no shops; ask "
                            + node
                            + ".")
                    .toException());
  }

  @Override
  public void bind(RouterBuilder builder) {
    for (OpenAPIRoute route : builder.getRoutes()) {
      if (route.getHandlers().isEmpty()) {
        route.setDoValidation(false).setDoSecurity(false).addHandler(refuse);
      }
    }
  }

  /** Programs for shops read errors in the form of the merchant API. */
  @Override
  public Map<String, ErrorShape> errorShapes() {
    return Map.of(
        "/api/v1",
        (ctx, problem) ->
            ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(
                    new JsonObject()
                        .put("code", problem.code())
                        .put("message", problem.detail())
                        .toBuffer()));
  }

  @Override
  public void mount(Router router) {
    SHOP_PATHS.forEach(path -> router.route(path).handler(refuse));
  }
}
