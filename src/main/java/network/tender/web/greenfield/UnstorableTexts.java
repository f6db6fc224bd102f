package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.LenientJson;

/**
 * Finds the texts of a body that the database would refuse or change, before anything is done with
 * them: JSON can spell U+0000 and halves of surrogate pairs, PostgreSQL can't.
 */
final class UnstorableTexts {
  /** What is expected of every text of a request. */
  static final String EXPECTATION =
      "Must not hold the character U+0000 or half of a surrogate pair.";

  private static final int MAX_ERRORS = 50;

  private final List<FieldError> errors = new ArrayList<>();

  private UnstorableTexts() {}

  /** Throws with the path of every such text; {@code metadata} counts as one field. */
  static void refuse(JsonNode body) {
    if (!holdsUnstorable(body)) {
      return;
    }
    UnstorableTexts found = new UnstorableTexts();
    for (Map.Entry<String, JsonNode> property : body.properties()) {
      found.search(property, "");
    }
    if (!found.errors.isEmpty()) {
      throw RefusalException.fields(found.errors);
    }
  }

  private void search(Map.Entry<String, JsonNode> property, String parent) {
    String key = property.getKey();
    if (!ExactJson.isStorable(key)) {
      note(parent);
      return;
    }
    String name = key.isEmpty() ? key : LenientJson.pascalCase(key);
    String path = parent.isEmpty() ? name : parent + "." + name;
    search(property.getValue(), path);
  }

  private void search(JsonNode node, String path) {
    if (path.equalsIgnoreCase("metadata")) {
      if (holdsUnstorable(node)) {
        note(path);
      }
    } else if (node.isTextual()) {
      if (!ExactJson.isStorable(node.textValue())) {
        note(path);
      }
    } else if (node.isObject()) {
      node.properties().forEach(property -> search(property, path));
    } else {
      for (int i = 0; i < node.size(); i++) {
        search(node.get(i), path + "[" + i + "]");
      }
    }
  }

  private static boolean holdsUnstorable(JsonNode node) {
    if (node.isTextual()) {
      return !ExactJson.isStorable(node.textValue());
    }
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> property : node.properties()) {
        if (!ExactJson.isStorable(property.getKey()) || holdsUnstorable(property.getValue())) {
          return true;
        }
      }
      return false;
    }
    for (JsonNode item : node) {
      if (holdsUnstorable(item)) {
        return true;
      }
    }
    return false;
  }

  private void note(String path) {
    if (errors.size() < MAX_ERRORS) {
      errors.add(new FieldError(path, EXPECTATION));
    }
  }
}
