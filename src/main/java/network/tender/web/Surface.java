package network.tender.web;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.Map;
import java.util.Set;

/**
 * One part of the public HTTP interface. The same object serves all event loops: {@link #bind} and
 * {@link #mount} are called once for each, and what they register must be safe for any thread.
 */
public interface Surface {
  /**
   * Gives handlers to this surface's operations of the contract ({@code openapi.yaml}), by {@code
   * builder.getRoute("operationId").addHandler(...)}. A request is validated against the contract
   * first, unless the route says {@code setDoValidation(false)}. The server does not start as long
   * as any operation of the contract has no handler.
   */
  void bind(RouterBuilder builder);

  /** Adds routes that are not in the contract: pages, static files. They come after it. */
  default void mount(Router router) {}

  /**
   * How errors are written, by path prefix ({@code "/api/v1"}); the longest prefix that fits wins,
   * problem details (RFC 9457) are for all paths that have none.
   */
  default Map<String, ErrorShape> errorShapes() {
    return Map.of();
  }

  /**
   * Exact paths whose request bodies this surface reads itself, with {@link Bodies}; nothing parses
   * or buffers them before. All others find theirs in {@code ctx.body()}.
   */
  default Set<String> rawBodyPaths() {
    return Set.of();
  }

  /** Path prefixes that pages of other origins may call (CORS, any origin, no credentials). */
  default Set<String> crossOriginPrefixes() {
    return Set.of();
  }

  /**
   * Those of this surface's paths, as its routes name them, whose {@code GET} opens a stream or a
   * socket: they have no {@code HEAD}, which all other paths with {@code GET} have.
   */
  default Set<String> streamPaths() {
    return Set.of();
  }

  /** Ends long-lived answers, because the server is about to stop; called more than once. */
  default void drain() {}
}
