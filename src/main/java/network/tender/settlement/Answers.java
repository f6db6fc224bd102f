package network.tender.settlement;

import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers collected during one turn of the writer and then sent with one task for each context that
 * waits, instead of one for each answer. What can be computed there, such as receipts, is.
 */
final class Answers {
  private record Answer(Waiter waiter, Supplier<Outcome> outcome) {}

  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private Map<Context, List<Answer>> answers = new HashMap<>();

  /** Answers a waiter, unless that has been done. */
  void add(Waiter waiter, Supplier<Outcome> outcome) {
    if (!waiter.answered) {
      waiter.answered = true;
      answers
          .computeIfAbsent(waiter.context, context -> new ArrayList<>())
          .add(new Answer(waiter, outcome));
    }
  }

  /** Answers a waiter, unless that has been done. */
  void add(Waiter waiter, Outcome outcome) {
    add(waiter, () -> outcome);
  }

  /** Sends all. */
  void send() {
    if (answers.isEmpty()) {
      return;
    }
    Map<Context, List<Answer>> sent = answers;
    answers = new HashMap<>();
    sent.forEach((context, list) -> context.runOnContext(there -> complete(list)));
  }

  private static void complete(List<Answer> list) {
    for (Answer answer : list) {
      try {
        answer.waiter().promise.tryComplete(answer.outcome().get());
      } catch (RuntimeException e) {
        LOG.error("An answer could not be made", e);
        answer.waiter().promise.tryFail(e);
      }
    }
  }
}
