package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What was not answered as hoped for: refusals by code, what is tried again, what was lost. */
final class Counts {
  /** A refusal that is not about the request. */
  static final int UNAVAILABLE = 503;

  private final Map<String, Long> refused = new TreeMap<>();
  private final Deque<Delayed> delayed = new ArrayDeque<>();
  private long refusals;
  private long retries;
  private long lost;

  private record Delayed(Request request, long againNanos) {}

  /** Counts a refusal by its code. */
  void refuse(ResponseReader answer) {
    refusals++;
    String code = answer.textMember("code");
    refused.merge(code.isEmpty() ? "http-" + answer.status() : code, 1L, Long::sum);
  }

  /** Keeps a request until the node is ready to hear it again, as it has asked for. */
  void tryAgain(Request request, ResponseReader answer, long nowNanos) {
    long pause = TimeUnit.SECONDS.toNanos(Math.max(1, answer.retryAfterSeconds()));
    delayed.add(new Delayed(request, nowNanos + pause));
  }

  /** Counts an answer that never came. */
  void lose() {
    lost++;
  }

  /** Keeps a request that gets another connection at once. */
  void tryAgain(Request request, long nowNanos) {
    delayed.addFirst(new Delayed(request, nowNanos));
  }

  /** A request that may be tried again now; null if there is none. */
  @Nullable Request again(long nowNanos) {
    Delayed first = delayed.peek();
    if (first == null || nowNanos - first.againNanos() < 0) {
      return null;
    }
    delayed.remove();
    retries++;
    return first.request();
  }

  boolean isSomeDelayed() {
    return !delayed.isEmpty();
  }

  /** Refusals by their code. */
  Map<String, Long> refused() {
    return refused;
  }

  long refusalCount() {
    return refusals;
  }

  long retryCount() {
    return retries;
  }

  /** Requests whose connection broke before the answer. */
  long lostCount() {
    return lost;
  }

  boolean isClean() {
    return refusals == 0 && lost == 0;
  }

  void writeTo(ObjectNode json) {
    ObjectNode codes = json.putObject("refused");
    refused.forEach(codes::put);
    json.put("retries", retries);
    json.put("lostAnswers", lost);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    refused.forEach((code, count) -> text.append(count).append(' ').append(code).append(", "));
    return text.append(String.format(Locale.ROOT, "%d tried again, %d answers lost", retries, lost))
        .toString();
  }
}
