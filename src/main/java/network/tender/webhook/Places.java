package network.tender.webhook;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The places for deliveries that are under way, as {@link PlaceLimits} says, and the receivers that
 * wait for one. Those of which little good is known, because they did not answer or belong to a
 * single invoice, share half of the places of each kind, so that there is always room for the
 * others, however many of them hang.
 *
 * <p>Who waits for places gets them in turn. Used on one context only.
 */
final class Places {
  private static final class Gate {
    private final int limit;
    private int taken;
    private int doubtful;
    private final Set<String> waiting = new LinkedHashSet<>();
    private final Set<String> doubtfulWaiting = new LinkedHashSet<>();

    Gate(int limit) {
      this.limit = limit;
    }

    int room(boolean isDoubtful) {
      int free = limit - taken;
      return isDoubtful ? Math.min(free, Math.max(1, limit / 2) - doubtful) : free;
    }

    boolean isUnused() {
      return taken == 0 && waiting.isEmpty() && doubtfulWaiting.isEmpty();
    }
  }

  private record Wait(String key, boolean isDoubtful) {}

  /**
   * Who wants a place.
   *
   * @param receiver which
   * @param storeId whose; empty if nobody's any more
   * @param host host and port; empty if there is none any more
   * @param isDoubtful true if little good is known of it
   */
  record Claim(String receiver, String storeId, String host, boolean isDoubtful) {}

  private final PlaceLimits limits;
  private final int mostWaiting;
  private final Map<String, Gate> gates = new HashMap<>();
  private final Map<String, Wait> waits = new HashMap<>();

  /**
   * All free.
   *
   * @param mostWaiting most receivers of which it is known that they wait; whoever asks must come
   *     again by other means with the rest
   */
  Places(PlaceLimits limits, int mostWaiting) {
    this.limits = limits;
    this.mostWaiting = mostWaiting;
  }

  private List<String> keys(Claim claim) {
    return List.of(
        "all",
        "store " + claim.storeId(),
        "host " + claim.host(),
        "both " + claim.storeId() + " " + claim.host());
  }

  private Gate gate(String key) {
    return gates.computeIfAbsent(
        key,
        name ->
            new Gate(
                switch (name.charAt(0)) {
                  case 'a' -> limits.all();
                  case 's' -> limits.ofStore();
                  case 'h' -> limits.toHost();
                  default -> limits.ofStoreToHost();
                }));
  }

  /** Takes a place. Without one the receiver waits, and is among the {@link #free} later. */
  boolean take(Claim claim) {
    List<String> keys = keys(claim);
    for (String key : keys) {
      // Looked for only: what is not there is free, and one who only waits leaves none behind.
      Gate gate = gates.get(key);
      if (gate != null && gate.room(claim.isDoubtful()) <= 0) {
        await(claim, key);
        return false;
      }
    }
    for (String key : keys) {
      Gate gate = gate(key);
      gate.taken++;
      gate.doubtful += claim.isDoubtful() ? 1 : 0;
    }
    return true;
  }

  private void await(Claim claim, String key) {
    if (waits.containsKey(claim.receiver()) || waits.size() >= mostWaiting) {
      return;
    }
    waits.put(claim.receiver(), new Wait(key, claim.isDoubtful()));
    Gate gate = gate(key);
    (claim.isDoubtful() ? gate.doubtfulWaiting : gate.waiting).add(claim.receiver());
  }

  /**
   * Gives a place back.
   *
   * @param claim as it was taken
   * @return the receivers that may ask again
   */
  List<String> free(Claim claim) {
    List<String> next = new ArrayList<>();
    for (String key : keys(claim)) {
      Gate gate = gate(key);
      gate.taken--;
      gate.doubtful -= claim.isDoubtful() ? 1 : 0;
      release(gate.waiting, gate.room(false), next);
      release(gate.doubtfulWaiting, gate.room(true), next);
      if (gate.isUnused()) {
        gates.remove(key);
      }
    }
    return next;
  }

  private void release(Set<String> waiting, int room, List<String> next) {
    Iterator<String> each = waiting.iterator();
    for (int i = 0; i < room && each.hasNext(); i++) {
      String receiver = each.next();
      each.remove();
      waits.remove(receiver);
      next.add(receiver);
    }
  }

  /**
   * True if a receiver waits and there is still no place for it. One that finds one waits no more.
   */
  boolean isWaiting(String receiver) {
    Wait wait = waits.get(receiver);
    if (wait == null) {
      return false;
    }
    Gate gate = gate(wait.key());
    if (gate.room(wait.isDoubtful()) <= 0) {
      return true;
    }
    waits.remove(receiver);
    (wait.isDoubtful() ? gate.doubtfulWaiting : gate.waiting).remove(receiver);
    if (gate.isUnused()) {
      gates.remove(wait.key());
    }
    return false;
  }

  /** Of how many stores, hosts and so on there are places taken or waited for. */
  int gates() {
    return gates.size();
  }

  /** How many receivers wait. */
  int waiting() {
    return waits.size();
  }
}
