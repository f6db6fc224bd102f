package network.tender.merchant;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import network.tender.settlement.BusyException;

/**
 * How many {@link JoinedTransaction}s may be open at once. Each holds a connection of the pool that
 * invoices and blocks are written by too, so they are few; others wait, and those beyond the
 * waiting ones are refused.
 */
final class TransactionPlaces {
  /** Most transactions at once, a quarter of the pool. */
  static final int MAX_OPEN = 2;

  /** Most that wait for a place. */
  static final int MAX_WAITING = 64;

  /** How long one waits before it is refused. */
  static final long MAX_WAIT_MILLIS = 4_000;

  /** How long a transaction may be open before it is undone. */
  static final long MAX_OPEN_MILLIS = 2_000;

  private record Waiting(Context context, Promise<Void> place) {}

  private final Deque<Waiting> queue = new ArrayDeque<>();
  private int open;
  private final Counter full;
  private final Counter late;
  private final Counter overtime;

  TransactionPlaces(MeterRegistry registry) {
    this.full = refused(registry, "full");
    this.late = refused(registry, "late");
    this.overtime = refused(registry, "overtime");
    Gauge.builder("tender_idempotent_transactions", this, TransactionPlaces::open)
        .description("Transactions of requests with an Idempotency-Key that are open")
        .register(registry);
    Gauge.builder("tender_idempotent_transactions_waiting", this, TransactionPlaces::waiting)
        .description("Requests with an Idempotency-Key that wait for a transaction")
        .register(registry);
  }

  private static Counter refused(MeterRegistry registry, String reason) {
    return Counter.builder("tender_idempotent_transactions_refused")
        .description(
            "Requests with an Idempotency-Key answered 503: too many waited, for too long, or the"
                + " transaction took too long")
        .tag("reason", reason)
        .register(registry);
  }

  private synchronized int open() {
    return open;
  }

  private synchronized int waiting() {
    return queue.size();
  }

  /**
   * A place, which must be {@link #leave left}.
   *
   * @param context the caller's, which the Future is completed on
   * @return fails with {@link BusyException} if too many wait, or this one has waited too long
   */
  Future<Void> enter(Context context) {
    Waiting mine = new Waiting(context, Promise.promise());
    synchronized (this) {
      if (open < MAX_OPEN) {
        open++;
        return Future.succeededFuture();
      }
      if (queue.size() >= MAX_WAITING) {
        full.increment();
        return Future.failedFuture(new BusyException());
      }
      queue.add(mine);
    }
    long timer =
        context.owner().setTimer(MAX_WAIT_MILLIS, id -> context.runOnContext(v -> giveUp(mine)));
    return mine.place().future().onComplete(done -> context.owner().cancelTimer(timer));
  }

  private void giveUp(Waiting one) {
    synchronized (this) {
      if (!queue.remove(one)) {
        return;
      }
    }
    late.increment();
    one.place().fail(new BusyException());
  }

  /** Gives a place to whoever has waited longest. */
  void leave() {
    Waiting next;
    synchronized (this) {
      next = queue.poll();
      if (next == null) {
        open--;
        return;
      }
    }
    next.context().runOnContext(v -> next.place().complete());
  }

  /** Notes that a transaction was undone because it took too long. */
  void tookTooLong() {
    overtime.increment();
  }
}
