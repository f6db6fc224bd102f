package network.tender.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import network.tender.settlement.BusyException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What answers take in memory together. */
class AnswerRoomTest {
  private static final int LARGE_BYTES = 16_000_000;
  private static final int PART_BYTES = 1_000_000;
  private static final int PARTS = 40;

  private final Vertx vertx = Vertx.vertx();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

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

  @Test
  void soManyQuestionsAreAnsweredAtATimeAndTheOthersInTheirOrder() {
    AnswerRoom room = new AnswerRoom(vertx, 2, 1, registry);
    Context loop = vertx.getOrCreateContext();
    List<Integer> begun = Collections.synchronizedList(new ArrayList<>());
    List<Promise<Integer>> answers = new ArrayList<>();
    List<Future<Integer>> told = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 1_004; i++) {
      answers.add(Promise.promise());
    }
    loop.runOnContext(
        run -> {
          for (int i = 0; i < answers.size(); i++) {
            int number = i;
            told.add(
                room.inTurn(
                    () -> {
                      begun.add(number);
                      if (number == 2) {
                        throw new IllegalArgumentException("a question that can't be answered");
                      }
                      return answers.get(number).future();
                    }));
          }
        });
    until(() -> told.size() == answers.size());
    assertThat(begun).containsExactly(0, 1);
    // Two are answered, a thousand wait.
    assertThat(told.get(1_002).cause()).isInstanceOf(BusyException.class);
    assertThat(told.get(1_003).cause()).isInstanceOf(BusyException.class);
    assertThat(metric("tender.http.answers.refused")).isEqualTo(2);
    answers.get(1).complete(1);
    until(() -> told.get(2).failed());
    until(() -> begun.equals(List.of(0, 1, 2, 3)));
    answers.forEach(answer -> answer.tryComplete(0));
    until(() -> told.get(1_001).succeeded());
    assertThat(begun).hasSize(1_002).isSorted();
  }

  @Test
  void whatIsNotReadBoundsWhatIsSent() throws IOException {
    AnswerRoom room = new AnswerRoom(vertx, 2, 2 * LARGE_BYTES, registry);
    Buffer large = Buffer.buffer(new byte[LARGE_BYTES]);
    Surface surface =
        new Surface() {
          @Override
          public void bind(RouterBuilder builder) {
            // No operation of the contract.
          }

          @Override
          public void mount(Router router) {
            router.get("/large").handler(ctx -> room.send(ctx, large));
            router.get("/small").handler(ctx -> room.send(ctx, Buffer.buffer("small")));
          }
        };
    try (TestServer server = TestServer.start(vertx, surface)) {
      List<Socket> readers = new ArrayList<>();
      try {
        for (int i = 0; i < 2; i++) {
          readers.add(ask(server.port()));
        }
        until(() -> metric("tender.http.answers.unread.bytes") == 2.0 * LARGE_BYTES);
        assertThat(server.get("/large").statusCode()).isEqualTo(503);
        assertThat(server.get("/large").headers().firstValue("Retry-After")).isPresent();
        assertThat(server.get("/small").body()).isEqualTo("small");
      } finally {
        for (Socket reader : readers) {
          reader.close();
        }
      }
      until(() -> metric("tender.http.answers.unread.bytes") == 0);
      assertThat(server.get("/large").body()).hasSize(LARGE_BYTES);
    }
  }

  @Test
  void slowReadersLoseTheirRoomOnlyWhenOthersNeedIt() throws IOException {
    AnswerRoom room = new AnswerRoom(vertx, 2, 2 * LARGE_BYTES, 50, registry);
    Buffer large = Buffer.buffer(new byte[LARGE_BYTES]);
    Surface surface =
        new Surface() {
          @Override
          public void bind(RouterBuilder builder) {
            // No operation of the contract.
          }

          @Override
          public void mount(Router router) {
            router.get("/large").handler(ctx -> room.send(ctx, large));
          }
        };
    try (TestServer server = TestServer.start(vertx, surface);
        Socket first = ask(server.port())) {
      until(() -> metric("tender.http.answers.unread.bytes") == LARGE_BYTES);
      try (Socket second = ask(server.port())) {
        until(() -> metric("tender.http.answers.unread.bytes") == 2.0 * LARGE_BYTES);
        // Refused at first, and served once the patience with those two is over.
        until(() -> server.get("/large").statusCode() == 200);
        assertThat(metric("tender.http.answers.cut")).isEqualTo(1);
        assertThat(metric("tender.http.answers.unread.bytes")).isEqualTo(LARGE_BYTES);
        assertThat(second.getInputStream().readNBytes(LARGE_BYTES)).hasSize(LARGE_BYTES);
        assertThat(first.getInputStream().readAllBytes()).hasSizeLessThan(LARGE_BYTES);
      }
    }
  }

  /** Their connections stay for a minute, until the idle time ends them. */
  @Test
  void whatSlowReadersHaveLostIsNoLongerInMemory() throws IOException {
    AnswerRoom room = new AnswerRoom(vertx, 2, LARGE_BYTES, 50, registry);
    List<WeakReference<byte[]>> made = Collections.synchronizedList(new ArrayList<>());
    Surface surface =
        new Surface() {
          @Override
          public void bind(RouterBuilder builder) {
            // No operation of the contract.
          }

          @Override
          public void mount(Router router) {
            router
                .get("/large")
                .handler(
                    ctx -> {
                      Buffer large = Buffer.buffer(new byte[LARGE_BYTES]);
                      made.add(new WeakReference<>(((BufferInternal) large).getByteBuf().array()));
                      room.send(ctx, large);
                    });
          }
        };
    try (TestServer server = TestServer.start(vertx, surface);
        Socket first = ask(server.port())) {
      until(() -> metric("tender.http.answers.unread.bytes") == LARGE_BYTES);
      until(() -> server.get("/large").statusCode() == 200);
      assertThat(metric("tender.http.answers.cut")).isEqualTo(1);
      until(
          () -> {
            System.gc();
            return made.get(0).refersTo(null);
          });
      assertThat(first.isClosed()).isFalse();
    }
  }

  @Test
  void anOwnerHasAShareOfTheRoomAndLosesOnlyItsOwnSlowReaders() throws IOException {
    AnswerRoom room = new AnswerRoom(vertx, 2, 4 * LARGE_BYTES, 50, registry);
    Buffer large = Buffer.buffer(new byte[LARGE_BYTES]);
    Surface surface =
        new Surface() {
          @Override
          public void bind(RouterBuilder builder) {
            // No operation of the contract.
          }

          @Override
          public void mount(Router router) {
            router
                .get("/large")
                .handler(ctx -> room.send(ctx, ctx.request().getHeader("Host"), large));
          }
        };
    try (TestServer server = TestServer.start(vertx, surface);
        Socket other = ask(server.port(), "other")) {
      until(() -> metric("tender.http.answers.unread.bytes") == LARGE_BYTES);
      try (Socket mine = ask(server.port(), "mine")) {
        until(() -> metric("tender.http.answers.unread.bytes") == 2.0 * LARGE_BYTES);
        // The one before is cut for it.
        until(
            () -> {
              // Refused, until the first one has been slow for long enough to be cut for it.
              if (metric("tender.http.answers.cut") == 0) {
                askAndLeave(server.port(), "mine");
              }
              return metric("tender.http.answers.cut") == 1;
            });
        assertThat(metric("tender.http.answers.cut")).isEqualTo(1);
        assertThat(mine.getInputStream().readAllBytes()).hasSizeLessThan(LARGE_BYTES);
        assertThat(other.getInputStream().readNBytes(LARGE_BYTES)).hasSize(LARGE_BYTES);
      }
    }
  }

  /** What an answer holds is the part that waits, however long the answer gets. */
  @Test
  void anAnswerInPartsHoldsOneAtATimeAndMakesTheNextWhenItIsRead() throws IOException {
    AnswerRoom room = new AnswerRoom(vertx, 2, 2 * PART_BYTES, 50, registry);
    Buffer part = Buffer.buffer(new byte[PART_BYTES]);
    List<Integer> made = Collections.synchronizedList(new ArrayList<>());
    Surface surface =
        new Surface() {
          @Override
          public void bind(RouterBuilder builder) {
            // No operation of the contract.
          }

          @Override
          public void mount(Router router) {
            router
                .get("/large")
                .handler(
                    ctx ->
                        room.begin(ctx, "shop", PART_BYTES)
                            .ifPresentOrElse(
                                answer -> {
                                  ctx.response().setChunked(true);
                                  sendOn(answer, 0);
                                },
                                () -> ctx.response().setStatusCode(503).end()));
          }

          private void sendOn(AnswerRoom.PartedAnswer answer, int count) {
            if (count == PARTS) {
              answer.end();
              return;
            }
            made.add(count);
            answer.write(part).onSuccess(taken -> sendOn(answer, count + 1));
          }
        };
    try (TestServer server = TestServer.start(vertx, surface)) {
      assertThat(server.get("/large").body()).hasSize(PARTS * PART_BYTES);
      assertThat(made).hasSize(PARTS);
      until(() -> metric("tender.http.answers.unread.bytes") == 0);
      made.clear();
      try (Socket unread = ask(server.port())) {
        until(() -> metric("tender.http.answers.unread.bytes") == PART_BYTES);
        // Its owner has no more than one at a time in so small a room: until that is cut.
        until(() -> server.get("/large").statusCode() == 200);
        assertThat(metric("tender.http.answers.cut")).isEqualTo(1);
        // So many parts as the network itself takes were made of the one that nobody read; the
        // other was asked for and read twice.
        assertThat(made.size() - 2 * PARTS).isBetween(1, PARTS / 2);
        assertThat(unread.isClosed()).isFalse();
      }
    }
  }

  private static void askAndLeave(int port, String host) {
    try (Socket again = ask(port, host)) {
      again.getInputStream().readNBytes(15);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Socket ask(int port) throws IOException {
    return ask(port, "localhost");
  }

  /** Asks and reads nothing. */
  private static Socket ask(int port, String host) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket
        .getOutputStream()
        .write(
            ("GET /large HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
    return socket;
  }
}
