package network.tender.node;

import io.vertx.core.Future;
import java.util.List;
import network.tender.web.management.HealthCheck;
import network.tender.web.management.ManagementService;

/**
 * The server for operators. It starts first and stops last, so that a long start or stop can be
 * watched.
 */
final class ManagementStart {
  private ManagementStart() {}

  /** Starts it; returns its port. */
  static Future<Integer> start(Parts parts, Closers closers) {
    Configuration.Management settings = parts.configuration().management();
    Readiness readiness = parts.readiness();
    List<HealthCheck> checks =
        List.of(
            HealthCheck.of("serving", readiness::isServing, "the node is starting or stopping"),
            HealthCheck.of(
                "journal", readiness::isJournalAvailable, "the database does not take writes"),
            HealthCheck.of(
                "lease", readiness::isLeaseHeld, "this node is not the chain's writer at present"),
            HealthCheck.of(
                "sealing",
                readiness::isSealing,
                "no block is sealed before changed coins are written"),
            HealthCheck.of("disk", readiness::isDiskRoomy, FreeSpace.TOO_LITTLE),
            HealthCheck.of("following", readiness::followingFlaw));
    return ManagementService.start(
            parts.vertx(), settings.host(), settings.port(), parts.meters()::scrape, checks)
        .map(
            service -> {
              closers.add("management server", service::stop);
              return service.port();
            })
        .recover(
            error ->
                Future.failedFuture(
                    new StartException(
                        "The management server can't listen on %s:%d: %s"
                            .formatted(settings.host(), settings.port(), error.getMessage()),
                        error)));
  }
}
