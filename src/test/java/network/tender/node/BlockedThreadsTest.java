package network.tender.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.threadchecker.BlockedThreadChecker;
import io.vertx.core.internal.threadchecker.BlockedThreadEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class BlockedThreadsTest {
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger own = (Logger) LoggerFactory.getLogger(BlockedThreads.class);
  private final Logger vertxs = (Logger) LoggerFactory.getLogger(BlockedThreadChecker.LOGGER_NAME);

  @BeforeEach
  void listen() {
    lines.start();
    own.addAppender(lines);
    vertxs.addAppender(lines);
  }

  @AfterEach
  void leave() {
    own.detachAppender(lines);
    vertxs.detachAppender(lines);
  }

  private static BlockedThreadEvent blocked(long millis) {
    return new BlockedThreadEvent(
        Thread.currentThread(),
        TimeUnit.MILLISECONDS.toNanos(millis),
        TimeUnit.MILLISECONDS.toNanos(200),
        TimeUnit.MILLISECONDS.toNanos(1_000));
  }

  @Test
  void onlyWhatIsLongEvenForAStartIsSaidWhileANodeStarts() {
    BlockedThreads.tellWhileStarting(blocked(406));
    assertThat(lines.list).isEmpty();
    BlockedThreads.tellWhileStarting(blocked(1_300));
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Thread "
                + Thread.currentThread().getName()
                + " has been blocked for 1300 ms while the node starts");
  }

  @Test
  void aNodeThatServesSaysAllOfItAgain() throws Exception {
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setBlockedThreadCheckInterval(10)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS)
                .setMaxEventLoopExecuteTime(50)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS));
    try {
      BlockedThreads.starting(vertx);
      blockFor(vertx, TimeUnit.MILLISECONDS.toNanos(200), false);
      assertThat(lines.list).isEmpty();
      BlockedThreads.serving(vertx);
      blockFor(vertx, TimeUnit.SECONDS.toNanos(20), true);
      assertThat(lines.list).isNotEmpty();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  /** Holds an event loop for a time, or no longer than until something is said of it. */
  private void blockFor(Vertx vertx, long nanos, boolean untilSaid) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    vertx.runOnContext(
        ignored -> {
          long end = System.nanoTime() + nanos;
          while (System.nanoTime() < end && !(untilSaid && !lines.list.isEmpty())) {
            Thread.onSpinWait();
          }
          done.complete(null);
        });
    done.get(30, TimeUnit.SECONDS);
  }
}
