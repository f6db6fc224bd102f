package network.tender.web;

/**
 * Bounds of the live streams of all surfaces together.
 *
 * @param open most streams at a time
 * @param catchingUp most streams at a time that wait for blocks of the past
 * @param heartbeatMillis how often a stream says that it is alive, so that neither we nor a proxy
 *     take it for dead
 */
public record StreamLimits(int open, int catchingUp, long heartbeatMillis) {
  /** What a node allows. */
  public static final StreamLimits DEFAULT = new StreamLimits(2_000, 500, 15_000);
}
