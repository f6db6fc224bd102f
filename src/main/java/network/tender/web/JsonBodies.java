package network.tender.web;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads JSON bodies exactly: decimals stay decimals, and doubled keys are refused. */
public final class JsonBodies {
  private static final JsonMapper EXACT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final Pattern JSON =
      Pattern.compile("application/json[ \\t]*(;.*)?", Pattern.CASE_INSENSITIVE);

  private JsonBodies() {}

  /** True if the request says that its body is JSON, which no plain form of a page can say. */
  public static boolean isJson(HttpServerRequest request) {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null && JSON.matcher(type.strip()).matches();
  }

  /**
   * The JSON object that a body holds.
   *
   * @param body null if the request has none, as the router gives it
   * @throws ProblemException {@link ProblemCode#MALFORMED_JSON} if it holds none
   */
  public static JsonNode object(@Nullable Buffer body) {
    if (body == null || body.length() == 0) {
      throw Problem.of(ProblemCode.MALFORMED_JSON, "The body is empty; send one JSON object.")
          .toException();
    }
    JsonNode node;
    try {
      node = EXACT.readTree(body.getBytes());
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " (line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ")";
      throw Problem.of(
              ProblemCode.MALFORMED_JSON, "The body is not valid JSON" + where + "; correct it.")
          .toException();
    } catch (NumberFormatException e) {
      // Beyond what a decimal's exponent can be.
      throw Problem.of(
              ProblemCode.MALFORMED_JSON, "The body holds a number of no sane size; correct it.")
          .toException();
    } catch (IOException e) {
      // The decoder of UTF-16 and UTF-32, which the parser recognises by their zero bytes.
      throw Problem.of(
              ProblemCode.MALFORMED_JSON, "The body is not text; send JSON, encoded as UTF-8.")
          .toException();
    }
    if (!node.isObject()) {
      throw Problem.of(ProblemCode.MALFORMED_JSON, "The body must be one JSON object; send {…}.")
          .toException();
    }
    return node;
  }
}
