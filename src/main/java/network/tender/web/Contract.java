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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The contract that operations are bound to: the resource {@code openapi.yaml}. */
public final class Contract {
  /** Name of the resource, as it is published too. */
  public static final String RESOURCE = "openapi.yaml";

  private static final String PREPARED = "contract-to-bind.json";
  private static final String OF_OUR_OWN = "application/vnd.";
  private static final String SCHEMAS = "#/components/schemas/";

  /** Marks paths that the pages mount themselves. */
  private static final String OF_PAGES = "x-page";

  private Contract() {}

  /** Loads the contract for binding and for checking requests. */
  static Future<OpenAPIContract> load(Vertx vertx) {
    return vertx
        .executeBlocking(Contract::prepared)
        .compose(contract -> OpenAPIContract.from(vertx, contract));
  }

  /** What the build has made of the contract, or else what it would. */
  static JsonObject prepared() throws IOException {
    try (InputStream in = Contract.class.getResourceAsStream(PREPARED)) {
      return in == null ? toBind(read()) : new JsonObject(Buffer.buffer(in.readAllBytes()));
    }
  }

  /**
   * Prepares the contract when the program is built: reading YAML takes a starting node longer than
   * anything else that it reads.
   *
   * @param arguments the folder of the classes
   */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0], Contract.class.getPackageName().replace('.', '/'), PREPARED);
    Files.write(file, toBind(read()).toBuffer().getBytes());
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
   * What there is to bind and to check requests by: the contract without what pages answer
   * themselves, without the bodies of its answers, without request bodies of media types of our
   * own, and without the schemas of those. They are for its readers, nothing checks them here, a
   * node would start the later the more there are, and Vert.x refuses media types that it can't
   * check, such as {@code application/problem+json} and {@code text/event-stream}.
   */
  static JsonObject toBind(JsonObject contract) {
    JsonObject copy = contract.copy();
    JsonObject paths = copy.getJsonObject("paths");
    paths.fieldNames().removeIf(path -> paths.getJsonObject(path).getBoolean(OF_PAGES, false));
    strip(copy);
    JsonObject components = copy.getJsonObject("components", new JsonObject());
    JsonObject schemas = components.getJsonObject("schemas", new JsonObject());
    components.remove("schemas");
    JsonObject needed = new JsonObject();
    addSchemas(copy, schemas, needed);
    components.put("schemas", needed);
    return copy;
  }

  /** Adds the schemas that a part of the contract refers to, and those that they refer to. */
  private static void addSchemas(Object node, JsonObject all, JsonObject needed) {
    if (node instanceof JsonObject object) {
      if (object.getValue("$ref") instanceof String reference && reference.startsWith(SCHEMAS)) {
        String name = reference.substring(SCHEMAS.length());
        if (!needed.containsKey(name) && all.containsKey(name)) {
          needed.put(name, all.getValue(name));
          addSchemas(all.getValue(name), all, needed);
        }
      }
      object.forEach(entry -> addSchemas(entry.getValue(), all, needed));
    } else if (node instanceof JsonArray array) {
      array.forEach(item -> addSchemas(item, all, needed));
    }
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
