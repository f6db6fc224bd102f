package network.tender.web;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What went wrong with a request: problem details (RFC 9457) with a stable code.
 *
 * @param status HTTP status, 400 to 599
 * @param code stable, lower case with hyphens; also the metric label
 * @param title the same words for every problem of this code
 * @param detail one sentence on this case that tells the caller what to do
 * @param extra further members, such as {@code conflictsWith}; {@code retryAfterSeconds} also
 *     becomes the {@code Retry-After} header
 */
public record Problem(
    int status, String code, String title, String detail, Map<String, Object> extra) {
  /** The member that becomes the {@code Retry-After} header. */
  public static final String RETRY_AFTER_SECONDS = "retryAfterSeconds";

  /** Makes the map unmodifiable and keeps its order. */
  public Problem {
    extra = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(extra));
  }

  /** A problem in its code's own words. */
  public static Problem of(ProblemCode code) {
    return of(code, code.title());
  }

  /** A problem with a sentence on this case. */
  public static Problem of(ProblemCode code, String detail) {
    return new Problem(code.status(), code.code(), code.title(), detail, Map.of());
  }

  /** The same problem with one member more. */
  public Problem with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(extra);
    more.put(name, value);
    return new Problem(status, code, title, detail, more);
  }

  /** The problem as something to throw or to fail a Future or a routing context with. */
  public ProblemException toException() {
    return new ProblemException(this);
  }

  /** The members of RFC 9457, then {@code code}, then the extra ones. */
  public JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("type", "urn:problem-type:tender:" + code)
            .put("title", title)
            .put("status", status)
            .put("detail", detail)
            .put("code", code);
    extra.forEach(json::put);
    return json;
  }
}
