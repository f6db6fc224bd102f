package network.tender.web.pages;

import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.tender.merchant.Sessions;
import network.tender.web.BrowserOrigin;
import network.tender.web.PrivateTransport;

/** Tells who is at a browser, by a cookie; and our own pages' forms from those of other sites. */
final class Visits {
  private static final String COOKIE = "tender-session";

  /** Browsers take this name from nobody but the very host, and by TLS only. */
  private static final String SECURE_COOKIE = "__Host-" + COOKIE;

  private final Sessions sessions;
  private final PrivateTransport transport;

  /**
   * Visits of one node.
   *
   * @param publicUrl how the world reaches the node
   * @param development true where passwords and keys are worth nothing
   */
  Visits(Sessions sessions, Optional<URI> publicUrl, boolean development) {
    this.sessions = sessions;
    this.transport = new PrivateTransport(publicUrl, development);
  }

  /** True if what is sent both ways can be read by nobody else. */
  boolean isPrivate(HttpServerRequest request) {
    return transport.isPrivate(request);
  }

  private String cookieName(HttpServerRequest request) {
    return transport.isTls(request) ? SECURE_COOKIE : COOKIE;
  }

  /** Who sends a request, if anybody has logged in with that browser. */
  Future<Optional<Sessions.Visitor>> visitor(RoutingContext ctx) {
    Cookie cookie = ctx.request().getCookie(cookieName(ctx.request()));
    return cookie == null
        ? Future.succeededFuture(Optional.empty())
        : sessions.find(cookie.getValue());
  }

  /** Begins a session and gives the browser its cookie. */
  Future<Void> begin(RoutingContext ctx, String accountId) {
    return sessions
        .begin(accountId)
        .map(
            secret -> {
              long seconds = TimeUnit.MILLISECONDS.toSeconds(Sessions.LIFE_MILLIS);
              ctx.response().addCookie(cookie(ctx, secret, seconds));
              return null;
            });
  }

  /** Ends a session and takes the browser its cookie. */
  Future<Void> end(RoutingContext ctx, Sessions.Visitor visitor) {
    ctx.response().addCookie(cookie(ctx, "", 0));
    return sessions.end(visitor.secret());
  }

  private Cookie cookie(RoutingContext ctx, String value, long seconds) {
    return Cookie.cookie(cookieName(ctx.request()), value)
        .setPath("/")
        .setHttpOnly(true)
        .setSecure(transport.isTls(ctx.request()))
        // Sent when a shop leads its owner here, and with no form of another site.
        .setSameSite(CookieSameSite.LAX)
        .setMaxAge(seconds);
  }

  /** True if a form was posted by one of our own pages that this visitor had opened. */
  static boolean isOwnForm(RoutingContext ctx, Sessions.Visitor visitor) {
    String token = ctx.request().getFormAttribute("token");
    return token != null
        && BrowserOrigin.isOwn(ctx.request())
        && MessageDigest.isEqual(
            token.getBytes(StandardCharsets.UTF_8),
            visitor.formToken().getBytes(StandardCharsets.UTF_8));
  }
}
