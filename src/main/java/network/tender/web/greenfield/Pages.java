package network.tender.web.greenfield;

import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What a list says in headers beside its body, which stays the plain array that clients know: where
 * it goes on, and how many there are.
 */
final class Pages {
  private static final String AFTER = "after";

  private Pages() {}

  /**
   * Says where the list goes on: a link with the query of this request, but for its place.
   *
   * @param origin scheme and host for links
   * @param cursor the place behind the last item, for the parameter {@code after}
   */
  static void next(RoutingContext ctx, String origin, String cursor) {
    StringBuilder link = new StringBuilder(origin).append(ctx.request().path());
    char separator = '?';
    List<Map.Entry<String, String>> parameters = ctx.queryParams().entries();
    for (Map.Entry<String, String> parameter : parameters) {
      if (!parameter.getKey().equals(AFTER) && !parameter.getKey().equals("skip")) {
        link.append(separator).append(encode(parameter.getKey()));
        link.append('=').append(encode(parameter.getValue()));
        separator = '&';
      }
    }
    link.append(separator).append(AFTER).append('=').append(encode(cursor));
    ctx.response().putHeader("Link", "<" + link + ">; rel=\"next\"");
  }

  /** Says how many items there are in all. */
  static void total(RoutingContext ctx, long count) {
    ctx.response().putHeader("X-Total-Count", Long.toString(count));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
