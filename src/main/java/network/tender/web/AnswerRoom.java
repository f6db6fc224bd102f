package network.tender.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import network.tender.settlement.BusyException;

/**
 * The memory that large answers may take together. A page of large transfers is tens of megabytes,
 * made of blocks that are as large, and a reader who takes it slowly or not at all keeps it; so
 * only some answers about the chain are made at a time, and only so many bytes of all large answers
 * wait for their readers, of which one owner (a shop, say) has a quarter at most. Slow readers are
 * let be until somebody else needs their room. Transfers and short answers need no room.
 *
 * <p>What a connection is given to send at a time is small, however large the answer is: the
 * buffers of connections are outside of Java's heap, and there is little of that.
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

  /** So much of the room an owner may have. */
  private static final int OWNER_SHARE = 4;

  /** The owner of answers that anybody may ask for. */
  private static final String EVERYBODY = "";

  private static final String KEY = AnswerRoom.class.getName();

  /** Up to this size an answer needs no room: connections bound how many there are. */
  private static final int SMALL_BYTES = 64_000;

  private final Vertx vertx;
  private final int turns;
  private final long maxUnreadBytes;
  private final long patienceMillis;
  private long unreadBytes;

  /** Of it, what waits for readers of single owners. */
  private final Map<String, Long> unreadOfOwners = new HashMap<>();

  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int running;
  private final Counter refused;
  private final Counter cut;

  /** Answers that are read slowly, the oldest first. */
  private final Set<PartedAnswer> slow = new LinkedHashSet<>();

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
    Gauge.builder("tender.http.answers.unread.bytes", this, AnswerRoom::unreadBytes)
        .description("Bytes of large answers that wait for their readers")
        .register(registry);
    this.refused =
        Counter.builder("tender.http.answers.refused")
            .description("Answers refused because there was no room for them")
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

  /** The room of the server that a request came to. */
  public static AnswerRoom of(RoutingContext ctx) {
    return ctx.get(KEY);
  }

  /**
   * Ends a response with a body as {@link #send(RoutingContext, String, Buffer)} does, in the room
   * of the server that the request came to.
   */
  public static void answer(RoutingContext ctx, String owner, Buffer body) {
    if (body.length() <= SMALL_BYTES) {
      // Also where a request failed before it was let in.
      ctx.response().end(body);
    } else {
      of(ctx).send(ctx, owner, body);
    }
  }

  /** The same for what anybody may ask for. */
  public static void answer(RoutingContext ctx, Buffer body) {
    answer(ctx, EVERYBODY, body);
  }

  void attachTo(RoutingContext ctx) {
    ctx.put(KEY, this);
  }

  private synchronized long unreadBytes() {
    return unreadBytes;
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
    send(ctx, EVERYBODY, body);
  }

  /**
   * The same for an answer that somebody's rights are needed for.
   *
   * @param owner who has asked, and has a share of the room only
   */
  public void send(RoutingContext ctx, String owner, Buffer body) {
    if (body.length() <= SMALL_BYTES) {
      ctx.response().end(body);
      return;
    }
    Optional<PartedAnswer> room = begin(ctx, owner, body.length());
    if (room.isEmpty()) {
      ctx.fail(Problems.unavailable(new BusyException()));
      return;
    }
    PartedAnswer answer = room.get();
    try {
      ctx.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
      answer.write(body).onSuccess(taken -> answer.end());
    } catch (RuntimeException e) {
      answer.giveBack();
      throw e;
    }
  }

  /**
   * Ends a response with a body that is in memory anyway, whoever reads it: it needs no room, but a
   * connection is still given only a little of it at a time.
   */
  public void sendShared(RoutingContext ctx, Buffer body) {
    if (body.length() <= SMALL_BYTES) {
      ctx.response().end(body);
      return;
    }
    PartedAnswer answer = new PartedAnswer(ctx, EVERYBODY, 0, true);
    ctx.response().putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    answer.write(body).onSuccess(taken -> answer.end());
  }

  /**
   * Room for an answer that is made while it is read, part by part; it is given back when the
   * response ends. Nothing is sent by this.
   *
   * @param owner as for {@link #send(RoutingContext, String, Buffer)}
   * @param partBytes how large its parts may be; a single one that is larger has room found for it
   * @return empty if too much waits for its readers; the caller answers with a 503
   */
  public Optional<PartedAnswer> begin(RoutingContext ctx, String owner, int partBytes) {
    synchronized (this) {
      long together = unreadBytes + partBytes;
      long ofOwner = unreadOfOwners.getOrDefault(owner, 0L) + partBytes;
      boolean roomOfOwner =
          owner.equals(EVERYBODY)
              || ofOwner <= maxUnreadBytes / OWNER_SHARE
              || ofOwner == partBytes;
      if (roomOfOwner && (together <= maxUnreadBytes || together == partBytes)) {
        take(owner, partBytes);
        return Optional.of(new PartedAnswer(ctx, owner, partBytes, false));
      }
    }
    refused.increment();
    cutSlow(owner, partBytes);
    return Optional.empty();
  }

  private void take(String owner, long bytes) {
    unreadBytes += bytes;
    unreadOfOwners.merge(
        owner,
        bytes,
        (before, more) -> {
          long after = before + more;
          return after == 0 ? null : Long.valueOf(after);
        });
  }

  /**
   * Makes room for whoever asks next: as much as is needed, from those who have had it longest. Who
   * has its whole share gets none of others'.
   */
  private void cutSlow(String owner, long neededBytes) {
    List<PartedAnswer> chosen = new ArrayList<>();
    synchronized (this) {
      boolean ownOnly = unreadBytes + neededBytes <= maxUnreadBytes;
      Iterator<PartedAnswer> oldest = slow.iterator();
      long freed = 0;
      while (freed < neededBytes && oldest.hasNext()) {
        PartedAnswer answer = oldest.next();
        if (!ownOnly || answer.owner.equals(owner)) {
          oldest.remove();
          freed += answer.heldBytes;
          chosen.add(answer);
        }
      }
    }
    chosen.forEach(PartedAnswer::cut);
  }

  /**
   * An answer on its way, in parts: what the network has not taken yet can be taken back. Belongs
   * to the event loop of its connection: its methods are called there.
   */
  public final class PartedAnswer {
    private static final int CHUNK_BYTES = 64 * 1024;

    private final RoutingContext ctx;
    private final HttpServerResponse response;
    private final String owner;
    private final Context loop;
    private final boolean shared;
    private long heldBytes;
    private long timer;
    private Buffer part = Buffer.buffer();
    private int written;
    private Promise<Void> taken = Promise.promise();
    private boolean ended;

    /** No room is held any more: it was read, its reader is gone, or it was cut. */
    private volatile boolean done;

    private PartedAnswer(RoutingContext ctx, String owner, int partBytes, boolean shared) {
      this.shared = shared;
      this.ctx = ctx;
      this.response = ctx.response();
      this.owner = owner;
      this.heldBytes = partBytes;
      this.loop = vertx.getOrCreateContext();
      ctx.addEndHandler(read -> giveBack());
      if (response.closed()) {
        giveBack(); // Gone while the answer was made: the end was told before.
      }
    }

    /**
     * Sends a part, the one before having been taken.
     *
     * @return when the reader has taken it, but for a little that is on its way; fails with {@link
     *     HttpClosedException} if the reader is gone or was so slow that others got its room
     */
    public Future<Void> write(Buffer next) {
      Promise<Void> promise = Promise.promise();
      if (!hold(next.length())) {
        return Future.failedFuture(gone());
      }
      taken = promise;
      part = next;
      written = 0;
      timer = vertx.setTimer(patienceMillis, id -> becameSlow());
      response.drainHandler(drained -> writeOn());
      writeOn();
      return promise.future();
    }

    private boolean hold(long bytes) {
      synchronized (AnswerRoom.this) {
        if (!done && !shared && bytes > heldBytes) {
          take(owner, bytes - heldBytes);
          heldBytes = bytes;
        }
        return !done;
      }
    }

    private void writeOn() {
      while (!done && written < part.length() && !response.writeQueueFull()) {
        int end = Math.min(written + CHUNK_BYTES, part.length());
        // A copy: a slice that waits for a reader would keep the whole part in memory.
        response.write(part.getBuffer(written, end));
        written = end;
      }
      if (!done && written == part.length() && !response.writeQueueFull()) {
        vertx.cancelTimer(timer);
        synchronized (AnswerRoom.this) {
          slow.remove(this);
        }
        part = Buffer.buffer();
        written = 0;
        taken.tryComplete();
      }
    }

    /** Ends the response. */
    public void end() {
      if (!done && !ended) {
        ended = true;
        response.end().onComplete(read -> giveBack());
      }
    }

    /** Breaks the response off, so that its reader can't take it for a complete one. */
    public void abort() {
      if (giveBack()) {
        if (ctx.request().version() == HttpVersion.HTTP_2) {
          response.reset();
        } else {
          ctx.request().connection().close();
        }
      }
    }

    /** True once nobody reads any more, or the answer has been read. */
    public boolean isOver() {
      return done;
    }

    private void becameSlow() {
      synchronized (AnswerRoom.this) {
        if (!done && !shared && !taken.future().isComplete()) {
          slow.add(this);
        }
      }
    }

    /** False if that has been done before. */
    private boolean giveBack() {
      synchronized (AnswerRoom.this) {
        if (done) {
          return false;
        }
        done = true;
        slow.remove(this);
        take(owner, -heldBytes);
      }
      vertx.cancelTimer(timer);
      taken.tryFail(gone());
      return true;
    }

    private static HttpClosedException gone() {
      return new HttpClosedException("the answer is not read any more");
    }

    private void cut() {
      if (giveBack()) {
        cut.increment();
        loop.runOnContext(
            run -> {
              // The response lives on: its connection closes once the network has taken what it
              // was given, or after the idle time.
              part = Buffer.buffer();
              written = 0;
              ctx.request().connection().close();
            });
      }
    }
  }
}
