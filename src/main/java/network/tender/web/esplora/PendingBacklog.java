package network.tender.web.esplora;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.tender.chain.Hash;
import network.tender.ledger.PendingTransfer;

/**
 * The pending transfers that a socket is yet to be told of when it begins to follow scripts. What a
 * block takes meanwhile is told with the block, and never as pending after it. It belongs to one
 * event loop.
 */
final class PendingBacklog {
  /** Transactions in one part. */
  private static final int MAX_IN_PART = 100;

  /** Bytes of transactions in one part, unless the first alone has more. */
  private static final long MAX_PART_BYTES = 100_000;

  /**
   * A transfer and where it belongs.
   *
   * @param pending the transfer
   * @param scripts the followed scripts that it touches, by their hashes
   */
  record Entry(PendingTransfer pending, Set<Hash> scripts) {
    Hash txid() {
      return pending.transfer().txid();
    }

    long sourceBytes() {
      return ShownTransaction.of(pending).sourceBytes();
    }
  }

  private final Map<Hash, Entry> waiting = new LinkedHashMap<>();

  /** What blocks have taken since the question; empty once it is answered. */
  private final Set<Hash> settled = new HashSet<>();

  private boolean asking = true;

  /** Takes the answer: the pending transfers of each script. */
  void answered(Map<Hash, PendingIndex.OfScript> byScript) {
    byScript.forEach(
        (script, found) -> {
          for (PendingTransfer pending : found.transfers()) {
            Hash txid = pending.transfer().txid();
            if (!settled.contains(txid)) {
              waiting
                  .computeIfAbsent(txid, one -> new Entry(pending, new LinkedHashSet<>()))
                  .scripts()
                  .add(script);
            }
          }
        });
    settled.clear();
    asking = false;
  }

  /** A block has this transaction. */
  void settled(Hash txid) {
    if (asking) {
      settled.add(txid);
    } else {
      waiting.remove(txid);
    }
  }

  /** The next to be told, as many as fit into one message; none at the end. */
  List<Entry> part() {
    List<Entry> part = new ArrayList<>();
    long bytes = 0;
    Iterator<Entry> entries = waiting.values().iterator();
    while (entries.hasNext() && part.size() < MAX_IN_PART) {
      Entry entry = entries.next();
      bytes += entry.sourceBytes();
      if (bytes > MAX_PART_BYTES && !part.isEmpty()) {
        break;
      }
      part.add(entry);
    }
    return part;
  }

  /** Takes one out; false if a block has taken it since. */
  boolean take(Entry entry) {
    return waiting.remove(entry.txid()) != null;
  }
}
