package network.tender.web;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;

/** Tells requests that a page of another site made its visitor's browser send. */
public final class BrowserOrigin {
  private BrowserOrigin() {}

  /** True if a browser sent the request for a page, as far as it says so. */
  public static boolean isNamed(HttpServerRequest request) {
    return request.getHeader("Sec-Fetch-Site") != null
        || request.getHeader(HttpHeaders.ORIGIN) != null;
  }

  /**
   * True if one of this node's own pages sent the request, or no browser at all: both name no other
   * site. Browsers set these headers themselves; a page can't change or leave them out.
   */
  public static boolean isOwn(HttpServerRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return site.equals("same-origin");
    }
    // Browsers send the former only on HTTPS and localhost; tills may be on neither.
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    HostAndPort authority = request.authority();
    return origin == null || (authority != null && origin.endsWith("://" + authority));
  }
}
