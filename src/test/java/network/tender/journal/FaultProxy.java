package network.tender.journal;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Stands between a client and PostgreSQL and breaks one connection at a chosen moment of a COMMIT,
 * or all of them silently, or lets little through at a time, as slow storage would.
 */
final class FaultProxy {
  /** When to break the connection. */
  enum Cut {
    /** Not at all. */
    NEVER,
    /** When the client sends COMMIT, which the server never sees. */
    BEFORE_COMMIT,
    /** When the server has answered that it has committed, which the client never sees. */
    AFTER_COMMIT,
    /**
     * When the client sends COMMIT: nothing is forwarded any more, but nothing is closed either.
     */
    SILENCE_BEFORE_COMMIT
  }

  /** How often a slow link lets something through. */
  private static final long SLICE_MILLIS = 20;

  private final Vertx vertx;
  private final NetServer server;
  private final NetClient client;
  private final int targetPort;
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicInteger silences = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Cut cut = Cut.NEVER;
  private volatile int bytesPerSlice = Integer.MAX_VALUE;

  private FaultProxy(Vertx vertx, int targetPort) {
    this.vertx = vertx;
    this.targetPort = targetPort;
    this.client = vertx.createNetClient();
    this.server = vertx.createNetServer();
  }

  static FaultProxy start(Vertx vertx, int targetPort) throws TimeoutException {
    FaultProxy proxy = new FaultProxy(vertx, targetPort);
    proxy.server.connectHandler(proxy::connect).listen(0, "127.0.0.1").await(10, TimeUnit.SECONDS);
    return proxy;
  }

  int port() {
    return server.actualPort();
  }

  /** Breaks the next commit, once. */
  void arm(Cut next) {
    cut = next;
  }

  /** How many connections were broken at the chosen moment. */
  int cuts() {
    return cuts.get();
  }

  /** How many connections have been made to it. */
  int connections() {
    return connections.get();
  }

  /**
   * Cuts the link under all connections that are there now: what either side sends from now on, a
   * close too, is taken but never arrives. New connections get through.
   */
  void silence() {
    silences.incrementAndGet();
  }

  /** From now on a client's data arrives at so many bytes a second. */
  void slowDown(int bytesPerSecond) {
    bytesPerSlice = Math.toIntExact(bytesPerSecond * SLICE_MILLIS / 1_000);
  }

  /** Hands data over bit by bit, in order. */
  private final class Link {
    private final NetSocket to;
    private Buffer waiting = Buffer.buffer();
    private boolean busy;

    Link(NetSocket to) {
      this.to = to;
    }

    void send(Buffer data) {
      if (bytesPerSlice == Integer.MAX_VALUE && !busy) {
        to.write(data);
        return;
      }
      waiting.appendBuffer(data);
      if (!busy) {
        busy = true;
        slice();
      }
    }

    private void slice() {
      int length = Math.min(bytesPerSlice, waiting.length());
      to.write(waiting.slice(0, length).copy());
      waiting = waiting.getBuffer(length, waiting.length());
      if (waiting.length() == 0) {
        busy = false;
      } else {
        vertx.setTimer(SLICE_MILLIS, id -> slice());
      }
    }
  }

  private void connect(NetSocket down) {
    down.pause();
    connections.incrementAndGet();
    int born = silences.get();
    client
        .connect(targetPort, "127.0.0.1")
        .onFailure(error -> down.close())
        .onSuccess(
            up -> {
              Link link = new Link(up);
              boolean[] silent = {false};
              boolean[] committing = {false};
              BooleanSupplier cutOff = () -> silences.get() != born;
              down.handler(
                  data -> {
                    silent[0] |= cutOff.getAsBoolean();
                    fromClient(down, up, link, data, silent, committing);
                  });
              up.handler(
                  data -> {
                    silent[0] |= cutOff.getAsBoolean();
                    fromServer(down, up, data, silent, committing);
                  });
              down.closeHandler(v -> closeUnless(cutOff, up));
              up.closeHandler(v -> closeUnless(cutOff, down));
              down.resume();
            });
  }

  private static void closeUnless(BooleanSupplier cutOff, NetSocket other) {
    if (!cutOff.getAsBoolean()) {
      other.close();
    }
  }

  private void fromClient(
      NetSocket down,
      NetSocket up,
      Link link,
      Buffer data,
      boolean[] silent,
      boolean[] committing) {
    boolean commit = contains(data, "COMMIT");
    if (commit && cut == Cut.BEFORE_COMMIT) {
      fired();
      up.close();
      down.close();
      return;
    }
    if (commit && cut == Cut.SILENCE_BEFORE_COMMIT) {
      fired();
      silent[0] = true;
    }
    if (!silent[0]) {
      committing[0] |= commit;
      link.send(data);
    }
  }

  private void fromServer(
      NetSocket down, NetSocket up, Buffer data, boolean[] silent, boolean[] committing) {
    if (committing[0] && cut == Cut.AFTER_COMMIT && contains(data, "COMMIT")) {
      fired();
      down.close();
      up.close();
      return;
    }
    if (!silent[0]) {
      down.write(data);
    }
  }

  private void fired() {
    cut = Cut.NEVER;
    cuts.incrementAndGet();
  }

  private static boolean contains(Buffer data, String text) {
    return data.toString(StandardCharsets.ISO_8859_1).contains(text);
  }
}
