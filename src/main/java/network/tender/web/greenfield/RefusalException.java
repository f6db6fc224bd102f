package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import network.tender.merchant.FieldError;

/**
 * A request that is refused, with the answer in the API's shape: a list of fields for 422, an
 * object with a code and a sentence for everything else.
 */
final class RefusalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int LOGIN_PAUSE_SECONDS = 60;

  private final int status;
  private final transient JsonNode body;

  /** 0 for not said. */
  private final int retryAfterSeconds;

  private RefusalException(int status, JsonNode body) {
    this(status, body, 0);
  }

  private RefusalException(int status, JsonNode body, int retryAfterSeconds) {
    super(body.toString(), null, false, false);
    this.status = status;
    this.body = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** When it may go well, if that is for the time to bring. */
  OptionalInt retryAfterSeconds() {
    return retryAfterSeconds == 0 ? OptionalInt.empty() : OptionalInt.of(retryAfterSeconds);
  }

  /** HTTP status, 4xx or 503. */
  int status() {
    return status;
  }

  /** The answer's body. */
  JsonNode body() {
    return body;
  }

  /** 422: fields to correct. */
  static RefusalException fields(List<FieldError> errors) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (FieldError error : errors) {
      list.addObject().put("path", error.path()).put("message", error.message());
    }
    return new RefusalException(422, list);
  }

  /** 422: one field to correct. */
  static RefusalException field(String path, String message) {
    return fields(List.of(new FieldError(path, message)));
  }

  /** 400: understood, but it can't be done. */
  static RefusalException business(String code, String message) {
    return new RefusalException(400, object(code, message));
  }

  /** 422: something that is no field is to be corrected, for a reason that programs can tell. */
  static RefusalException unprocessable(String path, String code, String message) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    list.addObject().put("path", path).put("message", message).put("code", code);
    return new RefusalException(422, list);
  }

  /** 401: no key, or none that is known. */
  static RefusalException unauthenticated() {
    return new RefusalException(
        401,
        object(
            "unauthenticated",
            "Authentication is required: send an API key as 'Authorization: token KEY', or name and"
                + " password by 'Authorization: Basic'."));
  }

  /** 429: the password was wrong too often. */
  static RefusalException tooManyLogins() {
    return new RefusalException(
        429,
        object("too-many-logins", "Too many wrong passwords; wait a minute and try again."),
        LOGIN_PAUSE_SECONDS);
  }

  /** 403: somebody on the way could read the password. */
  static RefusalException notEncrypted() {
    return forbidden(
        "not-encrypted",
        "Names and passwords are taken by https only, or on the node's own machine; ask there, and"
            + " choose a new password, as this one was sent in the open.");
  }

  /** 503: too many ask for the same thing. */
  static RefusalException busy(String code, String message, int retryAfterSeconds) {
    return new RefusalException(503, object(code, message), retryAfterSeconds);
  }

  /** 403: nobody may do that as things are. */
  static RefusalException forbidden(String code, String message) {
    return new RefusalException(403, object(code, message));
  }

  /** 403: the key has not this permission. */
  static RefusalException missingPermission(String policy) {
    ObjectNode body = object("missing-permission", "Insufficient API permissions: " + policy);
    body.put("missingPermission", policy);
    return new RefusalException(403, body);
  }

  /** 404: no such thing. */
  static RefusalException notFound(String code, String message) {
    return new RefusalException(404, object(code, message));
  }

  /** 409: it contradicts what is there, can't be done any more, or not twice. */
  static RefusalException conflict(String code, String message) {
    return new RefusalException(409, object(code, message));
  }

  /** 410: what this network has no use for. */
  static RefusalException unsupported(String message) {
    return new RefusalException(410, object("unsupported-in-v2", message));
  }

  private static ObjectNode object(String code, String message) {
    return JsonNodeFactory.instance.objectNode().put("code", code).put("message", message);
  }
}
