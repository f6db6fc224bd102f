package network.tender.web;

import io.vertx.ext.web.RoutingContext;

/**
 * A connection's place among those that the server lets in. Vert.x forgets the close handler of a
 * connection that becomes a WebSocket, so whoever upgrades one gives its place back.
 */
public final class ConnectionPlace {
  private static final String KEY = ConnectionPlace.class.getName();

  private final Runnable giveBack;

  ConnectionPlace(Runnable giveBack) {
    this.giveBack = giveBack;
  }

  void attachTo(RoutingContext ctx) {
    ctx.put(KEY, this);
  }

  /** The place of the connection that a request came on. */
  public static ConnectionPlace of(RoutingContext ctx) {
    return ctx.get(KEY);
  }

  /** To be called once when an upgraded connection has ended, and never for any other. */
  public void giveBack() {
    giveBack.run();
  }
}
