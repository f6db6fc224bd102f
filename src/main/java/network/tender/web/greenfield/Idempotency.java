package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.util.RawValue;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import network.tender.merchant.ExactJson;
import network.tender.merchant.IdempotentAnswers;
import network.tender.web.RepeatableRequest;

/**
 * The header {@code Idempotency-Key} of POST requests: a request that is repeated with it is
 * carried out once, and the repeat gets the first answer, byte for byte, if its caller may still do
 * what was done.
 */
final class Idempotency {
  static final String HEADER = RepeatableRequest.HEADER;
  static final String REPLAYED = RepeatableRequest.REPLAYED;

  /** Most characters of a key. */
  static final int MAX_KEY_CHARS = 255;

  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1," + MAX_KEY_CHARS + "}");
  private static final Pattern API_KEY = Pattern.compile("[0-9a-f]{40}");

  private final IdempotentAnswers answers;

  Idempotency(IdempotentAnswers answers) {
    this.answers = answers;
  }

  /**
   * A request that is to be carried out once.
   *
   * @param request the request
   * @param demands what was demanded of its caller
   */
  record Once(RepeatableRequest request, Demands demands) {
    IdempotentAnswers.Claim claim() {
      return request.claim();
    }

    /** What is kept of an answer. */
    IdempotentAnswers.Answer answer(int status, Optional<JsonNode> body) {
      byte[] clear = body.map(ExactJson::writeBytes).orElseGet(() -> new byte[0]);
      return request.answer(status, demands.with(clear));
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
    RepeatableRequest request =
        RepeatableRequest.of(
            call.ctx().request(), scope, RepeatableRequest.canonical(call.ctx().body().buffer()));
    return Optional.of(new Once(request, call.demands()));
  }

  private static Optional<JsonNode> replay(Call call, Once once, IdempotentAnswers.Answer answer) {
    if (!once.request().isAnsweredBy(answer)) {
      throw RefusalException.unprocessable(
          HEADER,
          RepeatableRequest.REUSED,
          "This "
              + HEADER
              + " came with another request before; use a new one for each new request.");
    }
    Demands.Kept kept = Demands.Kept.of(once.request().open(answer));
    call.requireAgain(kept.permissions());
    call.ctx().response().setStatusCode(answer.status()).putHeader(REPLAYED, "true");
    return kept.answer().isEmpty()
        ? Optional.empty()
        : Optional.of(JsonNodeFactory.instance.rawValueNode(new RawValue(kept.answer())));
  }
}
