package network.tender.web;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import network.tender.ledger.Receipt;
import network.tender.merchant.IdempotentAnswers;
import network.tender.settlement.BusyException;
import network.tender.settlement.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Payments that a request with an {@code Idempotency-Key} makes once. They are durable in a block
 * and not in the transaction of their answer, so the key is written before and the answer after: a
 * node that stops in between never pays twice, but can't say what became of the payment.
 */
public final class RepeatablePayments {
  private static final int DONE = 200;
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

  private final Optional<IdempotentAnswers> answers;

  /**
   * Payments whose answers are kept.
   *
   * @param answers where; if empty, keys are not taken
   */
  public RepeatablePayments(Optional<IdempotentAnswers> answers) {
    this.answers = answers;
  }

  /** What became of a request for a payment. */
  public sealed interface Paid {
    /**
     * This request has been carried out, well or not.
     *
     * @param outcome how
     */
    record Now(Outcome outcome) implements Paid {}

    /**
     * An earlier one has been.
     *
     * @param answer to that
     */
    record Before(Buffer answer) implements Paid {}
  }

  /**
   * Makes a payment; once, if the request has a key.
   *
   * @param body of the request
   * @param pay makes it
   * @param answer to a settled payment
   * @return fails with a problem if the key is none, was used for another payment, or for one of
   *     which nobody knows what became of it
   */
  public Future<Paid> pay(
      HttpServerRequest request,
      @Nullable Buffer body,
      Supplier<Future<Outcome>> pay,
      Function<Receipt, Buffer> answer) {
    String key = request.getHeader(RepeatableRequest.HEADER);
    if (key == null || answers.isEmpty()) {
      return pay.get().map(Paid.Now::new);
    }
    if (!KEY.matcher(key).matches()) {
      return Future.failedFuture(
          problem(
              400,
              "invalid-idempotency-key",
              "Idempotency-Key must have 1 to 255 characters of printable ASCII without spaces."));
    }
    // Nobody says who they are here, so all have the same keys.
    RepeatableRequest repeatable =
        RepeatableRequest.of(request, "dev\n" + key, RepeatableRequest.canonical(body));
    IdempotentAnswers kept = answers.get();
    return kept.<Paid>once(
            repeatable.claim(),
            () ->
                kept.aside(repeatable.claim(), pay, outcome -> answer(repeatable, outcome, answer))
                    .map(Paid.Now::new),
            first -> new Paid.Before(replay(repeatable, first)))
        .recover(
            error ->
                Future.failedFuture(
                    Problems.unavailable(
                        error instanceof IdempotentAnswers.TooManyWaitingException
                            ? new BusyException()
                            : error)));
  }

  /** What is kept of an outcome; empty if nothing has been paid and it may be tried again. */
  private static Optional<IdempotentAnswers.Answer> answer(
      RepeatableRequest request, Outcome outcome, Function<Receipt, Buffer> answer) {
    if (outcome instanceof Outcome.Settled settled) {
      return Optional.of(request.answer(DONE, answer.apply(settled.receipt()).getBytes()));
    }
    boolean isUnclear =
        outcome instanceof Outcome.Accepted
            || (outcome instanceof Outcome.Unavailable unavailable
                && (unavailable.cause() == Outcome.Cause.DELAYED
                    || unavailable.cause() == Outcome.Cause.OUTCOME_UNKNOWN));
    return isUnclear
        ? Optional.of(IdempotentAnswers.Answer.unclear(request.claim()))
        : Optional.empty();
  }

  private static Buffer replay(RepeatableRequest request, IdempotentAnswers.Answer first) {
    if (!request.isAnsweredBy(first)) {
      throw problem(
          422,
          RepeatableRequest.REUSED,
          "This Idempotency-Key came with another request before; use a new one for each new"
              + " request.");
    }
    if (first.isUnclear()) {
      throw problem(
          409,
          "idempotency-outcome-unknown",
          "A request with this Idempotency-Key was begun and its end is not known. Look whether the"
              + " address was paid; if not, use a new key.");
    }
    return Buffer.buffer(request.open(first));
  }

  private static ProblemException problem(int status, String code, String sentence) {
    return new Problem(status, code, sentence, sentence, Map.of()).toException();
  }
}
