package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import network.tender.merchant.ApiKey;
import network.tender.merchant.ExactJson;
import network.tender.merchant.LenientJson;
import network.tender.merchant.Permission;

/**
 * One request of a caller who is known.
 *
 * @param ctx the request
 * @param keyText the key as it was sent; empty if the caller sent a name and a password instead
 * @param key what the caller may do
 * @param demands what of it was demanded so far
 */
record Call(RoutingContext ctx, String keyText, ApiKey key, Demands demands) {
  private static final int MAX_TEXT_CHARS = 500;

  /** One of which nothing was demanded yet. */
  Call(RoutingContext ctx, String keyText, ApiKey key) {
    this(ctx, keyText, key, new Demands());
  }

  /**
   * A part of the path. One that no text in the database can equal becomes the empty text, which is
   * the id of nothing and in no path either.
   */
  String path(String name) {
    String part = ctx.pathParam(name);
    return part == null || ExactJson.isStorable(part) ? part : "";
  }

  /** Demands a policy that is not about one store. */
  void require(String policy) {
    if (!key.allows(policy)) {
      throw RefusalException.missingPermission(policy);
    }
    demands.add(policy);
  }

  /** Demands a policy on a store. */
  void require(String policy, String storeId) {
    if (!key.allows(policy, storeId)) {
      throw RefusalException.missingPermission(policy);
    }
    demands.add(new Permission(policy, Optional.of(storeId)).text());
  }

  /** True if the caller holds all of some permissions, which then count as demanded. */
  boolean holdsAll(List<String> permissions) {
    boolean all = permissions.stream().allMatch(key::holds);
    if (all) {
      permissions.forEach(demands::add);
    }
    return all;
  }

  /** Demands again what was demanded for a first answer. */
  void requireAgain(List<String> permissions) {
    for (String permission : permissions) {
      if (!key.holds(permission)) {
        throw RefusalException.missingPermission(
            Permission.parse(permission).map(Permission::policy).orElse(permission));
      }
    }
  }

  /**
   * The body, which must be one JSON object; an empty one counts as an object without keys. Its
   * texts are storable.
   */
  JsonNode body() {
    Buffer buffer = ctx.body().buffer();
    if (buffer == null || buffer.length() == 0) {
      return ExactJson.object();
    }
    Optional<JsonNode> parsed = ExactJson.parse(buffer.getBytes());
    if (parsed.isEmpty() || !(parsed.get().isObject() || parsed.get().isNull())) {
      throw RefusalException.field("", "The body must be one JSON object.");
    }
    JsonNode body = parsed.get().isNull() ? ExactJson.object() : parsed.get();
    UnstorableTexts.refuse(body);
    return body;
  }

  /** How long the body is. */
  int bodyBytes() {
    return ctx.body().length();
  }

  /** A flag in the query, false if it is missing; .NET's clients send {@code True}. */
  boolean flag(String name) {
    return flag(name, false);
  }

  /** A flag in the query. */
  boolean flag(String name, boolean fallback) {
    Optional<String> text = query(name);
    if (text.isEmpty()) {
      return fallback;
    }
    return LenientJson.flag(text.get())
        .orElseThrow(() -> RefusalException.field(name, "Must be true or false."));
  }

  /** The first value of a name in the query that is not empty. */
  Optional<String> query(String name) {
    return queries(name).stream().findFirst();
  }

  /** All values of a name in the query, also written {@code name[]} as PHP does. */
  List<String> queries(String name) {
    List<String> values = ctx.queryParams().getAll(name);
    if (values.isEmpty()) {
      values = ctx.queryParams().getAll(name + "[]");
    }
    values = values.stream().filter(value -> !value.isEmpty()).toList();
    if (values.size() > 100 || values.stream().anyMatch(v -> v.length() > MAX_TEXT_CHARS)) {
      throw RefusalException.field(name, "Too many or too long values.");
    }
    if (!values.stream().allMatch(ExactJson::isStorable)) {
      throw RefusalException.field(name, UnstorableTexts.EXPECTATION);
    }
    return values;
  }

  /** A whole number in the query. */
  Optional<Long> number(String name, long least, long most) {
    return query(name)
        .map(
            text -> {
              try {
                long number = Long.parseLong(text.strip());
                if (number >= least && number <= most) {
                  return number;
                }
              } catch (NumberFormatException e) {
                // The sentence below says what is expected.
              }
              throw RefusalException.field(
                  name, "Must be a whole number from %d to %d.".formatted(least, most));
            });
  }
}
