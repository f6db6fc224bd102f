package network.tender.web;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One open stream of server-sent events. It belongs to the event loop of its connection: all
 * methods but {@link #close} are called there.
 */
public final class EventStream {
  /** Bytes that may wait for a reader before {@link #isFull}. */
  private static final int QUEUE_BYTES = 256 * 1024;

  /** Heartbeats for which the reader may take nothing before the stream is cut. */
  private static final int PATIENCE_HEARTBEATS = 2;

  private static final int RECONNECT_MILLIS = 1_000;

  private final Vertx vertx;
  private final Context context;
  private final HttpServerResponse response;
  private final StreamMetrics metrics;
  private final LongLivedPlaces.Place place;
  private final long heartbeat;
  private OptionalInt seen = OptionalInt.empty();
  private int fullHeartbeats;
  private boolean open = true;
  private Runnable onClose = () -> {};

  private EventStream(RoutingContext ctx, StreamMetrics metrics, LongLivedPlaces.Place place) {
    this.place = place;
    this.vertx = ctx.vertx();
    this.context = vertx.getOrCreateContext();
    this.response = ctx.response();
    this.metrics = metrics;
    this.heartbeat = vertx.setPeriodic(metrics.limits().heartbeatMillis(), id -> beat());
    response.setWriteQueueMaxSize(QUEUE_BYTES);
    response.closeHandler(gone -> closed());
    response.exceptionHandler(failure -> closed());
  }

  /**
   * Answers a request with a stream.
   *
   * @throws ProblemException {@link ProblemCode#TOO_MANY_STREAMS}
   */
  public static EventStream open(RoutingContext ctx, StreamMetrics metrics) {
    return open(ctx, metrics, Optional.empty());
  }

  /**
   * Answers a request with a stream.
   *
   * @param invoice the id of the invoice that it tells of, which has some streams only
   * @throws ProblemException {@link ProblemCode#TOO_MANY_STREAMS}
   */
  public static EventStream open(
      RoutingContext ctx, StreamMetrics metrics, Optional<String> invoice) {
    Optional<LongLivedPlaces.Place> place = LongLivedPlaces.of(ctx).take(ctx, invoice);
    if (place.isEmpty()) {
      metrics.refused();
      throw tooMany();
    }
    if (!metrics.tryOpen()) {
      place.get().giveBack();
      throw tooMany();
    }
    EventStream stream = new EventStream(ctx, metrics, place.get());
    if (ctx.response().closed()) {
      stream.closed(); // Gone while the answer was made: nobody else would notice.
      return stream;
    }
    stream
        .response
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store")
        // nginx would otherwise collect events before it passes them on.
        .putHeader("X-Accel-Buffering", "no")
        .write("retry: " + RECONNECT_MILLIS + "\n\n");
    return stream;
  }

  private static ProblemException tooMany() {
    return Problem.of(ProblemCode.TOO_MANY_STREAMS)
        .with(Problem.RETRY_AFTER_SECONDS, 10)
        .toException();
  }

  /** The height that a client which comes back has seen last, if it sends one. */
  public static OptionalInt lastEventId(RoutingContext ctx) {
    String id = ctx.request().getHeader("Last-Event-ID");
    if (id == null
        || id.isEmpty()
        || id.length() > 9
        || !id.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(Integer.parseInt(id));
  }

  /** What to do once when the stream ends, for whatever reason. */
  public void onClose(Runnable action) {
    if (open) {
      onClose = action;
    } else {
      action.run();
    }
  }

  /** False once the stream has ended. */
  public boolean isOpen() {
    return open;
  }

  /** The event loop that the stream belongs to. */
  public Context context() {
    return context;
  }

  /** True while the reader is behind; {@link #onDrain} tells when it has caught up. */
  public boolean isFull() {
    return response.writeQueueFull();
  }

  /** Called once the reader has taken what was waiting. */
  public void onDrain(Runnable action) {
    response.drainHandler(drained -> action.run());
  }

  /**
   * The reader has been sent everything up to this height. Heartbeats repeat it, so that a client
   * for which nothing happened still comes back to where it was.
   */
  public void seen(int height) {
    seen = OptionalInt.of(height);
  }

  /** Tells the reader at once where it stands. */
  public void sendSeen() {
    if (open && seen.isPresent()) {
      response.write("id: " + seen.getAsInt() + "\n\n");
    }
  }

  /**
   * Sends an event.
   *
   * @param event its name
   * @param id what a client sends back as {@code Last-Event-ID}
   * @param data JSON text in one line
   */
  public void send(String event, OptionalInt id, String data) {
    if (open) {
      response.write(frame(event, id, data));
    }
  }

  /** An event as it stands on the wire, for sending the same to many streams. */
  public static Buffer frame(String event, OptionalInt id, String data) {
    StringBuilder text = new StringBuilder(data.length() + 60);
    id.ifPresent(value -> text.append("id: ").append(value).append('\n'));
    text.append("event: ").append(event).append("\ndata: ").append(data).append("\n\n");
    return Buffer.buffer(text.toString());
  }

  /** Sends an event made by {@link #frame}. */
  public void send(Buffer frame) {
    if (open) {
      response.write(frame);
    }
  }

  /** Does something after a while, on the stream's event loop, if it is still open then. */
  public void later(long millis, Runnable action) {
    vertx.setTimer(
        millis,
        id -> {
          if (open) {
            action.run();
          }
        });
  }

  /** Ends the stream because its reader does not keep up; the client may come back. */
  public void cut() {
    if (open) {
      metrics.cut();
      response.reset();
      closed();
    }
  }

  /** Ends the stream in order; from any thread. */
  public void close() {
    context.runOnContext(
        run -> {
          if (open) {
            response.end();
            closed();
          }
        });
  }

  private void beat() {
    if (!response.writeQueueFull()) {
      fullHeartbeats = 0;
      // A comment; with an id and no event name it tells nothing but how far the reader is.
      response.write(":\n" + (seen.isPresent() ? "id: " + seen.getAsInt() + "\n" : "") + "\n");
    } else if (++fullHeartbeats >= PATIENCE_HEARTBEATS) {
      cut();
    }
  }

  private void closed() {
    if (open) {
      open = false;
      vertx.cancelTimer(heartbeat);
      metrics.closed();
      place.giveBack();
      onClose.run();
    }
  }
}
