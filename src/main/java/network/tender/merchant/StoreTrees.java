package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * The settings of a store that are objects and lists. Typed clients read them back, so what comes
 * in is read by its type here and written in one form.
 */
final class StoreTrees {
  private static final int MAX_ITEMS = 100;
  private static final int MAX_TEXT_CHARS = 100;

  /** What a receipt shows. */
  static final List<String> RECEIPT_FLAGS = List.of("enabled", "showQR", "showPayments");

  private StoreTrees() {}

  /**
   * What receipts show, with the changes of a request; missing and null flags change nothing.
   *
   * @param errors gets what is wrong
   */
  static ObjectNode receipt(JsonNode current, JsonNode given, List<FieldError> errors) {
    ObjectNode merged = ExactJson.object();
    for (String name : RECEIPT_FLAGS) {
      merged.set(name, LenientJson.get(current, name));
      JsonNode flag = LenientJson.get(given, name);
      if (!flag.isNull()) {
        LenientJson.flag(flag)
            .ifPresentOrElse(
                value -> merged.put(name, value),
                () ->
                    errors.add(
                        new FieldError(
                            "Receipt." + LenientJson.pascalCase(name), "Must be true or false.")));
      }
    }
    return merged;
  }

  /** Codes of currencies; empty if that is none. */
  static Optional<JsonNode> currencies(JsonNode given, String path, List<FieldError> errors) {
    if (!isList(given, path, errors)) {
      return Optional.empty();
    }
    ArrayNode list = ExactJson.object().arrayNode();
    for (int i = 0; i < given.size(); i++) {
      text(given.get(i))
          .filter(text -> !text.isBlank())
          .ifPresentOrElse(
              list::add, problem(path + "[" + i + "]", "Must be the code of a currency.", errors));
    }
    return Optional.of(list);
  }

  /** From or up to which amounts payment methods are offered; empty if that is none. */
  static Optional<JsonNode> criteria(JsonNode given, String path, List<FieldError> errors) {
    if (!isList(given, path, errors)) {
      return Optional.empty();
    }
    ArrayNode list = ExactJson.object().arrayNode();
    for (int i = 0; i < given.size(); i++) {
      String item = path + "[" + i + "]";
      if (given.get(i).isObject()) {
        list.add(criterion(given.get(i), item, errors));
      } else {
        errors.add(new FieldError(item, "Must be an object."));
      }
    }
    return Optional.of(list);
  }

  private static ObjectNode criterion(JsonNode given, String path, List<FieldError> errors) {
    ObjectNode criterion = ExactJson.object();
    JsonNode method = LenientJson.get(given, "paymentMethodId");
    // Versions before 2.0 named it so.
    text(method.isNull() ? LenientJson.get(given, "paymentMethod") : method)
        .ifPresentOrElse(
            text -> criterion.put("paymentMethodId", text),
            problem(path + ".PaymentMethodId", "Must be the id of a payment method.", errors));
    text(LenientJson.get(given, "currencyCode"))
        .ifPresentOrElse(
            text -> criterion.put("currencyCode", text),
            problem(path + ".CurrencyCode", "Must be the code of a currency.", errors));
    LenientJson.decimal(LenientJson.get(given, "amount"))
        .map(BigDecimal::toPlainString)
        .filter(text -> text.length() <= MAX_TEXT_CHARS)
        .ifPresentOrElse(
            text -> criterion.put("amount", text),
            problem(path + ".Amount", "Must be a number.", errors));
    JsonNode above = LenientJson.get(given, "above");
    (above.isNull() ? Optional.of(false) : LenientJson.flag(above))
        .ifPresentOrElse(
            flag -> criterion.put("above", flag),
            problem(path + ".Above", "Must be true or false.", errors));
    return criterion;
  }

  private static boolean isList(JsonNode given, String path, List<FieldError> errors) {
    if (given.isArray() && given.size() <= MAX_ITEMS) {
      return true;
    }
    errors.add(new FieldError(path, "Must be a list of at most %d.".formatted(MAX_ITEMS)));
    return false;
  }

  private static Optional<String> text(JsonNode given) {
    return LenientJson.text(given).filter(text -> text.length() <= MAX_TEXT_CHARS);
  }

  private static Runnable problem(String path, String expectation, List<FieldError> errors) {
    return () -> errors.add(new FieldError(path, expectation));
  }
}
