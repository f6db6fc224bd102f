package network.tender.merchant;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How often a password may be wrong. Whoever guesses is slowed down three times: for one account
 * from one address, from one address, and for one account. Tries that were right count for nothing,
 * so programs may send name and password with every request. Behind a proxy all have one address:
 * when its tries are used up, right passwords still open accounts, and all else gets the same
 * answer, whether there is such an account or not. Safe for any thread.
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

  /** What a try was taken from. */
  enum Taken {
    /** Everything that counts. */
    ALL,
    /** The account only, as its address has no tries left: only a right password gets through. */
    ACCOUNT,
    /** There have been too many. */
    NOTHING
  }

  private static List<Bucket> ofAccount(String address, String email) {
    return List.of(
        new Bucket("both " + address + " " + email, TRIES),
        new Bucket("for " + email, TRIES_IN_ALL));
  }

  private static Bucket ofAddress(String address) {
    return new Bucket("from " + address, TRIES_IN_ALL);
  }

  /**
   * Takes a try.
   *
   * @param known true if there is such an account: it is not locked for what others do at its
   *     address
   */
  synchronized Taken tryTake(String address, String email, boolean known) {
    long now = nanoTime.getAsLong();
    List<Bucket> account = ofAccount(address, email);
    boolean addressSpent = isSpent(ofAddress(address), now);
    if ((addressSpent && !known) || account.stream().anyMatch(bucket -> isSpent(bucket, now))) {
      return Taken.NOTHING;
    }
    account.forEach(bucket -> take(bucket, now));
    if (addressSpent) {
      return Taken.ACCOUNT;
    }
    take(ofAddress(address), now);
    return Taken.ALL;
  }

  private boolean isSpent(Bucket bucket, long now) {
    return fullAt(bucket, now) - now + bucket.nanosPerTry() > MINUTE_NANOS;
  }

  private void take(Bucket bucket, long now) {
    fullAtNanos.put(bucket.name(), fullAt(bucket, now) + bucket.nanosPerTry());
  }

  /** Gives a try back that was right. */
  synchronized void giveBack(String address, String email, Taken taken) {
    ofAccount(address, email).forEach(this::giveBack);
    if (taken == Taken.ALL) {
      giveBack(ofAddress(address));
    }
  }

  private void giveBack(Bucket bucket) {
    fullAtNanos.computeIfPresent(bucket.name(), (name, at) -> at - bucket.nanosPerTry());
  }

  private long fullAt(Bucket bucket, long now) {
    Long known = fullAtNanos.get(bucket.name());
    return known == null || known - now < 0 ? now : known;
  }
}
