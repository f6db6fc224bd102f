package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import network.tender.settlement.BusyException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may ask the database long questions, and when. */
class LongQuestionsTest {
  private final Vertx vertx = Vertx.vertx();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Context loop = vertx.getOrCreateContext();
  private final List<String> begun = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Promise<String>> answers = new HashMap<>();
  private final Map<String, Future<String>> told = Collections.synchronizedMap(new HashMap<>());

  @AfterEach
  void stop() {
    TestServer.await(vertx.close());
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  private double metric(String name) {
    return registry.get(name).meters().iterator().next().measure().iterator().next().getValue();
  }

  private void ask(LongQuestions questions, String... names) {
    for (String name : names) {
      answers.put(name, Promise.promise());
      loop.runOnContext(
          run ->
              told.put(
                  name,
                  questions.inTurn(
                      name.substring(0, 1),
                      () -> {
                        begun.add(name);
                        return answers.get(name).future();
                      })));
      until(() -> told.containsKey(name));
    }
  }

  private void answer(String name) {
    answers.get(name).complete(name);
    until(() -> told.get(name).succeeded());
  }

  @Test
  void ownersTakeTurnsWithEachOtherWhoeverAskedMore() {
    LongQuestions questions =
        new LongQuestions(vertx, new LongQuestions.Limits(3, 2, 100, 100, 60_000), registry);
    ask(questions, "a1", "a2", "a3", "a4", "a5");
    // The third turn is for others.
    assertThat(begun).containsExactly("a1", "a2");
    ask(questions, "b1", "b2", "c1");
    assertThat(begun).containsExactly("a1", "a2", "b1");
    assertThat(metric("tender.http.questions")).isEqualTo(3);
    assertThat(metric("tender.http.questions.waiting")).isEqualTo(5);
    answer("a1");
    until(() -> begun.contains("a3"));
    answer("a2");
    until(() -> begun.contains("b2"));
    answer("b1");
    until(() -> begun.contains("c1"));
    answer("c1");
    until(() -> begun.contains("a4"));
    assertThat(begun).containsExactly("a1", "a2", "b1", "a3", "b2", "c1", "a4");
    answer("a3");
    until(() -> begun.contains("a5"));
    for (String last : List.of("a4", "a5", "b2")) {
      answer(last);
    }
    assertThat(metric("tender.http.questions")).isZero();
    assertThat(metric("tender.http.questions.waiting")).isZero();
  }

  @Test
  void whoComesOnTopOfThoseWhoWaitIsRefused() {
    LongQuestions questions =
        new LongQuestions(vertx, new LongQuestions.Limits(1, 1, 3, 2, 60_000), registry);
    ask(questions, "a1", "a2", "a3", "a4", "b1", "b2", "c1");
    // One runs; two of one owner wait, or three in all.
    assertThat(told.get("a4").cause()).isInstanceOf(BusyException.class);
    assertThat(told.get("b2").cause()).isInstanceOf(BusyException.class);
    assertThat(told.get("c1").cause()).isInstanceOf(BusyException.class);
    assertThat(metric("tender.http.questions.refused")).isEqualTo(3);
    answer("a1");
    until(() -> begun.size() == 2);
    ask(questions, "c2");
    assertThat(told.get("c2").isComplete()).isFalse();
  }

  @Test
  void nobodyWaitsForLong() {
    LongQuestions questions =
        new LongQuestions(vertx, new LongQuestions.Limits(1, 1, 3, 2, 30), registry);
    ask(questions, "a1", "a2");
    until(() -> told.get("a2").failed());
    assertThat(told.get("a2").cause()).isInstanceOf(BusyException.class);
    answer("a1");
    ask(questions, "a3");
    assertThat(begun).containsExactly("a1", "a3");
    assertThat(metric("tender.http.questions.waiting")).isZero();
  }

  @Test
  void aQuestionThatFailsGivesItsTurnBack() {
    LongQuestions questions =
        new LongQuestions(vertx, new LongQuestions.Limits(1, 1, 3, 2, 60_000), registry);
    Promise<String> first = Promise.promise();
    loop.runOnContext(
        run ->
            questions
                .<String>inTurn(
                    "a",
                    () -> {
                      throw new IllegalArgumentException("a question that can't be asked");
                    })
                .onComplete(first));
    until(() -> first.future().failed());
    ask(questions, "a1");
    assertThat(begun).containsExactly("a1");
  }
}
