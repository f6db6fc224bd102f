package network.tender.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.merchant.ExactJson;
import network.tender.merchant.IdempotentAnswers;
import org.jspecify.annotations.Nullable;

/**
 * A request with an {@code Idempotency-Key}: what repeats of it have in common, and what they must
 * not differ in.
 *
 * @param claim the request among all that are carried out once
 * @param seal of its answer
 */
public record RepeatableRequest(IdempotentAnswers.Claim claim, AnswerSeal seal) {
  /** The header that makes a request one that may be sent again. */
  public static final String HEADER = "Idempotency-Key";

  /** The header, {@code true}, of answers to requests that have been answered before. */
  public static final String REPLAYED = "Idempotent-Replayed";

  /** The code of the refusal of another request with a key that was used before. */
  public static final String REUSED = "idempotency-key-reused";

  /**
   * A request.
   *
   * @param scope whose key it is, and the key; two that are equal are the same key
   * @param body in one spelling, as {@link #canonical} writes it
   */
  public static RepeatableRequest of(HttpServerRequest request, String scope, byte[] body) {
    String path = request.path();
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    String query = request.query();
    byte[] line =
        (request.method() + " " + path + "?" + (query == null ? "" : query) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    Hash all = hash("request", Buffer.buffer(line).appendBytes(body).getBytes());
    return new RepeatableRequest(
        new IdempotentAnswers.Claim(hash("key", scope), all),
        new AnswerSeal(hash("seal", scope), all));
  }

  private static Hash hash(String what, String text) {
    return hash(what, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Hash hash(String what, byte[] content) {
    return Hash.of(Hashing.tagged("tender/idempotency/" + what, content));
  }

  /** A body in one spelling: JSON without spaces and with its keys in order, if it is JSON. */
  public static byte[] canonical(@Nullable Buffer body) {
    byte[] bytes = body == null ? new byte[0] : body.getBytes();
    return ExactJson.parse(bytes).map(json -> ExactJson.writeBytes(sorted(json))).orElse(bytes);
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isObject()) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      TreeSet<String> names = new TreeSet<>();
      node.fieldNames().forEachRemaining(names::add);
      names.forEach(name -> object.set(name, sorted(node.get(name))));
      return object;
    }
    if (node.isArray()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      node.forEach(item -> array.add(sorted(item)));
      return array;
    }
    return node;
  }

  /**
   * What is kept of an answer.
   *
   * @param status HTTP status
   * @param clear as only senders of this request may read it
   */
  public IdempotentAnswers.Answer answer(int status, byte[] clear) {
    return new IdempotentAnswers.Answer(claim.request(), status, Buffer.buffer(seal.close(clear)));
  }

  /** True if an answer was to this request, and not to another with its key. */
  public boolean isAnsweredBy(IdempotentAnswers.Answer answer) {
    return answer.request().equals(claim.request());
  }

  /** What was kept of an answer to this request. */
  public byte[] open(IdempotentAnswers.Answer answer) {
    return seal.open(answer.body().getBytes());
  }
}
