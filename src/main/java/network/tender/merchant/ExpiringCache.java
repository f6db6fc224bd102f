package network.tender.merchant;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers answers of the database for a moment. Bounded: the entry that was used least recently
 * goes first. Safe for any thread.
 */
final class ExpiringCache<K, V> {
  private record Entry<V>(V value, long expiresMillis) {}

  private final InstantSource clock;
  private final long lifeMillis;
  private final Map<K, Entry<V>> entries;

  /** Bumped by every removal, so that a value read before it is not stored after it. */
  private long generation;

  ExpiringCache(InstantSource clock, long lifeMillis, int maxEntries) {
    this.clock = clock;
    this.lifeMillis = lifeMillis;
    this.entries =
        new LinkedHashMap<>(64, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Entry<V>> eldest) {
            return size() > maxEntries;
          }
        };
  }

  synchronized Optional<V> get(K key) {
    Entry<V> entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.expiresMillis() <= clock.millis()) {
      entries.remove(key);
      return Optional.empty();
    }
    return Optional.of(entry.value());
  }

  /** To be read before the database is asked, and given to {@link #put}. */
  synchronized long generation() {
    return generation;
  }

  /** Keeps a value, unless something was removed since it was asked for. */
  synchronized void put(K key, V value, long askedAtGeneration) {
    if (askedAtGeneration == generation) {
      entries.put(key, new Entry<>(value, clock.millis() + lifeMillis));
    }
  }

  /** Forgets a value: now, and again once what was written is durable. */
  void remove(K key) {
    forget(key);
    JoinedTransaction.afterCommit(() -> forget(key));
  }

  private synchronized void forget(K key) {
    generation++;
    entries.remove(key);
  }

  /** Forgets everything. */
  synchronized void clear() {
    generation++;
    entries.clear();
  }
}
