package network.tender.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** The ceiling of a run, unless the options say that it need not be measured. */
final class CeilingOrNone implements AutoCloseable {
  private final Optional<Ceiling> ceiling;
  private final int seconds;

  private CeilingOrNone(Optional<Ceiling> ceiling, int seconds) {
    this.ceiling = ceiling;
    this.seconds = seconds;
  }

  static CeilingOrNone open(BenchOptions options, int connections) {
    int seconds = options.ceilingSeconds();
    return new CeilingOrNone(
        seconds > 0 ? Optional.of(Ceiling.open(options, connections)) : Optional.empty(), seconds);
  }

  void measure(SignedTransfers payload, int warmupSeconds, Progress progress) {
    ceiling.ifPresent(c -> c.measure(payload, warmupSeconds, seconds, progress));
  }

  /** Requests a second; 0 if it was not measured. */
  double perSecond() {
    return ceiling.map(Ceiling::perSecond).orElse(0.0);
  }

  /**
   * Adds the ceiling, and a rate as a share of it: by the clock, and by processor time, which other
   * programs on the machine disturb less.
   *
   * @param cpuMicros processor time of one transfer; 0 if it is not known
   */
  void writeTo(ObjectNode json, double ratePerSecond, double cpuMicros) {
    ceiling.ifPresent(
        c -> {
          json.put("ceilingPerSecond", Usage.rounded(c.perSecond()));
          json.put("ratio", Usage.rounded(ratePerSecond / c.perSecond()));
          if (cpuMicros > 0) {
            json.put("cpuRatio", Usage.rounded(c.cpuMicros() / cpuMicros));
          }
          ArrayNode measurements = json.putArray("ceilings");
          for (Ceiling.Result result : c.results()) {
            measurements
                .addObject()
                .put("perSecond", Usage.rounded(result.perSecond()))
                .put("serverCpuMicros", Usage.rounded(result.serverCpuMicros()))
                .put("clientCpuMicros", Usage.rounded(result.clientCpuMicros()));
          }
        });
  }

  @Override
  public void close() {
    ceiling.ifPresent(Ceiling::close);
  }
}
