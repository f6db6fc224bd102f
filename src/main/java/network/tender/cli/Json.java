package network.tender.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Strict JSON: exact decimals, no doubled keys, nothing behind the value, bounded depth. */
final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxNumberLength(64)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .configure(JsonParser.Feature.STRICT_DUPLICATE_DETECTION, true)
          .build();

  private Json() {}

  /** An empty object. */
  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Reads one JSON value. */
  static JsonNode parse(byte[] utf8) throws JsonProcessingException {
    try {
      JsonNode node = MAPPER.readTree(utf8);
      return node == null ? MAPPER.missingNode() : node;
    } catch (JsonProcessingException e) {
      throw e;
    } catch (NumberFormatException e) {
      throw absurdNumber(e);
    } catch (java.io.IOException e) {
      throw new IllegalStateException("reading from memory can't fail otherwise", e);
    }
  }

  /** Reads one JSON value. */
  static JsonNode parse(String text) throws JsonProcessingException {
    try {
      JsonNode node = MAPPER.readTree(text);
      return node == null ? MAPPER.missingNode() : node;
    } catch (NumberFormatException e) {
      throw absurdNumber(e);
    }
  }

  /** Beyond what a decimal's exponent can be; the parser lets this exception through. */
  private static JsonProcessingException absurdNumber(NumberFormatException cause) {
    return new JsonParseException(null, "a number of no sane size", cause);
  }

  /** The value as text over several lines, for files that people look at. */
  static String pretty(JsonNode node) {
    return node.toPrettyString() + "\n";
  }
}
