package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;

/**
 * Holds real answers of the merchant API against what the contract says of them, more strictly than
 * a client would: keys that the contract doesn't name are wrong too.
 */
public final class AnswerCheck {
  private static final String PREFIX = "/api/v1/";

  /** What wallets ask below it, as mempool.space answers it. */
  private static final Pattern WALLETS =
      Pattern.compile(
          "/api/v1/(ws|blocks?|fees|difficulty-adjustment|cpfp|transaction-times)(/.*)?");

  private static final String BASE = "https://tender.example/contract";
  private static final String SCHEMAS = "#/components/schemas/";

  /** Paths of older versions that answer in their own way, on purpose. */
  private static final Pattern LEGACY =
      Pattern.compile(
          "/api/v1/stores/[^/]+/payment-methods/(OnChain|LightningNetwork|LNURLPay)(/.*)?",
          Pattern.CASE_INSENSITIVE);

  /** What the answers to the tests of this process are checked by. */
  static final AnswerCheck OF_ALL_TESTS = load();

  /** An operation of the contract. */
  private record Operation(
      String id, boolean ofApi, Pattern path, String verb, JsonObject responses) {
    private boolean takes(String otherVerb, String otherPath) {
      return verb.equals(otherVerb) && path.matcher(otherPath).matches();
    }
  }

  private final JsonObject contract;
  private final List<Operation> operations = new ArrayList<>();
  private final SchemaRepository repository;
  private final Map<String, Validator> validators = new ConcurrentHashMap<>();
  private final Set<String> seen = new ConcurrentSkipListSet<>();

  private AnswerCheck(JsonObject contract) {
    this.contract = contract;
    JsonObject paths = contract.getJsonObject("paths");
    paths.fieldNames().stream()
        .filter(path -> isLookedAt(path, paths.getJsonObject(path)))
        // What is said of /users/me is not said of /users/{idOrEmail}.
        .sorted(Comparator.comparing(path -> path.chars().filter(c -> c == '{').count()))
        .forEach(path -> addOperations(path, paths.getJsonObject(path)));
    JsonObject schemas = strict(contract.getJsonObject("components").getJsonObject("schemas"));
    repository =
        SchemaRepository.create(
            new JsonSchemaOptions()
                .setBaseUri(BASE)
                .setDraft(Draft.DRAFT202012)
                .setOutputFormat(OutputFormat.Basic));
    repository.dereference(
        BASE, JsonSchema.of(new JsonObject().put("$id", BASE).put("$defs", schemas)));
  }

  /** The contract as it is published. */
  public static AnswerCheck load() {
    return new AnswerCheck(Contract.document());
  }

  private static boolean isLookedAt(String path, JsonObject item) {
    return path.startsWith(PREFIX) || item.getBoolean("x-page", false);
  }

  private void addOperations(String path, JsonObject item) {
    Pattern pattern =
        Pattern.compile(Pattern.quote(path).replaceAll("\\{[^}]*}", "\\\\E[^/]+\\\\Q"));
    for (String verb : List.of("get", "post", "put", "delete")) {
      JsonObject operation = item.getJsonObject(verb);
      if (operation != null) {
        operations.add(
            new Operation(
                operation.getString("operationId"),
                path.startsWith(PREFIX),
                pattern,
                verb.toUpperCase(Locale.ROOT),
                operation.getJsonObject("responses")));
      }
    }
  }

  /** A copy that refers to itself and, where it says nothing else, allows no other keys. */
  private static JsonObject strict(JsonObject schemas) {
    JsonObject copy = new JsonObject(schemas.encode().replace(SCHEMAS, "#/$defs/"));
    close(copy);
    return copy;
  }

  private static void close(Object node) {
    if (node instanceof JsonObject object) {
      object.forEach(entry -> close(entry.getValue()));
      if (object.getValue("properties") instanceof JsonObject
          && "object".equals(object.getValue("type"))
          && !object.containsKey("additionalProperties")) {
        object.put("additionalProperties", false);
      }
    } else if (node instanceof JsonArray array) {
      array.forEach(AnswerCheck::close);
    }
  }

  /** The operations of the merchant API. */
  public Set<String> operations() {
    Set<String> ids = new TreeSet<>();
    operations.stream()
        .filter(operation -> operation.ofApi)
        .forEach(operation -> ids.add(operation.id));
    return ids;
  }

  /** Operations whose answers to what they carried out have been looked at. */
  public Set<String> seen() {
    return new TreeSet<>(seen);
  }

  private JsonObject resolve(JsonObject node) {
    String reference = node.getString("$ref");
    if (reference == null) {
      return node;
    }
    JsonObject found = contract;
    for (String step : reference.substring(2).split("/", -1)) {
      found = found.getJsonObject(step);
    }
    return found;
  }

  /** What the contract says of an answer's body; nothing for none. */
  private JsonObject schema(Operation operation, int status) {
    JsonObject responses = operation.responses;
    JsonObject said = responses.getJsonObject(Integer.toString(status));
    if (said == null) {
      said = status < 300 ? new JsonObject() : responses.getJsonObject("default", new JsonObject());
    }
    return resolve(said)
        .getJsonObject("content", new JsonObject())
        .getJsonObject("application/json", new JsonObject())
        .getJsonObject("schema", new JsonObject());
  }

  /**
   * Fails if an answer of the merchant API, or to a page's question, is not as the contract says.
   */
  public void check(HttpResponse<String> response) {
    check(
        response.request().method(),
        response.request().uri().getRawPath(),
        response.statusCode(),
        response.body());
  }

  void check(String verb, String asked, int status, String body) {
    String path = asked.replaceAll("/+$", "");
    // 304: the client has it; 501: the surface that it belongs to is not there in this test.
    // People get refusals as pages.
    boolean ofApi = path.startsWith(PREFIX);
    if (verb.equals("HEAD")
        || verb.equals("OPTIONS")
        || LEGACY.matcher(path).matches()
        || WALLETS.matcher(path).matches()
        || status == 304
        || status == 501
        || (!ofApi && status != 200)) {
      return;
    }
    String what = verb + " " + path + ": " + status;
    Optional<Operation> operation =
        operations.stream().filter(each -> each.takes(verb, path)).findFirst();
    if (operation.isEmpty()) {
      assertThat(ofApi ? status : 404)
          .as("%s is in the contract", what)
          .isGreaterThanOrEqualTo(400);
      return;
    }
    JsonObject schema = schema(operation.get(), status);
    if (schema.isEmpty()) {
      assertThat(body).as("%s has no body", what).isEmpty();
    } else {
      assertThat(body).as("%s has a body", what).isNotEmpty();
      OutputUnit result =
          validators
              .computeIfAbsent(
                  schema.encode(),
                  text ->
                      repository.validator(
                          JsonSchema.of(new JsonObject(text.replace(SCHEMAS, BASE + "#/$defs/")))))
              .validate(Json.decodeValue(body));
      assertThat(result.getValid())
          .as(() -> "%s is as the contract says: %s%n%s".formatted(what, result.toJson(), body))
          .isTrue();
    }
    if (status < 300) {
      seen.add(operation.get().id);
    }
  }
}
