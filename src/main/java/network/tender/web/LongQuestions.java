package network.tender.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import network.tender.settlement.BusyException;
import org.jspecify.annotations.Nullable;

/**
 * Turns for questions that may ask much of the database and make large answers, such as lists. Only
 * a few run at a time, so that the database's connections, the processors and the memory are there
 * for those who make invoices and pay them; a few wait for a moment, and whoever comes on top of
 * them is refused. Owners (accounts, stores) take turns with each other: who asks much waits behind
 * its own questions, not others behind it. Safe for any thread.
 *
 * <p>A list that is sent page by page takes a turn for each page: so a slow reader holds none.
 */
public final class LongQuestions {
  private static final String KEY = LongQuestions.class.getName();

  /** Longer than any answer of a healthy database takes: a turn is never lost. */
  private static final long TURN_SECONDS = 20;

  /**
   * Bounds.
   *
   * @param running most that run at a time
   * @param runningOfOwner most of one owner that run at a time
   * @param waiting most that wait for their turn
   * @param waitingOfOwner most of one owner that wait
   * @param waitMillis after which one that waits is refused
   */
  public record Limits(
      int running, int runningOfOwner, int waiting, int waitingOfOwner, long waitMillis) {
    /** What a node allows: less than half of the connections to the database. */
    public static final Limits DEFAULT = new Limits(5, 3, 400, 40, 5_000);
  }

  /** One whose turn has not come. */
  private record Waiting(Runnable begin) {}

  /** Whoever asks: there as long as it has questions that run or wait. */
  private static final class Owner {
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int running;
  }

  private final Vertx vertx;
  private final Limits limits;

  /** The one that is to be served next first. */
  private final Map<String, Owner> owners = new LinkedHashMap<>();

  private int running;
  private int waiting;
  private final Counter refused;

  /** Registers the meters. */
  public LongQuestions(Vertx vertx, Limits limits, MeterRegistry registry) {
    this.vertx = vertx;
    this.limits = limits;
    Gauge.builder("tender.http.questions", this, LongQuestions::running)
        .description("Long questions to the database that are being answered")
        .register(registry);
    Gauge.builder("tender.http.questions.waiting", this, LongQuestions::waiting)
        .description("Long questions to the database that wait for their turn")
        .register(registry);
    this.refused =
        Counter.builder("tender.http.questions.refused")
            .description("Long questions to the database refused because too many were asked")
            .register(registry);
  }

  /** Those of the server that a request came to. */
  public static LongQuestions of(RoutingContext ctx) {
    return ctx.get(KEY);
  }

  void attachTo(RoutingContext ctx) {
    ctx.put(KEY, this);
  }

  private synchronized int running() {
    return running;
  }

  private synchronized int waiting() {
    return waiting;
  }

  /**
   * Asks when it is the question's turn.
   *
   * @param owner who asks
   * @param question is called on the context of this call; its turn ends when its answer is there,
   *     so what is made of the answer belongs to the question
   * @return fails with {@link BusyException} if too many wait or the turn does not come soon
   */
  public <T> Future<T> inTurn(String owner, Supplier<Future<T>> question) {
    Promise<T> promise = Promise.promise();
    Context context = vertx.getOrCreateContext();
    Waiting one;
    synchronized (this) {
      Owner asking = owners.computeIfAbsent(owner, name -> new Owner());
      if (running < limits.running() && asking.running < limits.runningOfOwner()) {
        running++;
        asking.running++;
        one = null;
      } else if (waiting >= limits.waiting() || asking.waiting.size() >= limits.waitingOfOwner()) {
        forgetIfIdle(owner, asking);
        refused.increment();
        return Future.failedFuture(new BusyException());
      } else {
        one = new Waiting(() -> context.runOnContext(turn -> run(owner, question, promise)));
        asking.waiting.add(one);
        waiting++;
      }
    }
    if (one == null) {
      run(owner, question, promise);
      return promise.future();
    }
    Waiting waits = one;
    long timer =
        vertx.setTimer(
            limits.waitMillis(),
            id -> {
              if (leave(owner, waits)) {
                refused.increment();
                context.runOnContext(late -> promise.tryFail(new BusyException()));
              }
            });
    return promise.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private synchronized boolean leave(String owner, Waiting one) {
    Owner asking = owners.get(owner);
    if (asking == null || !asking.waiting.remove(one)) {
      return false;
    }
    waiting--;
    forgetIfIdle(owner, asking);
    return true;
  }

  private void forgetIfIdle(String name, Owner owner) {
    if (owner.running == 0 && owner.waiting.isEmpty()) {
      owners.remove(name);
    }
  }

  private <T> void run(String owner, Supplier<Future<T>> question, Promise<T> promise) {
    Future<T> answer;
    try {
      answer = question.get();
    } catch (RuntimeException e) {
      answer = Future.failedFuture(e);
    }
    answer
        .timeout(TURN_SECONDS, TimeUnit.SECONDS)
        .onComplete(
            done -> {
              end(owner);
              promise.handle(done);
            });
  }

  private void end(String name) {
    Optional<Waiting> next;
    synchronized (this) {
      running--;
      Owner owner = owners.get(name);
      if (owner != null) {
        owner.running--;
        forgetIfIdle(name, owner);
      }
      next = Optional.ofNullable(next());
    }
    next.ifPresent(one -> one.begin().run());
  }

  /** The next one, whose turn it is then; null if nobody waits who may run. */
  private @Nullable Waiting next() {
    for (Map.Entry<String, Owner> entry : owners.entrySet()) {
      Owner owner = entry.getValue();
      if (owner.running < limits.runningOfOwner() && !owner.waiting.isEmpty()) {
        String name = entry.getKey();
        owners.remove(name);
        owners.put(name, owner);
        running++;
        owner.running++;
        waiting--;
        return owner.waiting.remove();
      }
    }
    return null;
  }
}
