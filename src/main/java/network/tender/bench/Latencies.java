package network.tender.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How long answers took, to three digits. In an open loop they are counted from the moment at which
 * the request was due, not from when a free connection was found, so that a stall counts for every
 * request that it delayed.
 */
final class Latencies {
  private static final long MAX_MICROS = TimeUnit.MINUTES.toMicros(10);

  private final Histogram micros = new Histogram(MAX_MICROS, 3);

  /** Takes one in, from when the request was due until its answer. */
  void record(long dueNanos, long answeredNanos) {
    long took = TimeUnit.NANOSECONDS.toMicros(answeredNanos - dueNanos);
    micros.recordValue(Math.min(Math.max(took, 0), MAX_MICROS));
  }

  /** A percentile in milliseconds; 0 if nothing was taken in. */
  double percentileMillis(double percentile) {
    return micros.getTotalCount() == 0 ? 0 : micros.getValueAtPercentile(percentile) / 1e3;
  }

  /** The longest, in milliseconds. */
  double maxMillis() {
    return micros.getMaxValue() / 1e3;
  }

  long count() {
    return micros.getTotalCount();
  }

  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("p50", percentileMillis(50))
        .put("p99", percentileMillis(99))
        .put("p999", percentileMillis(99.9))
        .put("max", maxMillis());
  }
}
