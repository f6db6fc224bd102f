package network.tender.web.esplora;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** Bounds and measures what wallets' sockets follow; the sockets themselves count as streams. */
final class SocketMetrics {
  /** Most scripts and transactions that all sockets together follow. */
  private static final int MAX_TRACKED = 100_000;

  private final AtomicInteger tracked = new AtomicInteger();
  private final Counter taken;
  private final Counter refused;
  private final Counter dropped;

  SocketMetrics(MeterRegistry registry) {
    Gauge.builder("tender.sockets.tracked", tracked, AtomicInteger::get)
        .description("Scripts and transactions that wallets' sockets follow")
        .register(registry);
    this.taken = messages(registry, "taken");
    this.refused = messages(registry, "refused");
    this.dropped =
        Counter.builder("tender.sockets.events.dropped")
            .description("Pending transfers that sockets were not told of before their block")
            .register(registry);
  }

  private static Counter messages(MeterRegistry registry, String outcome) {
    return Counter.builder("tender.sockets.messages")
        .description("Messages of wallets' sockets")
        .tag("outcome", outcome)
        .register(registry);
  }

  /** Takes places for what a socket wants to follow; false if there are too few. */
  boolean tryTrack(int more) {
    if (tracked.addAndGet(more) > MAX_TRACKED && more > 0) {
      tracked.addAndGet(-more);
      return false;
    }
    return true;
  }

  void taken() {
    taken.increment();
  }

  void refused() {
    refused.increment();
  }

  void dropped() {
    dropped.increment();
  }
}
