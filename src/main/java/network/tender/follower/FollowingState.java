package network.tender.follower;

import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import network.tender.telemetry.FollowerMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How following goes: changed on the writer's context, read from any thread. */
final class FollowingState {
  private static final Logger LOG = LoggerFactory.getLogger(FollowingState.class);

  private final InstantSource clock;
  private final FollowerMetrics metrics;
  private volatile FollowerStatus status;

  FollowingState(URI node, InstantSource clock, FollowerMetrics metrics) {
    this.clock = clock;
    this.metrics = metrics;
    this.status =
        new FollowerStatus(node, FollowerStatus.State.CONNECTING, -1, 0, Optional.empty());
  }

  FollowerStatus status() {
    return status;
  }

  /** True after an alarm, for good. */
  boolean isStopped() {
    return status.alarm().isPresent();
  }

  /** The node has answered. */
  void contact(int height) {
    long now = clock.millis();
    metrics.contact(height, now);
    FollowerStatus last = status;
    FollowerStatus.State state =
        last.state() == FollowerStatus.State.UNREACHABLE
            ? FollowerStatus.State.CONNECTING
            : last.state();
    status = new FollowerStatus(last.node(), state, height, now, last.alarm());
  }

  /** The node does not answer. */
  void unreachable() {
    metrics.unreachable();
    set(FollowerStatus.State.UNREACHABLE);
  }

  void set(FollowerStatus.State state) {
    FollowerStatus last = status;
    if (last.alarm().isEmpty()) {
      status =
          new FollowerStatus(
              last.node(), state, last.nodeHeight(), last.contactMillis(), Optional.empty());
    }
  }

  /**
   * Following stops for good.
   *
   * @param height of the last valid block
   */
  void stop(Alarm alarm, int height) {
    FollowerStatus last = status;
    status =
        new FollowerStatus(
            last.node(),
            FollowerStatus.State.STOPPED,
            last.nodeHeight(),
            last.contactMillis(),
            Optional.of(alarm));
    metrics.alarm();
    LOG.error(
        "ALARM: following {} has stopped at block {}. {} What was verified before stands and is"
            + " served on; no transfer is handed on any more.",
        last.node(),
        height,
        alarm.sentence());
  }
}
