package network.tender.webhook;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * When to look next what there is to be sent to which receiver. It holds the soonest only, as many
 * as it has room for; all of it is found again in the database.
 */
final class Agenda {
  private record Entry(long millis, String receiver) {}

  private final int limit;
  private final Map<String, Entry> entries = new HashMap<>();
  private final TreeSet<Entry> order =
      new TreeSet<>(Comparator.comparingLong(Entry::millis).thenComparing(Entry::receiver));

  /**
   * An empty one.
   *
   * @param limit most receivers
   */
  Agenda(int limit) {
    this.limit = limit;
  }

  /** A receiver is to be looked at, at the latest then. */
  void note(String receiver, long millis) {
    Entry before = entries.get(receiver);
    if (before != null && before.millis() <= millis) {
      return;
    }
    if (before != null) {
      order.remove(before);
    }
    Entry entry = new Entry(millis, receiver);
    entries.put(receiver, entry);
    order.add(entry);
    if (order.size() > limit) {
      Entry latest = order.last();
      order.remove(latest);
      entries.remove(latest.receiver());
    }
  }

  /** True if somebody is to be looked at now. */
  boolean isDue(long nowMillis) {
    return !order.isEmpty() && order.first().millis() <= nowMillis;
  }

  /** Takes out who is to be looked at first; empty if nobody is now. */
  Optional<String> take(long nowMillis) {
    if (!isDue(nowMillis)) {
      return Optional.empty();
    }
    Entry first = order.first();
    order.remove(first);
    entries.remove(first.receiver());
    return Optional.of(first.receiver());
  }

  int size() {
    return order.size();
  }
}
