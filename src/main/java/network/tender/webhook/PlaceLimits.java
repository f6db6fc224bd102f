package network.tender.webhook;

/**
 * How many deliveries may be under way at a time. Each limit leaves places for those who are not
 * meant by the ones before it: a receiver's for others of its store at the same host, those for
 * others of the host, a store's for other stores.
 *
 * @param all in all
 * @param ofStore of one store
 * @param toHost to one host and port
 * @param ofStoreToHost of one store to one host and port
 * @param toReceiver to one receiver
 */
public record PlaceLimits(int all, int ofStore, int toHost, int ofStoreToHost, int toReceiver) {
  /** What a node uses. */
  public static final PlaceLimits DEFAULT = new PlaceLimits(256, 24, 32, 12, 8);
}
