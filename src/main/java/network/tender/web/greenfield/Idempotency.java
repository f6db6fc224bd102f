package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.merchant.ExactJson;
import network.tender.merchant.IdempotentAnswers;
import network.tender.web.AnswerSeal;

/**
 * The header {@code Idempotency-Key} of POST requests: a request that is repeated with it is
 * carried out once, and the repeat gets the first answer, byte for byte, if its caller may still do
 * what was done.
 */
final class Idempotency {
  static final String HEADER = "Idempotency-Key";
  static final String REPLAYED = "Idempotent-Replayed";

  /** Most characters of a key. */
  static final int MAX_KEY_CHARS = 255;

  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1," + MAX_KEY_CHARS + "}");
  private static final Pattern API_KEY = Pattern.compile("[0-9a-f]{40}");

  private final IdempotentAnswers answers;

  Idempotency(IdempotentAnswers answers) {
    this.answers = answers;
  }

  /**
   * A request that is to be carried out once, and the seal of its answer.
   *
   * @param claim the request
   * @param seal of its answer
   * @param demands what was demanded of its caller
   */
  record Once(IdempotentAnswers.Claim claim, AnswerSeal seal, Demands demands) {
    /** What is kept of an answer. */
    IdempotentAnswers.Answer answer(int status, Optional<JsonNode> body) {
      byte[] clear = body.map(ExactJson::writeBytes).orElseGet(() -> new byte[0]);
      return new IdempotentAnswers.Answer(
          claim.request(), status, Buffer.buffer(seal.close(demands.with(clear))));
    }
  }

  /** Carries a request out once, in one transaction of all that it writes with its answer. */
  Future<Optional<JsonNode>> together(Call call, GreenfieldSurface.Operation operation) {
    return once(
        call,
        once ->
            once.isEmpty()
                ? operation.answer(call)
                : answers.together(
                    once.get().claim(),
                    () -> operation.answer(call),
                    body -> once.get().answer(call.ctx().response().getStatusCode(), body)));
  }

  /** Carries a request out once by an operation that writes the answer itself. */
  Future<Optional<JsonNode>> once(
      Call call, Function<Optional<Once>, Future<Optional<JsonNode>>> operation) {
    Optional<Once> once = read(call);
    if (once.isEmpty()) {
      return operation.apply(once);
    }
    return answers
        .once(
            once.get().claim(),
            () -> operation.apply(once),
            answer -> replay(call, once.get(), answer))
        .recover(
            error ->
                Future.failedFuture(
                    error instanceof IdempotentAnswers.TooManyWaitingException
                        ? RefusalException.conflict(
                            "idempotency-key-in-use",
                            "Requests with this "
                                + HEADER
                                + " are being carried out; repeat this one when they are answered.")
                        : error));
  }

  private static Optional<Once> read(Call call) {
    String key = call.ctx().request().getHeader(HEADER);
    if (key == null) {
      return Optional.empty();
    }
    if (!KEY.matcher(key).matches()) {
      throw RefusalException.business(
          "invalid-idempotency-key",
          "%s must have 1 to %d characters of printable ASCII without spaces, such as a UUID."
              .formatted(HEADER, MAX_KEY_CHARS));
    }
    // Not a password, which a quick hash in the database would give away.
    String secret = API_KEY.matcher(call.keyText()).matches() ? call.keyText() : "";
    String scope = call.key().userId() + '\n' + secret + '\n' + key;
    Hash request = hash("request", call, canonical(call));
    return Optional.of(
        new Once(
            new IdempotentAnswers.Claim(hash("key", scope), request),
            new AnswerSeal(hash("seal", scope), request),
            call.demands()));
  }

  private static Hash hash(String what, String text) {
    return Hash.of(
        Hashing.tagged("tender/idempotency/" + what, text.getBytes(StandardCharsets.UTF_8)));
  }

  private static Hash hash(String what, Call call, byte[] body) {
    String path = call.ctx().request().path();
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    String query = call.ctx().request().query();
    byte[] line =
        (call.ctx().request().method() + " " + path + "?" + (query == null ? "" : query) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    return Hash.of(
        Hashing.tagged(
            "tender/idempotency/" + what, Buffer.buffer(line).appendBytes(body).getBytes()));
  }

  /** The body in one spelling: JSON without spaces and with its keys in order, if it is JSON. */
  private static byte[] canonical(Call call) {
    Buffer buffer = call.ctx().body().buffer();
    byte[] body = buffer == null ? new byte[0] : buffer.getBytes();
    return ExactJson.parse(body).map(json -> ExactJson.writeBytes(sorted(json))).orElse(body);
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

  private static Optional<JsonNode> replay(Call call, Once once, IdempotentAnswers.Answer answer) {
    if (!answer.request().equals(once.claim().request())) {
      throw RefusalException.unprocessable(
          HEADER,
          "idempotency-key-reused",
          "This "
              + HEADER
              + " came with another request before; use a new one for each new request.");
    }
    Demands.Kept kept = Demands.Kept.of(once.seal().open(answer.body().getBytes()));
    call.requireAgain(kept.permissions());
    call.ctx().response().setStatusCode(answer.status()).putHeader(REPLAYED, "true");
    return kept.answer().isEmpty()
        ? Optional.empty()
        : Optional.of(JsonNodeFactory.instance.rawValueNode(new RawValue(kept.answer())));
  }
}
