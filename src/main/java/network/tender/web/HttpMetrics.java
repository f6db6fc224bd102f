package network.tender.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What is measured of the public server's connections; one for all its instances. Requests by route
 * are measured by Vert.x itself.
 */
public final class HttpMetrics {
  private final AtomicInteger connections = new AtomicInteger();
  private final Counter refusedConnections;

  /** Registers the meters. */
  public HttpMetrics(MeterRegistry registry) {
    Gauge.builder("tender.http.connections", connections, AtomicInteger::get)
        .description("Open connections to the public server")
        .register(registry);
    this.refusedConnections =
        Counter.builder("tender.http.connections.refused")
            .description("Connections closed at once because the limit was reached")
            .register(registry);
  }

  /** Counts a new connection; false if it is one too many and must be closed. */
  boolean connectionOpened(int limit) {
    if (connections.incrementAndGet() > limit) {
      connections.decrementAndGet();
      refusedConnections.increment();
      return false;
    }
    return true;
  }

  /** Counts the end of a connection that was let in. */
  void connectionClosed() {
    connections.decrementAndGet();
  }
}
