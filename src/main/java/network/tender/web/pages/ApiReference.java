package network.tender.web.pages;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The contract as a page shows it: operations by tag, with their fields and permissions. */
final class ApiReference {
  private static final List<String> VERBS = List.of("get", "post", "put", "delete", "patch");
  private static final Pattern PERMISSION =
      Pattern.compile("`((?:btcpay\\.(?:store|server|user)\\.[a-z.]+)|unrestricted)`");
  private static final Pattern CODE = Pattern.compile("`([^`]*)`");
  private static final Pattern EMPHASIS = Pattern.compile("\\*\\*");
  private static final Pattern RULE = Pattern.compile("\\|[-| :]+\\|");

  /** Fields of fields are listed so deep. */
  private static final int MAX_DEPTH = 3;

  private final JsonObject contract;

  /**
   * Reads a contract.
   *
   * @param contract OpenAPI 3.1
   */
  ApiReference(JsonObject contract) {
    this.contract = contract;
  }

  /** The page's variables. */
  Map<String, Object> variables() {
    Map<String, List<Map<String, Object>>> byTag = new LinkedHashMap<>();
    List<Map<String, Object>> tags = new ArrayList<>();
    for (Object each : contract.getJsonArray("tags", new JsonArray())) {
      JsonObject tag = (JsonObject) each;
      List<Map<String, Object>> operations = new ArrayList<>();
      byTag.put(tag.getString("name"), operations);
      tags.add(
          Map.of(
              "name",
              tag.getString("name"),
              "words",
              tag.getString("description", ""),
              "operations",
              operations));
    }
    JsonObject paths = contract.getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      JsonObject item = paths.getJsonObject(path);
      for (String verb : VERBS) {
        JsonObject operation = item.getJsonObject(verb);
        if (operation != null) {
          String tag = operation.getJsonArray("tags").getString(0);
          List<Map<String, Object>> group = byTag.get(tag);
          if (group == null) {
            throw new IllegalStateException("the contract lists no tag " + tag);
          }
          group.add(operation(path, verb, item, operation));
        }
      }
    }
    JsonObject info = contract.getJsonObject("info");
    return Map.of(
        "version",
        info.getString("version", ""),
        "blocks",
        blocks(info.getString("description", "")),
        "tags",
        tags);
  }

  private Map<String, Object> operation(
      String path, String verb, JsonObject item, JsonObject operation) {
    String description = operation.getString("description", "");
    Set<String> permissions = new LinkedHashSet<>();
    Matcher matcher = PERMISSION.matcher(description);
    while (matcher.find()) {
      permissions.add(matcher.group(1));
    }
    JsonArray security = operation.getJsonArray("security", new JsonArray());
    List<Map<String, Object>> fields = new ArrayList<>();
    addParameters(fields, item.getJsonArray("parameters", new JsonArray()));
    addParameters(fields, operation.getJsonArray("parameters", new JsonArray()));
    List<String> types = new ArrayList<>();
    JsonObject body = resolve(operation.getJsonObject("requestBody", new JsonObject()));
    JsonObject content = body.getJsonObject("content", new JsonObject());
    for (String type : content.fieldNames()) {
      types.add(type);
      if (type.endsWith("json")) {
        JsonObject schema = content.getJsonObject(type).getJsonObject("schema", new JsonObject());
        addProperties(fields, "", schema, 1);
      }
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("id", operation.getString("operationId"));
    shown.put("verb", verb.toUpperCase(Locale.ROOT));
    shown.put("path", path);
    shown.put("summary", operation.getString("summary", ""));
    shown.put("blocks", blocks(description));
    shown.put("needsKey", !security.isEmpty());
    shown.put("permissions", List.copyOf(permissions));
    shown.put("types", types);
    shown.put("fields", fields);
    return shown;
  }

  private JsonObject resolve(JsonObject node) {
    String reference = node.getString("$ref");
    if (reference == null) {
      return node;
    }
    JsonObject found = contract;
    for (String step : reference.substring(2).split("/", -1)) {
      found = found.getJsonObject(step);
      if (found == null) {
        throw new IllegalStateException("the contract has no " + reference);
      }
    }
    return resolve(found);
  }

  private void addParameters(List<Map<String, Object>> fields, JsonArray parameters) {
    for (Object each : parameters) {
      JsonObject parameter = resolve((JsonObject) each);
      JsonObject schema = resolve(parameter.getJsonObject("schema", new JsonObject()));
      fields.add(
          field(
              parameter.getString("name"),
              parameter.getString("in"),
              schema,
              parameter.getBoolean("required", false),
              parameter.getString("description", schema.getString("description", ""))));
    }
  }

  private void addProperties(
      List<Map<String, Object>> fields, String prefix, JsonObject reference, int depth) {
    JsonObject schema = resolve(reference);
    for (Object part : schema.getJsonArray("allOf", new JsonArray())) {
      addProperties(fields, prefix, (JsonObject) part, depth);
    }
    JsonObject properties = schema.getJsonObject("properties", new JsonObject());
    JsonArray required = schema.getJsonArray("required", new JsonArray());
    for (String name : properties.fieldNames()) {
      JsonObject property = resolve(properties.getJsonObject(name));
      fields.add(
          field(
              prefix + name,
              "body",
              property,
              required.contains(name),
              property.getString("description", "")));
      if (depth < MAX_DEPTH) {
        addProperties(fields, prefix + name + ".", property, depth + 1);
      }
    }
  }

  private Map<String, Object> field(
      String name, String place, JsonObject schema, boolean required, String description) {
    return Map.of(
        "name", name,
        "place", place,
        "type", type(schema),
        "required", required,
        "spans", spans(description));
  }

  private String type(JsonObject schema) {
    Object type = schema.getValue("type");
    String words =
        type instanceof JsonArray several
            ? String.join(" or ", several.stream().map(String::valueOf).toList())
            : type == null ? "" : type.toString();
    if (words.startsWith("array") && schema.getValue("items") instanceof JsonObject items) {
      words = ("list of " + type(resolve(items))).strip();
    }
    JsonArray values = schema.getJsonArray("enum");
    return values == null
        ? words
        : String.join(", ", values.stream().map(String::valueOf).toList());
  }

  // The contract's descriptions use little of Markdown: paragraphs, lists, tables and code.

  private static List<Map<String, Object>> blocks(String description) {
    List<Map<String, Object>> blocks = new ArrayList<>();
    for (String block : description.strip().split("\\n\\s*\\n", -1)) {
      if (block.isBlank()) {
        continue;
      }
      if (block.startsWith("|")) {
        List<List<List<Map<String, Object>>>> rows = new ArrayList<>();
        for (String line : block.split("\\n", -1)) {
          if (!RULE.matcher(line.strip()).matches()) {
            rows.add(cells(line.strip()));
          }
        }
        blocks.add(
            Map.of("kind", "table", "head", rows.get(0), "rows", rows.subList(1, rows.size())));
      } else if (block.startsWith("- ") || block.startsWith("* ")) {
        List<List<Map<String, Object>>> items = new ArrayList<>();
        for (String line : block.substring(2).split("\\n[-*] ", -1)) {
          items.add(spans(line));
        }
        blocks.add(Map.of("kind", "list", "items", items));
      } else {
        blocks.add(Map.of("kind", "text", "spans", spans(block)));
      }
    }
    return blocks;
  }

  private static List<List<Map<String, Object>>> cells(String line) {
    String inner = line.substring(1, line.endsWith("|") ? line.length() - 1 : line.length());
    List<List<Map<String, Object>>> cells = new ArrayList<>();
    for (String cell : inner.split("\\|", -1)) {
      cells.add(spans(cell.strip()));
    }
    return cells;
  }

  private static List<Map<String, Object>> spans(String text) {
    List<Map<String, Object>> spans = new ArrayList<>();
    Matcher code = CODE.matcher(text);
    int from = 0;
    while (code.find()) {
      addText(spans, text.substring(from, code.start()));
      spans.add(Map.of("code", true, "text", code.group(1)));
      from = code.end();
    }
    addText(spans, text.substring(from));
    return spans;
  }

  private static void addText(List<Map<String, Object>> spans, String text) {
    if (!text.isEmpty()) {
      spans.add(Map.of("code", false, "text", EMPHASIS.matcher(text).replaceAll("")));
    }
  }
}
