package network.tender.web;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The contract that operations are bound to: the resource {@code openapi.yaml}. */
public final class Contract {
  /** Name of the resource, as it is published too. */
  public static final String RESOURCE = "openapi.yaml";

  private static final String OF_OUR_OWN = "application/vnd.";

  private Contract() {}

  /** Loads the contract for binding and for checking requests. */
  static Future<OpenAPIContract> load(Vertx vertx) {
    return vertx
        .executeBlocking(Contract::read)
        .compose(contract -> OpenAPIContract.from(vertx, withoutAnswers(contract)));
  }

  /** The contract's text. */
  static Buffer published() {
    try {
      return Buffer.buffer(text());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The contract for its readers. Takes a while; not for an event loop. */
  public static JsonObject document() {
    try {
      return read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] text() throws IOException {
    try (InputStream in = Contract.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException("the resource " + RESOURCE + " is missing");
      }
      return in.readAllBytes();
    }
  }

  private static JsonObject read() throws IOException {
    Map<String, Object> map =
        new YAMLMapper().readValue(text(), new TypeReference<Map<String, Object>>() {});
    return new JsonObject(map);
  }

  /**
   * The contract without the bodies of its answers, and without request bodies of media types of
   * our own: they are for its readers, nothing checks them here, and Vert.x refuses media types
   * that it can't check, such as {@code application/problem+json} and {@code text/event-stream}.
   */
  private static JsonObject withoutAnswers(JsonObject contract) {
    JsonObject copy = contract.copy();
    strip(copy);
    return copy;
  }

  private static void strip(Object node) {
    if (node instanceof JsonObject object) {
      for (String key : object.fieldNames()) {
        Object value = object.getValue(key);
        if (key.equals("responses") && value instanceof JsonObject responses) {
          for (String status : responses.fieldNames()) {
            if (responses.getValue(status) instanceof JsonObject response) {
              response.remove("content");
            }
          }
        }
        if (key.equals("requestBody")
            && value instanceof JsonObject body
            && body.getValue("content") instanceof JsonObject content) {
          content.fieldNames().removeIf(type -> type.startsWith(OF_OUR_OWN));
        }
        strip(value);
      }
    } else if (node instanceof JsonArray array) {
      array.forEach(Contract::strip);
    }
  }
}
