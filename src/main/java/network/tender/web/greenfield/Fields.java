package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import network.tender.merchant.FieldError;
import network.tender.merchant.LenientJson;

/** Reads the fields of one object of a request and gathers everything that is wrong with them. */
final class Fields {
  private final JsonNode node;
  private final String prefix;
  private final List<FieldError> errors;

  private Fields(JsonNode node, String prefix, List<FieldError> errors) {
    this.node = node;
    this.prefix = prefix;
    this.errors = errors;
  }

  static Fields of(JsonNode body) {
    return new Fields(body, "", new ArrayList<>());
  }

  /** The fields of an object within this one; without any if it is missing or null. */
  Fields inner(String key, String path) {
    JsonNode value = LenientJson.get(node, key);
    if (!value.isNull() && !value.isObject()) {
      error(path, "Must be an object.");
    }
    return new Fields(value, prefix + path + ".", errors);
  }

  /** Notes something to correct. */
  void error(String path, String message) {
    errors.add(new FieldError(prefix + path, message));
  }

  /** Throws if anything is to correct. */
  void finish() {
    if (!errors.isEmpty()) {
      throw RefusalException.fields(errors);
    }
  }

  JsonNode get(String key) {
    return LenientJson.get(node, key);
  }

  Optional<BigDecimal> decimal(String key, String path, String least, String most) {
    return readOr(
        key,
        path,
        () -> "Must be a number from %s to %s.".formatted(least, most),
        value ->
            LenientJson.decimal(value)
                .filter(number -> number.compareTo(new BigDecimal(least)) >= 0)
                .filter(number -> number.compareTo(new BigDecimal(most)) <= 0));
  }

  Optional<Boolean> flag(String key, String path) {
    return read(key, path, "Must be true or false.", LenientJson::flag);
  }

  /** A text that is not empty; empty texts count as not given. */
  Optional<String> text(String key, String path, int maxChars) {
    return readOr(
            key,
            path,
            () -> "Must be a text of at most %d characters.".formatted(maxChars),
            value -> LenientJson.text(value).filter(text -> text.length() <= maxChars))
        .filter(text -> !text.isBlank());
  }

  /** The texts of a list; a missing list is an empty one. */
  List<String> texts(String key, String path, int maxItems, int maxChars) {
    JsonNode value = get(key);
    List<String> texts = new ArrayList<>();
    if (value.isNull()) {
      return texts;
    }
    if (!value.isArray() || value.size() > maxItems) {
      error(path, "Must be a list of at most %d texts.".formatted(maxItems));
      return texts;
    }
    for (int i = 0; i < value.size(); i++) {
      Optional<String> text = LenientJson.text(value.get(i));
      if (text.isPresent() && text.get().length() <= maxChars) {
        texts.add(text.get());
      } else {
        error(path + "[" + i + "]", "Must be a text of at most %d characters.".formatted(maxChars));
      }
    }
    return texts;
  }

  /** A value in a form of its own; missing and null give nothing. */
  <T> Optional<T> read(
      String key, String path, String expectation, Function<JsonNode, Optional<T>> reader) {
    return readOr(key, path, () -> expectation, reader);
  }

  private <T> Optional<T> readOr(
      String key,
      String path,
      Supplier<String> expectation,
      Function<JsonNode, Optional<T>> reader) {
    JsonNode value = get(key);
    if (value.isNull()) {
      return Optional.empty();
    }
    Optional<T> read = reader.apply(value);
    if (read.isEmpty()) {
      error(path, expectation.get());
    }
    return read;
  }
}
