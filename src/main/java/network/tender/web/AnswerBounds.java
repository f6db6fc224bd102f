package network.tender.web;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;

/**
 * What keeps large answers from taking a server's memory and database; one for all its instances.
 *
 * @param room the memory of those that are being sent
 * @param questions turns for making them
 */
public record AnswerBounds(AnswerRoom room, LongQuestions questions) {
  /** The bounds of a node with this much heap. */
  public static AnswerBounds ofHeap(Vertx vertx, MeterRegistry registry) {
    return new AnswerBounds(
        AnswerRoom.ofHeap(vertx, registry),
        new LongQuestions(vertx, LongQuestions.Limits.DEFAULT, registry));
  }
}
