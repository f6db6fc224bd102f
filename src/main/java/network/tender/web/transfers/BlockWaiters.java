package network.tender.web.transfers;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import network.tender.settlement.Settlement;
import network.tender.web.StreamMetrics;

/**
 * Requests that wait for the chain to reach a height. They count as live streams, with which they
 * share the limit. Safe for any thread.
 */
final class BlockWaiters {
  private record Waiting(int height, Context context, Promise<Void> promise) {
    /** On the waiting request's own event loop, not on the writer's. */
    private void end() {
      context.runOnContext(run -> promise.tryComplete());
    }
  }

  private final Vertx vertx;
  private final Settlement settlement;
  private final StreamMetrics metrics;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicInteger lowest = new AtomicInteger(Integer.MAX_VALUE);
  private volatile boolean closed;

  BlockWaiters(Vertx vertx, Settlement settlement, StreamMetrics metrics) {
    this.vertx = vertx;
    this.settlement = settlement;
    this.metrics = metrics;
    settlement.onBlock(block -> onBlock(block.height()));
  }

  /** On the writer's context, so no more than a comparison while nobody waits. */
  private void onBlock(int height) {
    if (height >= lowest.get()) {
      release(height);
    }
  }

  private void release(int height) {
    lowest.set(Integer.MAX_VALUE);
    for (Waiting one : waiting) {
      if (one.height <= height) {
        one.end();
      } else {
        lowest.accumulateAndGet(one.height, Math::min);
      }
    }
  }

  /**
   * Completes when the chain has a height, when the time is over, when who asks has gone, or when
   * the server stops.
   *
   * @return empty if too many wait already
   */
  Optional<Future<Void>> await(int height, long millis, RoutingContext ctx) {
    if (closed || settlement.status().height() >= height || millis <= 0) {
      return Optional.of(Future.succeededFuture());
    }
    if (!metrics.tryOpen()) {
      return Optional.empty();
    }
    Waiting one = new Waiting(height, vertx.getOrCreateContext(), Promise.promise());
    waiting.add(one);
    lowest.accumulateAndGet(height, Math::min);
    long timer = vertx.setTimer(millis, id -> one.promise.tryComplete());
    ctx.addEndHandler(gone -> one.promise.tryComplete());
    // A block may have come, or the server may have begun to stop, in between.
    if (closed || settlement.status().height() >= height) {
      one.end();
    }
    return Optional.of(
        one.promise
            .future()
            .onComplete(
                done -> {
                  vertx.cancelTimer(timer);
                  waiting.remove(one);
                  metrics.closed();
                }));
  }

  /** Lets everybody go, because the server is about to stop. */
  void close() {
    closed = true;
    waiting.forEach(Waiting::end);
  }
}
