package network.tender.merchant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;

/**
 * JSON with exact numbers: merchants' metadata and amounts come back as they were sent, which
 * binary floating point would not do.
 */
public final class ExactJson {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER_CHARS = 100;

  /** What clients send: small. */
  private static final JsonMapper MAPPER =
      mapper(
          StreamReadConstraints.builder()
              .maxNestingDepth(MAX_DEPTH)
              .maxNumberLength(MAX_NUMBER_CHARS)
              .build());

  /** What is in the database is read, whatever the limits were when it was written. */
  private static final JsonMapper STORED =
      mapper(
          StreamReadConstraints.builder()
              .maxNumberLength(Integer.MAX_VALUE)
              .maxStringLength(Integer.MAX_VALUE)
              .maxNameLength(Integer.MAX_VALUE)
              .build());

  private static final ObjectWriter WRITTEN_OUT =
      MAPPER.writer().with(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN);

  private ExactJson() {}

  private static JsonMapper mapper(StreamReadConstraints limits) {
    JsonMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    mapper.getFactory().setStreamReadConstraints(limits);
    return mapper;
  }

  /** A new empty object. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /**
   * Reads one JSON value; empty if the text is not exactly one, nested too deep, or holds a number
   * beyond what a decimal's exponent can be.
   */
  public static Optional<JsonNode> parse(byte[] utf8) {
    try {
      JsonNode node = MAPPER.readTree(utf8);
      return node == null || node.isMissingNode() ? Optional.empty() : Optional.of(node);
    } catch (java.io.IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads JSON that is stored.
   *
   * @throws IllegalStateException if it is none
   */
  static JsonNode read(String text) {
    try {
      return STORED.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored JSON does not parse", e);
    }
  }

  /**
   * True if a text can be stored and comes back as it was: PostgreSQL knows no U+0000, and half of
   * a surrogate pair has no form in UTF-8.
   */
  public static boolean isStorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (unit == '\0' || Character.isLowSurrogate(unit)) {
        return false;
      }
      if (Character.isHighSurrogate(unit)) {
        i++;
        if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * True if a value can be stored and {@link #parse} reads what comes back: its texts can be, and
   * its numbers have at most a hundred digits in all, before the point and behind it. PostgreSQL
   * writes them out digit by digit, so that a short exponent would take kilobytes.
   */
  public static boolean isStorable(JsonNode node) {
    if (node.isTextual()) {
      return isStorable(node.textValue());
    }
    if (node.isBigDecimal() || node.isBigInteger()) {
      BigDecimal number = node.decimalValue();
      long before = Math.max(1, (long) number.precision() - number.scale());
      return before + Math.max(0, number.scale()) <= MAX_NUMBER_CHARS;
    }
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> property : node.properties()) {
        if (!isStorable(property.getKey()) || !isStorable(property.getValue())) {
          return false;
        }
      }
      return true;
    }
    for (JsonNode item : node) {
      if (!isStorable(item)) {
        return false;
      }
    }
    return true;
  }

  /**
   * How many characters a {@link #isStorable storable} value takes with its numbers written out.
   */
  static int storedChars(JsonNode node) {
    try {
      return WRITTEN_OUT.writeValueAsString(node).length();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always writable", e);
    }
  }

  /** True if a value can be stored and takes at most so many characters there. */
  public static boolean isStorable(JsonNode node, int maxChars) {
    return isStorable(node) && storedChars(node) <= maxChars;
  }

  /** About how many characters a value takes; costs much less than to write it. */
  public static long size(JsonNode node) {
    if (node.isTextual()) {
      return node.textValue().length() + 2L;
    }
    if (node.isBigDecimal() || node.isBigInteger()) {
      return MAX_NUMBER_CHARS;
    }
    long size = 8;
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> property : node.properties()) {
        size += property.getKey().length() + 4L + size(property.getValue());
      }
    } else {
      for (JsonNode item : node) {
        size += size(item) + 1;
      }
    }
    return size;
  }

  /** Writes a value as compact JSON. */
  public static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always writable", e);
    }
  }

  /** Writes a value as compact JSON in UTF-8. */
  public static byte[] writeBytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always writable", e);
    }
  }
}
