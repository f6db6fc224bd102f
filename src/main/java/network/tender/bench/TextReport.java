package network.tender.bench;

import java.util.Locale;

/** Lines with a name in front, for people. */
final class TextReport {
  private final StringBuilder text = new StringBuilder();

  TextReport line(String name, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "%-15s", name));
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
    return this;
  }

  TextReport latency(String name, Latencies latencies) {
    return line(
        name,
        "p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, longest %.1f ms",
        latencies.percentileMillis(50),
        latencies.percentileMillis(99),
        latencies.percentileMillis(99.9),
        latencies.maxMillis());
  }

  /** Processor time and memory of all processes, also for each of some pieces of work. */
  TextReport usage(Rig.Span span, long count, String piece) {
    double pieces = Math.max(1, count) / 1e6;
    double node = span.after().node().cpuSeconds() - span.before().node().cpuSeconds();
    double postgres = span.after().postgres().cpuSeconds() - span.before().postgres().cpuSeconds();
    double client = span.after().client().cpuSeconds() - span.before().client().cpuSeconds();
    line(
        "processor time",
        "node %.1f s, PostgreSQL %.1f s, client %.1f s (%.0f, %.0f, %.0f us a %s)",
        node,
        postgres,
        client,
        node / pieces,
        postgres / pieces,
        client / pieces,
        piece);
    return line(
        "memory",
        "node %,d MiB at most, PostgreSQL %,d MiB",
        span.after().node().peakResidentBytes() >> 20,
        span.after().postgres().residentBytes() >> 20);
  }

  TextReport counts(Counts counts) {
    return counts.isClean() ? this : line("refused", "%s", counts);
  }

  @Override
  public String toString() {
    return text.toString().stripTrailing();
  }
}
