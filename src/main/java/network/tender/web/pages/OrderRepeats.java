package network.tender.web.pages;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import network.tender.merchant.IdempotentAnswers;
import network.tender.merchant.InvoiceView;
import network.tender.merchant.SaleOnce;
import network.tender.settlement.BusyException;
import network.tender.web.RepeatableRequest;

/**
 * Orders of pages that may be sent again, as a till does that has lost the answer: each is carried
 * out once, and a repeat gets the first answer, byte for byte.
 */
final class OrderRepeats {
  private static final int DONE = 200;

  private final IdempotentAnswers answers;

  OrderRepeats(IdempotentAnswers answers) {
    this.answers = answers;
  }

  /** An order that could not be carried out, of which nothing is kept. */
  private static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Shop.Answer.Refused<InvoiceView> refusal;

    RefusedException(Shop.Answer.Refused<InvoiceView> refusal) {
      super(refusal.sentence(), null, false, false);
      this.refusal = refusal;
    }

    Shop.Answer<Shop.Reply> refusal() {
      return new Shop.Answer.Refused<>(refusal.status(), refusal.code(), refusal.sentence());
    }
  }

  /**
   * Makes an invoice once.
   *
   * @param sell makes it; without a claim it finds one that was made for the same sale before
   */
  Future<Shop.Answer<Shop.Reply>> sell(
      Shop.Order order, Function<Optional<SaleOnce>, Future<Shop.Answer<InvoiceView>>> sell) {
    if (order.repeatable().isEmpty()) {
      return sell.apply(Optional.empty()).map(sold -> plain(order, sold, false));
    }
    RepeatableRequest request = order.repeatable().get();
    AtomicReference<Buffer> written = new AtomicReference<>();
    SaleOnce once =
        new SaleOnce(
            request.claim(),
            view -> {
              // Not asked for twice: it tells how much time is left, and the first and any later
              // answer are to be the same.
              Buffer answer = order.answer().apply(view);
              written.set(answer);
              return request.answer(DONE, answer.getBytes());
            });
    return answers
        .once(
            request.claim(),
            () ->
                sell.apply(Optional.of(once))
                    .map(
                        sold ->
                            sold instanceof Shop.Answer.Done<InvoiceView>
                                ? done(Optional.ofNullable(written.get()).orElseThrow(), false)
                                : plain(order, sold, false)),
            answer -> replay(request, answer))
        .recover(
            error ->
                error instanceof IdempotentAnswers.AnsweredException
                    // Its answer is kept no longer, but the sale still is.
                    ? sell.apply(Optional.empty()).map(sold -> plain(order, sold, true))
                    : failed(error));
  }

  /** Does something else once, in one transaction of all that it writes with its answer. */
  Future<Shop.Answer<Shop.Reply>> together(
      Shop.Order order, Supplier<Future<Shop.Answer<InvoiceView>>> work) {
    if (order.repeatable().isEmpty()) {
      return work.get().map(done -> plain(order, done, false));
    }
    RepeatableRequest request = order.repeatable().get();
    return answers
        .once(
            request.claim(),
            () ->
                answers
                    .together(
                        request.claim(),
                        () -> work.get().map(done -> value(order, done)),
                        answer -> request.answer(DONE, answer.getBytes()))
                    .map(answer -> done(answer, false)),
            answer -> replay(request, answer))
        .recover(
            error ->
                error instanceof RefusedException refused
                    ? Future.succeededFuture(refused.refusal())
                    : failed(error));
  }

  private static Buffer value(Shop.Order order, Shop.Answer<InvoiceView> answer) {
    if (answer instanceof Shop.Answer.Refused<InvoiceView> refused) {
      throw new RefusedException(refused);
    }
    return order.answer().apply(((Shop.Answer.Done<InvoiceView>) answer).value());
  }

  private static Shop.Answer<Shop.Reply> plain(
      Shop.Order order, Shop.Answer<InvoiceView> answer, boolean replayed) {
    return answer instanceof Shop.Answer.Done<InvoiceView> made
        ? done(order.answer().apply(made.value()), replayed)
        : new RefusedException((Shop.Answer.Refused<InvoiceView>) answer).refusal();
  }

  private static Shop.Answer<Shop.Reply> done(Buffer answer, boolean replayed) {
    return new Shop.Answer.Done<>(new Shop.Reply(answer, replayed));
  }

  private static Shop.Answer<Shop.Reply> replay(
      RepeatableRequest request, IdempotentAnswers.Answer answer) {
    return request.isAnsweredBy(answer)
        ? done(Buffer.buffer(request.open(answer)), true)
        : PageCode.SALE_KEY_REUSED.refused();
  }

  private static <T> Future<T> failed(Throwable error) {
    return Future.failedFuture(
        error instanceof IdempotentAnswers.TooManyWaitingException ? new BusyException() : error);
  }
}
