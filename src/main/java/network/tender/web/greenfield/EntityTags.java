package network.tender.web.greenfield;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.Base64;
import network.tender.chain.Hashing;

/** Tags what is read with a hash of it, and says "not modified" to those who have it. */
final class EntityTags {
  private static final int TAG_BYTES = 16;
  private static final int NOT_MODIFIED = 304;

  private EntityTags() {}

  /**
   * Tags a complete answer to GET or HEAD.
   *
   * @return false if the caller has this answer already; the status is set then, and no body is to
   *     be sent
   */
  static boolean tag(RoutingContext ctx, Buffer body) {
    HttpMethod method = ctx.request().method();
    boolean read = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    if (!read || ctx.response().getStatusCode() != 200) {
      return true;
    }
    return tag(ctx, of(body));
  }

  /** The tag of a body; of a large one, this is not for an event loop. */
  static String of(Buffer body) {
    byte[] hash = Arrays.copyOf(Hashing.sha256(body.getBytes()), TAG_BYTES);
    return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + '"';
  }

  /**
   * The same of an answer 200 to GET or HEAD whose tag is known.
   *
   * @return as {@link #tag(RoutingContext, Buffer)}
   */
  static boolean tag(RoutingContext ctx, String tag) {
    ctx.response()
        .putHeader(HttpHeaders.ETAG, tag)
        .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
    if (!names(ctx.request().getHeader(HttpHeaders.IF_NONE_MATCH), tag)) {
      return true;
    }
    ctx.response().setStatusCode(NOT_MODIFIED);
    return false;
  }

  /** True if a header lists a tag, as a weak one or a strong one. */
  private static boolean names(@org.jspecify.annotations.Nullable String header, String tag) {
    if (header == null) {
      return false;
    }
    for (String item : header.split(",", -1)) {
      String known = item.strip();
      if (known.equals("*") || known.equals(tag) || known.equals("W/" + tag)) {
        return true;
      }
    }
    return false;
  }
}
