package network.tender.follower;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;

/** Waits for this node's own chain to reach heights. On the writer's context. */
final class Arrivals {
  private record Arrival(int height, Promise<Void> promise) {}

  private final List<Arrival> waiting = new ArrayList<>();

  /** Completes when the chain has a height that it has not yet, or when the time is over. */
  Future<Void> await(Vertx vertx, int height, long millis) {
    Arrival arrival = new Arrival(height, Promise.promise());
    waiting.add(arrival);
    long timer = vertx.setTimer(millis, id -> arrival.promise.tryComplete());
    return arrival
        .promise
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              waiting.remove(arrival);
            });
  }

  /** The chain has a height. */
  void reached(int height) {
    for (Arrival arrival : List.copyOf(waiting)) {
      if (arrival.height <= height) {
        arrival.promise.tryComplete();
      }
    }
  }
}
