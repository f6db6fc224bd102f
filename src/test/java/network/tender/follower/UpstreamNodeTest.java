package network.tender.follower;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that begin and do not end. */
@Timeout(60)
class UpstreamNodeTest {
  private static final int LONGEST_MILLIS = 500;

  private final Vertx vertx = Vertx.vertx();
  private final CountDownLatch left = new CountDownLatch(1);

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private UpstreamNode node() throws Exception {
    NetServer server = vertx.createNetServer().connectHandler(this::drip);
    await(server.listen(0, "127.0.0.1"));
    return new UpstreamNode(
        vertx, URI.create("http://127.0.0.1:" + server.actualPort()), LONGEST_MILLIS);
  }

  /** A byte now and then, so that the connection is never idle. */
  private void drip(NetSocket socket) {
    socket.handler(request -> {});
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    long timer = vertx.setPeriodic(20, id -> socket.write("x"));
    socket.closeHandler(
        gone -> {
          vertx.cancelTimer(timer);
          left.countDown();
        });
  }

  private void assertGivesUp(Future<?> answer) throws Exception {
    assertThatThrownBy(() -> await(answer))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(UpstreamException.class);
    assertThat(left.await(20, TimeUnit.SECONDS)).as("the connection is closed").isTrue();
  }

  @Test
  void blocksThatNeverEndAreLeftAndTheirConnectionToo() throws Exception {
    assertGivesUp(node().blocks(1, 1, 0));
  }

  @Test
  void anAnswerToATransferThatNeverEndsIsLeftAndItsConnectionToo() throws Exception {
    assertGivesUp(node().submit(new byte[100], true));
  }
}
