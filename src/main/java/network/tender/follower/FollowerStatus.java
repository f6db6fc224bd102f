package network.tender.follower;

import java.net.URI;
import java.util.Optional;

/**
 * How following goes.
 *
 * @param node whom this node follows
 * @param state what it does now
 * @param nodeHeight height of that node's chain when it last answered, -1 before it did
 * @param contactMillis when it last answered, Unix milliseconds, 0 before it did
 * @param alarm why following has stopped, if it has
 */
public record FollowerStatus(
    URI node, State state, int nodeHeight, long contactMillis, Optional<Alarm> alarm) {
  /** What a follower does. */
  public enum State {
    /** Looking for the node. */
    CONNECTING("connecting"),
    /** Verifying blocks of the past. */
    CATCHING_UP("catching-up"),
    /** At the node's newest block. */
    FOLLOWING("following"),
    /** The node does not answer; this one serves what it has and tries again and again. */
    UNREACHABLE("unreachable"),
    /** Stopped for good by an alarm; this node serves what it has. */
    STOPPED("stopped");

    private final String code;

    State(String code) {
      this.code = code;
    }

    /** The word for it in our API. */
    public String code() {
      return code;
    }
  }
}
