package network.tender.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Hands in signed transfers, each as a request of its own, and counts what becomes of them. Settled
 * is what was answered 200 with the receipt of that very transfer, and nothing else.
 */
final class TransferSource implements Source {
  private static final byte[] HEAD = Load.postHead("/v1/transfers", "application/octet-stream");
  private static final byte[] TXID = "{\"txid\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] RECEIPT = "\"receipt\":{".getBytes(StandardCharsets.US_ASCII);

  /** Behind txid, block hash, height and times. */
  private static final int RECEIPT_AFTER = 64;

  /** A refusal that is not about the transfer; it is tried again in a closed loop. */
  private static final int UNAVAILABLE = 503;

  private final SignedTransfers transfers;
  private final int to;
  private final double ratePerSecond;
  private final long limitNanos;
  private final Latencies latencies = new Latencies();
  private final Map<String, Long> refused = new TreeMap<>();
  private final Deque<Delayed> delayed = new ArrayDeque<>();
  private final int from;
  private int at;
  private boolean begun;
  private long beginNanos;
  private long lastAnswerNanos;
  private int inFlight;
  private final AtomicLong settled = new AtomicLong();
  private long settledInWindow;
  private long settledInFirstHalf;
  private long refusals;
  private long retries;
  private long lost;

  private record Delayed(Request request, long againNanos) {}

  /**
   * A load of transfers.
   *
   * @param from first transfer to send
   * @param to behind the last one
   * @param ratePerSecond requests due in a second, whatever the answers do; 0 for a closed loop,
   *     where each connection sends its next transfer as soon as the last one is answered
   * @param limitMillis after which no further one is sent; {@link Long#MAX_VALUE} for none
   */
  TransferSource(
      SignedTransfers transfers, int from, int to, double ratePerSecond, long limitMillis) {
    this.transfers = transfers;
    this.from = from;
    this.at = from;
    this.to = to;
    this.ratePerSecond = ratePerSecond;
    this.limitNanos =
        limitMillis == Long.MAX_VALUE ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(limitMillis);
  }

  private boolean isOpenLoop() {
    return ratePerSecond > 0;
  }

  private boolean isOver(long nowNanos) {
    return begun && nowNanos - beginNanos >= limitNanos;
  }

  @Override
  public @Nullable Request next(long nowNanos) {
    if (!begun) {
      begun = true;
      beginNanos = nowNanos;
      lastAnswerNanos = nowNanos;
    }
    if (isOver(nowNanos)) {
      return null;
    }
    Delayed again = delayed.peek();
    if (again != null && nowNanos - again.againNanos() >= 0) {
      delayed.remove();
      retries++;
      inFlight++;
      return again.request();
    }
    if (at == to) {
      return null;
    }
    long due = nowNanos;
    if (isOpenLoop()) {
      due = beginNanos + (long) ((at - from) * 1e9 / ratePerSecond);
      if (due - nowNanos > 0) {
        return null;
      }
    }
    Request request = new Request(HEAD, transfers.raw(at), at, due);
    at++;
    inFlight++;
    return request;
  }

  @Override
  public void answered(Request request, ResponseReader answer, long nowNanos) {
    inFlight--;
    lastAnswerNanos = nowNanos;
    if (isSettled(request, answer)) {
      latencies.record(request.dueNanos, nowNanos);
      settled.incrementAndGet();
      if (!isOver(nowNanos)) {
        settledInWindow++;
        settledInFirstHalf += nowNanos - beginNanos < limitNanos / 2 ? 1 : 0;
      }
      return;
    }
    refusals++;
    String code = answer.textMember("code");
    refused.merge(code.isEmpty() ? "http-" + answer.status() : code, 1L, Long::sum);
    if (answer.status() == UNAVAILABLE && !isOpenLoop()) {
      long pause = TimeUnit.SECONDS.toNanos(Math.max(1, answer.retryAfterSeconds()));
      delayed.add(new Delayed(request, nowNanos + pause));
    }
  }

  private boolean isSettled(Request request, ResponseReader answer) {
    return answer.status() == 200
        && answer.bodyHas(0, TXID)
        && answer.bodyHas(TXID.length, transfers.txid(request.number))
        && answer.bodyIndexOf(RECEIPT, RECEIPT_AFTER) > 0;
  }

  @Override
  public void lost(Request request, long nowNanos) {
    inFlight--;
    lost++;
    if (!isOpenLoop()) {
      delayed.add(new Delayed(request, nowNanos));
    }
  }

  @Override
  public boolean isFinished(long nowNanos) {
    return begun && inFlight == 0 && (isOver(nowNanos) || (at == to && delayed.isEmpty()));
  }

  @Override
  public long done() {
    return settled.get();
  }

  /** How many were sent at least once. */
  int sent() {
    return at - from;
  }

  /** Behind the last transfer that was sent. */
  int position() {
    return at;
  }

  long settledCount() {
    return settled.get();
  }

  /** Those of them that were settled before the time was over. */
  long settledInTime() {
    return settledInWindow;
  }

  /** From the first request until the time was over or, if there is none, the last answer. */
  double seconds() {
    return Math.min(limitNanos, lastAnswerNanos - beginNanos) / 1e9;
  }

  double settledPerSecond() {
    return seconds() <= 0 ? 0 : settledInWindow / seconds();
  }

  /** The rate of the second half of the time, when what warms up has warmed up. */
  double laterPerSecond() {
    return ranOut() || limitNanos == Long.MAX_VALUE
        ? settledPerSecond()
        : (settledInWindow - settledInFirstHalf) / (limitNanos / 2e9);
  }

  /** True if there were too few transfers for the time. */
  boolean ranOut() {
    return at == to && limitNanos != Long.MAX_VALUE && lastAnswerNanos - beginNanos < limitNanos;
  }

  long retryCount() {
    return retries;
  }

  long refusalCount() {
    return refusals;
  }

  /** Requests whose connection broke before the answer. */
  long lostCount() {
    return lost;
  }

  /** Refusals by their code. */
  Map<String, Long> refused() {
    return refused;
  }

  Latencies latencies() {
    return latencies;
  }
}
