package network.tender.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
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

  private static final byte[] BATCH_HEAD =
      Load.postHead("/v1/transfers", "application/vnd.tender.transfers");
  private static final byte[] SETTLED =
      "{\"status\":\"settled\",\"txid\":\"".getBytes(StandardCharsets.US_ASCII);

  private final SignedTransfers transfers;
  private final int batch;
  private final int from;
  private final int to;
  private final Pace pace;
  private final Latencies latencies = new Latencies();
  private final Counts counts = new Counts();
  private final AtomicLong settled = new AtomicLong();
  private int at;
  private long lastAnswerNanos;
  private int inFlight;
  private long settledInTime;
  private long settledInFirstHalf;

  /**
   * A load of transfers.
   *
   * @param from first transfer to send
   * @param to behind the last one
   * @param pace in a closed loop, what the node has no room for now is tried again
   */
  TransferSource(SignedTransfers transfers, int from, int to, Pace pace) {
    this(transfers, from, to, pace, 1);
  }

  /**
   * A load of transfers, some of them in each request.
   *
   * @param batch how many; with more than one, latencies are those of the whole request
   */
  TransferSource(SignedTransfers transfers, int from, int to, Pace pace, int batch) {
    this.batch = batch;
    this.transfers = transfers;
    this.from = from;
    this.at = from;
    this.to = to;
    this.pace = pace;
  }

  @Override
  public @Nullable Request next(long nowNanos) {
    if (!pace.hasBegun()) {
      pace.begin(nowNanos);
      lastAnswerNanos = nowNanos;
    }
    if (pace.isOver(nowNanos)) {
      return null;
    }
    Request again = counts.again(nowNanos);
    if (again != null) {
      inFlight++;
      return again;
    }
    if (at == to) {
      return null;
    }
    long due = pace.dueNanos(nowNanos, at - from);
    if (due - nowNanos > 0) {
      return null;
    }
    Request request =
        batch == 1
            ? new Request(this, HEAD, transfers.raw(at), at, due)
            : new Request(this, BATCH_HEAD, body(at), at, due);
    at += size(at);
    inFlight++;
    return request;
  }

  @Override
  public void answered(Request request, ResponseReader answer, long nowNanos) {
    inFlight--;
    lastAnswerNanos = nowNanos;
    if (batch > 1) {
      batchAnswered(request, answer, nowNanos);
      return;
    }
    if (isReceipt(answer, transfers.txid(request.number))) {
      latencies.record(request.dueNanos, nowNanos);
      settle(1, nowNanos);
      return;
    }
    counts.refuse(answer);
    if (answer.status() == Counts.UNAVAILABLE && !pace.isOpenLoop()) {
      counts.tryAgain(request, answer, nowNanos);
    }
  }

  private void settle(int count, long nowNanos) {
    settled.addAndGet(count);
    if (!pace.isOver(nowNanos)) {
      settledInTime += count;
      settledInFirstHalf += pace.isFirstHalf(nowNanos) ? count : 0;
    }
  }

  /** How many transfers the request that begins with this one has. */
  private int size(int first) {
    return Math.min(batch, to - first);
  }

  private byte[] body(int first) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(size(first) * 250);
    for (int i = first; i < first + size(first); i++) {
      body.writeBytes(transfers.raw(i));
    }
    return body.toByteArray();
  }

  /** Each transfer must be named as settled, in the order in which they were sent. */
  private void batchAnswered(Request request, ResponseReader answer, long nowNanos) {
    if (answer.status() == Counts.UNAVAILABLE && !pace.isOpenLoop()) {
      counts.refuse(answer);
      counts.tryAgain(request, answer, nowNanos);
      return;
    }
    int good = 0;
    int from = 0;
    for (int i = request.number; i < request.number + size(request.number); i++) {
      int found = answer.status() == 200 ? answer.bodyIndexOf(SETTLED, from) : -1;
      if (found >= 0 && answer.bodyHas(found + SETTLED.length, transfers.txid(i))) {
        good++;
        from = found + SETTLED.length;
      } else {
        counts.refuse(answer);
      }
    }
    if (good > 0) {
      latencies.record(request.dueNanos, nowNanos);
      settle(good, nowNanos);
    }
  }

  /** True if the answer is the receipt of this transfer. */
  static boolean isReceipt(ResponseReader answer, byte[] txid) {
    return answer.status() == 200
        && answer.bodyHas(0, TXID)
        && answer.bodyHas(TXID.length, txid)
        && answer.bodyIndexOf(RECEIPT, RECEIPT_AFTER) > 0;
  }

  @Override
  public void lost(Request request, long nowNanos) {
    inFlight--;
    counts.lose();
    if (!pace.isOpenLoop()) {
      counts.tryAgain(request, nowNanos);
    }
  }

  @Override
  public boolean isFinished(long nowNanos) {
    return pace.hasBegun()
        && inFlight == 0
        && (pace.isOver(nowNanos) || (at == to && !counts.isSomeDelayed()));
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
    return settledInTime;
  }

  /** From the first request until the time was over or, if there is none, the last answer. */
  double seconds() {
    return pace.secondsUntil(lastAnswerNanos);
  }

  double settledPerSecond() {
    return seconds() <= 0 ? 0 : settledInTime / seconds();
  }

  /** The rate of the second half of the time, when what warms up has warmed up. */
  double laterPerSecond() {
    return ranOut() || !pace.hasLimit()
        ? settledPerSecond()
        : (settledInTime - settledInFirstHalf) / (pace.limitSeconds() / 2);
  }

  /** True if there were too few transfers for the time. */
  boolean ranOut() {
    return at == to && pace.hasLimit() && !pace.isOver(lastAnswerNanos);
  }

  Pace pace() {
    return pace;
  }

  Counts counts() {
    return counts;
  }

  Latencies latencies() {
    return latencies;
  }
}
