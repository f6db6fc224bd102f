package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import network.tender.chain.MalformedException;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;

/** What wallets and explorers ask by the Esplora API, in equal shares, about settled transfers. */
final class ReadSource implements Source {
  private static final byte[] NOTHING = {};

  /** A kind of question. */
  private enum Route {
    TRANSACTION("/tx/{txid}"),
    STATUS("/tx/{txid}/status"),
    OUTSPENDS("/tx/{txid}/outspends"),
    SCRIPT("/scripthash/{script}"),
    UNSPENT("/scripthash/{script}/utxo"),
    HISTORY("/scripthash/{script}/txs"),
    TIP("/blocks/tip/height");

    private final String path;

    Route(String path) {
      this.path = path;
    }
  }

  private final SignedTransfers settled;
  private final int count;
  private final Pace pace;
  private final SplittableRandom random = new SplittableRandom(1);
  private final Map<Route, Latencies> latencies = new EnumMap<>(Route.class);
  private final List<Route> routes = List.of(Route.values());
  private final Latencies all = new Latencies();
  private final Counts counts = new Counts();
  private final AtomicLong answered = new AtomicLong();
  private long asked;
  private long inTime;
  private int inFlight;
  private long lastAnswerNanos;

  /**
   * A load of questions.
   *
   * @param settled transfers that the index has
   * @param count how many of them, from the first on
   */
  ReadSource(SignedTransfers settled, int count, Pace pace) {
    this.settled = settled;
    this.count = count;
    this.pace = pace;
    routes.forEach(route -> latencies.put(route, new Latencies()));
  }

  @Override
  public @Nullable Request next(long nowNanos) {
    if (!pace.hasBegun()) {
      pace.begin(nowNanos);
      lastAnswerNanos = nowNanos;
    }
    Request again = counts.again(nowNanos);
    if (again == null) {
      long due = pace.dueNanos(nowNanos, asked);
      if (pace.isOver(nowNanos) || due - nowNanos > 0) {
        return null;
      }
      int route = (int) (asked++ % routes.size());
      again = new Request(this, head(routes.get(route)), NOTHING, route, due);
    }
    inFlight++;
    return again;
  }

  private Latencies of(Route route) {
    return Objects.requireNonNull(latencies.get(route));
  }

  private byte[] head(Route route) {
    int transfer = random.nextInt(count);
    String path = "/esplora" + route.path;
    if (path.contains("{txid}")) {
      path = path.replace("{txid}", new String(settled.txid(transfer), StandardCharsets.US_ASCII));
    } else if (path.contains("{script}")) {
      try {
        path =
            path.replace(
                "{script}",
                Transaction.parse(settled.raw(transfer)).script(0).hash().toNaturalHex());
      } catch (MalformedException e) {
        throw new IllegalStateException("a transfer that was signed here", e);
      }
    }
    return Load.getHead(path);
  }

  @Override
  public void answered(Request request, ResponseReader answer, long nowNanos) {
    inFlight--;
    lastAnswerNanos = nowNanos;
    if (answer.status() == 200) {
      of(routes.get(request.number)).record(request.dueNanos, nowNanos);
      all.record(request.dueNanos, nowNanos);
      answered.incrementAndGet();
      inTime += pace.isOver(nowNanos) ? 0 : 1;
      return;
    }
    counts.refuse(answer);
    if (answer.status() == Counts.UNAVAILABLE && !pace.isOpenLoop() && !pace.isOver(nowNanos)) {
      counts.tryAgain(request, answer, nowNanos);
    }
  }

  @Override
  public void lost(Request request, long nowNanos) {
    inFlight--;
    counts.lose();
  }

  @Override
  public boolean isFinished(long nowNanos) {
    return pace.isOver(nowNanos) && inFlight == 0;
  }

  @Override
  public long done() {
    return answered.get();
  }

  double perSecond() {
    return inTime / Math.max(1e-9, pace.secondsUntil(lastAnswerNanos));
  }

  Latencies latencies() {
    return all;
  }

  Counts counts() {
    return counts;
  }

  /** The figures of each kind of question. */
  ObjectNode routes() {
    ObjectNode json = NodeApi.object();
    for (Route route : routes) {
      json.set(route.path, of(route).toJson());
    }
    return json;
  }

  /** The same as text. */
  TextReport writeTo(TextReport text) {
    for (Route route : routes) {
      Latencies times = of(route);
      text.line(
          "",
          "%-26s p50 %.1f ms, p99 %.1f ms, longest %.1f ms",
          route.path,
          times.percentileMillis(50),
          times.percentileMillis(99),
          times.maxMillis());
    }
    return text;
  }
}
