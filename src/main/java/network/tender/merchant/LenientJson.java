package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads requests the way the API's many clients write them: keys in any case, numbers and flags as
 * texts, nulls for what is not given.
 */
public final class LenientJson {
  private static final int MAX_DECIMAL_CHARS = 60;
  private static final int MAX_DECIMAL_DIGITS = 40;

  private LenientJson() {}

  /**
   * The value of a key in any case, the exact one first; {@link NullNode} if there is none or the
   * node is no object.
   */
  public static JsonNode get(JsonNode node, String key) {
    JsonNode exact = node.get(key);
    if (exact != null) {
      return exact;
    }
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> property : node.properties()) {
        if (property.getKey().equalsIgnoreCase(key)) {
          return property.getValue();
        }
      }
    }
    return NullNode.instance;
  }

  /** A flag, also as text ({@code "True"}). */
  public static Optional<Boolean> flag(JsonNode node) {
    if (node.isBoolean()) {
      return Optional.of(node.booleanValue());
    }
    return node.isTextual() ? flag(node.textValue()) : Optional.empty();
  }

  /** A flag as text, in any case. */
  public static Optional<Boolean> flag(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** A decimal number, also as text; empty if it is none or has an absurd size. */
  public static Optional<BigDecimal> decimal(JsonNode node) {
    if (!node.isNumber() && !node.isTextual()) {
      return Optional.empty();
    }
    try {
      BigDecimal number;
      if (node.isNumber()) {
        number = node.decimalValue();
      } else {
        String text = node.textValue().strip();
        if (text.length() > MAX_DECIMAL_CHARS) {
          return Optional.empty();
        }
        number = new BigDecimal(text);
      }
      // An exponent can make few characters mean gigabytes of digits.
      boolean sane =
          Math.abs((long) number.scale()) <= MAX_DECIMAL_DIGITS
              && number.precision() <= MAX_DECIMAL_DIGITS;
      return sane ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A text; numbers and flags count as their text. Empty for null, lists and objects. */
  public static Optional<String> text(JsonNode node) {
    return node.isValueNode() && !node.isNull() ? Optional.of(node.asText()) : Optional.empty();
  }

  /** {@code speedPolicy} as .NET writes it: {@code SpeedPolicy}. */
  public static String pascalCase(String key) {
    return key.substring(0, 1).toUpperCase(Locale.ROOT) + key.substring(1);
  }
}
