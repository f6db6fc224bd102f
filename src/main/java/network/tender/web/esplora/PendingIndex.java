package network.tender.web.esplora;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.journal.ScriptTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.PendingTransfer;
import network.tender.settlement.Settlement;

/**
 * The pending transfers by the scripts they touch. It is brought up to date when somebody asks, by
 * what has come and gone since, and never by the writer. Safe for several threads.
 */
final class PendingIndex {
  /**
   * What is pending for one script.
   *
   * @param height height of the newest durable block at that moment
   * @param transfers those that touch it, newest first, up to a limit
   * @param totals what all of them do to it
   */
  record OfScript(int height, List<PendingTransfer> transfers, ScriptTotals totals) {}

  /**
   * What pending transfers do to one script's coins.
   *
   * @param height height of the newest durable block at that moment
   * @param created outputs to it that no pending transfer spends, with their values in sat
   * @param spent durable and pending coins of it that they spend
   */
  record Coins(int height, Map<Outpoint, Long> created, Set<Outpoint> spent) {}

  private static final class Entry {
    private final Deque<PendingTransfer> transfers = new ArrayDeque<>(2);
    private ScriptTotals totals = ScriptTotals.NONE;
  }

  private final Map<Hash, Entry> entries = new HashMap<>();
  private Settlement.Pending current = new Settlement.Pending(-1, List.of());

  /** How many transfers have come and gone since: what {@link #update} costs. */
  synchronized int distance(Settlement.Pending next) {
    int gone = gone(current.transfers(), next.transfers());
    return 2 * gone + Math.abs(next.transfers().size() - current.transfers().size());
  }

  /** Takes in what is pending now. */
  synchronized void update(Settlement.Pending next) {
    List<PendingTransfer> before = current.transfers();
    List<PendingTransfer> after = next.transfers();
    int gone = gone(before, after);
    for (PendingTransfer transfer : before.subList(0, gone)) {
      remove(transfer);
    }
    int kept = before.size() - gone;
    if (!isSame(before, gone, after, kept)) {
      entries.clear();
      kept = 0;
    }
    for (PendingTransfer transfer : after.subList(kept, after.size())) {
      add(transfer);
    }
    current = next;
  }

  /** First in, first out: some of the oldest are gone, and some newer ones have come. */
  private static int gone(List<PendingTransfer> before, List<PendingTransfer> after) {
    return after.isEmpty() ? before.size() : indexOf(before, after.get(0));
  }

  @SuppressWarnings("ReferenceEquality") // each pending transfer is one object
  private static int indexOf(List<PendingTransfer> list, PendingTransfer wanted) {
    int i = 0;
    while (i < list.size() && list.get(i) != wanted) {
      i++;
    }
    return i;
  }

  @SuppressWarnings("ReferenceEquality") // each pending transfer is one object
  private static boolean isSame(
      List<PendingTransfer> before, int gone, List<PendingTransfer> after, int kept) {
    return kept == 0
        || (kept <= after.size()
            && before.get(gone) == after.get(0)
            && before.get(before.size() - 1) == after.get(kept - 1));
  }

  private void add(PendingTransfer transfer) {
    touches(transfer)
        .forEach(
            (script, touch) -> {
              Entry entry = entries.computeIfAbsent(script, key -> new Entry());
              entry.transfers.addLast(transfer);
              entry.totals = entry.totals.plus(touch);
            });
  }

  private void remove(PendingTransfer transfer) {
    touches(transfer)
        .forEach(
            (script, touch) -> {
              Entry entry = entries.get(script);
              if (entry != null) {
                entry.transfers.removeFirst();
                entry.totals = entry.totals.minus(touch);
                if (entry.transfers.isEmpty()) {
                  entries.remove(script);
                }
              }
            });
  }

  /** What a pending transfer does to each script. */
  private static Map<Hash, ScriptTotals> touches(PendingTransfer pending) {
    Map<Hash, ScriptTotals> touches = new HashMap<>();
    ScriptTotals one = new ScriptTotals(1, 0, 0, 0, 0);
    for (Coin coin : pending.spent()) {
      touches.merge(
          coin.script().hash(),
          one.spent(coin.amount().sat()),
          (before, more) -> before.spent(coin.amount().sat()));
    }
    Transaction transfer = pending.transfer();
    for (int i = 0; i < transfer.outputCount(); i++) {
      Script script = transfer.script(i);
      long sat = transfer.outputSat(i);
      if (!script.isUnspendable()) {
        touches.merge(script.hash(), one.funded(sat), (before, more) -> before.funded(sat));
      }
    }
    return touches;
  }

  /** All of them, as they were taken in last. */
  synchronized Settlement.Pending all() {
    return current;
  }

  /** Those that touch a script. */
  synchronized OfScript ofScript(Hash scriptHash, int limit) {
    Entry entry = entries.get(scriptHash);
    if (entry == null) {
      return new OfScript(current.height(), List.of(), ScriptTotals.NONE);
    }
    List<PendingTransfer> newestFirst = new ArrayList<>();
    Iterator<PendingTransfer> newest = entry.transfers.descendingIterator();
    while (newest.hasNext() && newestFirst.size() < limit) {
      newestFirst.add(newest.next());
    }
    return new OfScript(current.height(), newestFirst, entry.totals);
  }

  /** What they do to a script's coins. */
  synchronized Coins coinsOf(Hash scriptHash) {
    Map<Outpoint, Long> created = new LinkedHashMap<>();
    Set<Outpoint> spent = new HashSet<>();
    Entry entry = entries.get(scriptHash);
    if (entry != null) {
      for (PendingTransfer pending : entry.transfers) {
        Transaction transfer = pending.transfer();
        for (int i = 0; i < transfer.inputCount(); i++) {
          if (pending.spent().get(i).script().hash().equals(scriptHash)) {
            spent.add(transfer.prevout(i));
            created.remove(transfer.prevout(i));
          }
        }
        for (int i = 0; i < transfer.outputCount(); i++) {
          if (transfer.script(i).hash().equals(scriptHash)) {
            created.put(transfer.outpoint(i), transfer.outputSat(i));
          }
        }
      }
    }
    return new Coins(current.height(), created, spent);
  }
}
