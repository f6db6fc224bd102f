package network.tender.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import network.tender.settlement.BusyException;

/**
 * The memory that answers about the chain may take together. A page of large transfers is tens of
 * megabytes, made of blocks that are as large, and a reader who takes it slowly or not at all keeps
 * it; so only some are made at a time, and only so many bytes wait for their readers. Slow readers
 * are let be until somebody else needs their room. Transfers and short answers need no room.
 */
public final class AnswerRoom {
  /** What one question may take while it is answered: a few full blocks and a page made of them. */
  private static final long BYTES_PER_TURN = 192_000_000;

  private static final int LEAST_TURNS = 2;
  private static final int MOST_TURNS = 32;
  private static final int MAX_WAITING = 1_000;

  /** A question whose turn has not come by then is given up; callers do so a little later. */
  private static final long WAIT_MILLIS = 10_000;

  /** Longer than any answer of a healthy database takes: a turn is never lost. */
  private static final long TURN_SECONDS = 20;

  /** Who has not read an answer by then loses it if its room is needed: 10 MB at 8 Mbit/s. */
  private static final long PATIENCE_MILLIS = 10_000;

  /** Up to this size an answer needs no room: connections bound how many there are. */
  private static final int SMALL_BYTES = 64_000;

  private final Vertx vertx;
  private final int turns;
  private final long maxUnreadBytes;
  private final long patienceMillis;
  private final AtomicLong unreadBytes = new AtomicLong();
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int running;
  private final Counter refused;
  private final Counter cut;

  /** Answers that are read slowly, the oldest first. */
  private final Set<LargeAnswer> slow = new LinkedHashSet<>();

  /**
   * Room for some answers.
   *
   * @param turns how many are made at a time
   * @param maxUnreadBytes what waits for readers together; a single answer may be larger
   */
  public AnswerRoom(Vertx vertx, int turns, long maxUnreadBytes, MeterRegistry registry) {
    this(vertx, turns, maxUnreadBytes, PATIENCE_MILLIS, registry);
  }

  AnswerRoom(
      Vertx vertx, int turns, long maxUnreadBytes, long patienceMillis, MeterRegistry registry) {
    this.vertx = vertx;
    this.turns = turns;
    this.maxUnreadBytes = maxUnreadBytes;
    this.patienceMillis = patienceMillis;
    Gauge.builder("tender.http.answers.unread.bytes", unreadBytes, AtomicLong::get)
        .description("Bytes of large answers that wait for their readers")
        .register(registry);
    this.refused =
        Counter.builder("tender.http.answers.refused")
            .description("Answers about the chain refused because there was no room for them")
            .register(registry);
    this.cut =
        Counter.builder("tender.http.answers.cut")
            .description("Large answers cut because others needed the room of their slow readers")
            .register(registry);
  }

  /** As much room as Java's heap has to spare. */
  public static AnswerRoom ofHeap(Vertx vertx, MeterRegistry registry) {
    long heap = Runtime.getRuntime().maxMemory();
    int turns = (int) Math.max(LEAST_TURNS, Math.min(MOST_TURNS, heap / BYTES_PER_TURN));
    return new AnswerRoom(vertx, turns, heap / 8, registry);
  }

  /**
   * Answers a question when it is its turn; fails with {@link BusyException} if too many wait or
   * its turn does not come soon.
   */
  public <T> Future<T> inTurn(Supplier<Future<T>> question) {
    Promise<T> promise = Promise.promise();
    synchronized (this) {
      if (running == turns) {
        return waiting.size() < MAX_WAITING ? enqueue(question, promise) : busy();
      }
      running++;
    }
    run(question, promise);
    return promise.future();
  }

  private <T> Future<T> enqueue(Supplier<Future<T>> question, Promise<T> promise) {
    Context context = vertx.getOrCreateContext();
    Runnable begin = () -> context.runOnContext(turn -> run(question, promise));
    waiting.add(begin);
    long timer =
        vertx.setTimer(
            WAIT_MILLIS,
            id -> {
              if (leave(begin)) {
                promise.handle(busy());
              }
            });
    return promise.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private synchronized boolean leave(Runnable begin) {
    return waiting.remove(begin);
  }

  private <T> Future<T> busy() {
    refused.increment();
    return Future.failedFuture(new BusyException());
  }

  private <T> void run(Supplier<Future<T>> question, Promise<T> promise) {
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
              next();
              promise.handle(done);
            });
  }

  private void next() {
    Runnable next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        running--;
      }
    }
    if (next != null) {
      next.run();
    }
  }

  /** Ends a response with a body, or fails it with a 503 if too much waits for its readers. */
  public void send(RoutingContext ctx, Buffer body) {
    int bytes = body.length();
    if (bytes <= SMALL_BYTES) {
      ctx.response().end(body);
      return;
    }
    long together = unreadBytes.addAndGet(bytes);
    if (together > maxUnreadBytes && together > bytes) {
      unreadBytes.addAndGet(-bytes);
      refused.increment();
      cutSlow(bytes);
      ctx.fail(Problems.unavailable(new BusyException()));
      return;
    }
    new LargeAnswer(ctx, body).begin();
  }

  private synchronized void becameSlow(LargeAnswer answer) {
    if (!answer.done.get()) {
      slow.add(answer);
    }
  }

  private synchronized void forget(LargeAnswer answer) {
    slow.remove(answer);
  }

  /** Makes room for whoever asks next: as much as is needed, from those who have had it longest. */
  private void cutSlow(long neededBytes) {
    List<LargeAnswer> chosen = new ArrayList<>();
    synchronized (this) {
      Iterator<LargeAnswer> oldest = slow.iterator();
      long freed = 0;
      while (freed < neededBytes && oldest.hasNext()) {
        LargeAnswer answer = oldest.next();
        oldest.remove();
        freed += answer.bytes;
        chosen.add(answer);
      }
    }
    chosen.forEach(LargeAnswer::cut);
  }

  /**
   * An answer on its way, in parts: what the network has not taken yet can be taken back. Belongs
   * to the event loop of its connection, but for {@link #cut}.
   */
  private final class LargeAnswer {
    private static final int PART_BYTES = 64 * 1024;

    private final RoutingContext ctx;
    private final HttpServerResponse response;
    private final int bytes;
    private final Context loop;
    private final long timer;
    private Buffer body;
    private int written;
    private boolean ended;

    /** No room is held any more: it was read, its reader is gone, or it was cut. */
    private final AtomicBoolean done = new AtomicBoolean();

    LargeAnswer(RoutingContext ctx, Buffer body) {
      this.ctx = ctx;
      this.response = ctx.response();
      this.body = body;
      this.bytes = body.length();
      this.loop = vertx.getOrCreateContext();
      this.timer = vertx.setTimer(patienceMillis, id -> becameSlow(this));
    }

    void begin() {
      try {
        ctx.addEndHandler(read -> giveBack());
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes));
        response.drainHandler(drained -> writeOn());
        writeOn();
      } catch (RuntimeException e) {
        giveBack();
        throw e;
      }
    }

    private void writeOn() {
      while (!done.get() && written < bytes && !response.writeQueueFull()) {
        int end = Math.min(written + PART_BYTES, bytes);
        // A copy: a slice that waits for a reader would keep the whole body in memory.
        response.write(body.getBuffer(written, end));
        written = end;
      }
      if (!done.get() && !ended && written == bytes) {
        ended = true;
        response.end().onComplete(read -> giveBack());
      }
    }

    /** False if that has been done before. */
    private boolean giveBack() {
      if (!done.compareAndSet(false, true)) {
        return false;
      }
      vertx.cancelTimer(timer);
      forget(this);
      unreadBytes.addAndGet(-bytes);
      return true;
    }

    void cut() {
      if (giveBack()) {
        cut.increment();
        loop.runOnContext(
            run -> {
              // The response lives on: its connection closes once the network has taken what it
              // was given, or after the idle time.
              body = Buffer.buffer();
              ctx.request().connection().close();
            });
      }
    }
  }
}
