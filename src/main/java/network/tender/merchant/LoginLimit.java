package network.tender.merchant;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How often a password may be wrong. Whoever guesses is slowed down three times: for one account
 * from one address, from one address, and for one account. Tries that were right count for nothing,
 * so programs may send name and password with every request. Safe for any thread.
 */
final class LoginLimit {
  /** Five tries at once, then one every twelve seconds. */
  private static final int TRIES = 5;

  /** Many people may be behind one address, and many addresses be after one account. */
  private static final int TRIES_IN_ALL = 30;

  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int MAX_BUCKETS = 20_000;

  private final LongSupplier nanoTime;

  /** When each bucket is full again; those not used for longest are dropped. */
  private final Map<String, Long> fullAtNanos =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_BUCKETS;
        }
      };

  private record Bucket(String name, int tries) {
    long nanosPerTry() {
      return MINUTE_NANOS / tries;
    }
  }

  LoginLimit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private static List<Bucket> buckets(String address, String email) {
    return List.of(
        new Bucket("both " + address + " " + email, TRIES),
        new Bucket("from " + address, TRIES_IN_ALL),
        new Bucket("for " + email, TRIES_IN_ALL));
  }

  /** Takes a try; false if there have been too many. */
  synchronized boolean tryTake(String address, String email) {
    long now = nanoTime.getAsLong();
    List<Bucket> buckets = buckets(address, email);
    for (Bucket bucket : buckets) {
      if (fullAt(bucket, now) - now + bucket.nanosPerTry() > MINUTE_NANOS) {
        return false;
      }
    }
    for (Bucket bucket : buckets) {
      fullAtNanos.put(bucket.name(), fullAt(bucket, now) + bucket.nanosPerTry());
    }
    return true;
  }

  /** Gives a try back that was right. */
  synchronized void giveBack(String address, String email) {
    for (Bucket bucket : buckets(address, email)) {
      fullAtNanos.computeIfPresent(bucket.name(), (name, at) -> at - bucket.nanosPerTry());
    }
  }

  private long fullAt(Bucket bucket, long now) {
    Long known = fullAtNanos.get(bucket.name());
    return known == null || known - now < 0 ? now : known;
  }
}
