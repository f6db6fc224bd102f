package network.tender.node;

import io.vertx.core.Future;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.follower.Alarm;
import network.tender.follower.Follower;
import network.tender.follower.FollowerParts;
import network.tender.follower.FollowerStatus;
import network.tender.journal.ChainRole;
import network.tender.journal.Database;
import network.tender.journal.WriterLease;
import network.tender.telemetry.FollowerMetrics;

/** Starts what makes a node a follower. */
final class FollowingStart {
  private final Parts parts;
  private final Database database;
  private final WriterLease lease;
  private final Closers closers;
  private final Consumer<String> fatal;

  FollowingStart(
      Parts parts, Database database, WriterLease lease, Closers closers, Consumer<String> fatal) {
    this.parts = parts;
    this.database = database;
    this.lease = lease;
    this.closers = closers;
    this.fatal = fatal;
  }

  /** Loads this node's copy of the chain and begins to follow. */
  Future<Opened> open(URI node) {
    ChainStorage storage =
        new ChainStorage(database, lease, parts.configuration().index().enabled(), closers);
    return ChainRole.demandFollower(database, node.toString())
        .compose(
            done ->
                Follower.start(
                    parts.vertx(),
                    new FollowerParts(
                        parts.network(),
                        parts.policy(),
                        parts.curve(),
                        node,
                        () -> storage.open(List.of()),
                        ChainStorage.settings(parts.configuration()),
                        parts.clock(),
                        parts.random(),
                        parts.chainMetrics(),
                        new FollowerMetrics(parts.meters().registry(), Follower.outcomes()),
                        fatal)))
        .map(
            follower -> {
              closers.add("follower", follower::stop);
              parts.readiness().following(() -> flaw(follower.following()));
              return new Opened(
                  follower,
                  follower.storage(),
                  lease,
                  follower::waitsForFlush,
                  new Opened.Role.Following(follower));
            });
  }

  private static Optional<String> flaw(FollowerStatus status) {
    return switch (status.state()) {
      case STOPPED -> status.alarm().map(Alarm::sentence);
      case CONNECTING, UNREACHABLE -> Optional.of("the node " + status.node() + " does not answer");
      case CATCHING_UP ->
          Optional.of("blocks up to " + status.nodeHeight() + " are being verified");
      case FOLLOWING -> Optional.empty();
    };
  }
}
