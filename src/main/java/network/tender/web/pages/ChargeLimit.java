package network.tender.web.pages;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How fast one store's till page may make invoices, for the page needs no key: a busy shop with
 * many tills never meets it, a script that floods the node does.
 */
final class ChargeLimit {
  /** Invoices that may be made in one go. */
  static final int BURST = 60;

  /** Invoices a second that a store may go on making. */
  static final int PER_SECOND = 5;

  private static final int MAX_STORES = 10_000;
  private static final long NANOS_PER_INVOICE = 1_000_000_000L / PER_SECOND;
  private static final long BURST_NANOS = BURST * NANOS_PER_INVOICE;

  private final LongSupplier nanoTime;

  /** When each store's bucket is full again; the ones not used for longest are dropped. */
  private final Map<String, Long> fullAtNanos =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_STORES;
        }
      };

  /** Reads time from a monotonic clock in nanoseconds. */
  ChargeLimit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Takes one invoice out of the store's bucket; false if it is empty. */
  synchronized boolean tryTake(String storeId) {
    long now = nanoTime.getAsLong();
    Long known = fullAtNanos.get(storeId);
    long fullAt = known == null || known - now < 0 ? now : known;
    if (fullAt - now + NANOS_PER_INVOICE > BURST_NANOS) {
      return false;
    }
    fullAtNanos.put(storeId, fullAt + NANOS_PER_INVOICE);
    return true;
  }
}
