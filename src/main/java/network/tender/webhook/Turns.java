package network.tender.webhook;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Lets a few do something at a time of each who asks; the others of that one come in turn. How many
 * may ask is for the caller to bound. Safe for any thread.
 */
final class Turns {
  private static final class Line {
    private int running;
    private final Deque<Promise<Void>> later = new ArrayDeque<>();
  }

  private final Vertx vertx;
  private final int most;
  private final Map<String, Line> lines = new HashMap<>();

  /**
   * Nobody's turn yet.
   *
   * @param most of one who asks at a time
   */
  Turns(Vertx vertx, int most) {
    this.vertx = vertx;
    this.most = most;
  }

  /** Does something when it is its turn, which ends with it. */
  <T> Future<T> take(String who, Supplier<Future<T>> work) {
    // What the work throws fails the future, and its turn ends too.
    return turn(who).compose(turn -> work.get()).onComplete(done -> end(who));
  }

  private synchronized Future<Void> turn(String who) {
    Line line = lines.computeIfAbsent(who, name -> new Line());
    if (line.running < most) {
      line.running++;
      return Future.succeededFuture();
    }
    Promise<Void> mine = Promise.promise();
    line.later.add(mine);
    return mine.future();
  }

  private void end(String who) {
    Promise<Void> next;
    synchronized (this) {
      Line line = lines.get(who);
      if (line == null) {
        return;
      }
      next = line.later.poll();
      if (next == null) {
        line.running--;
        if (line.running == 0) {
          lines.remove(who);
        }
        return;
      }
    }
    // Not from here: where all fail at once, each would begin the next one.
    vertx.getOrCreateContext().runOnContext(v -> next.complete());
  }
}
