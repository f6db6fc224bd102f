package network.tender.ledger;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The pending transfers, first seen first. Nothing is ever replaced, so the order of arrival has
 * parents before children, and a pending transfer stays valid until it is settled.
 */
final class Mempool {
  private final int maxTransfers;
  private final long maxWeight;
  private final int maxChain;
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private final Map<Hash, Pending> byTxid = new HashMap<>();
  private final Map<Outpoint, Pending> spenders = new HashMap<>();
  private long weight;

  /** The last answer of {@link #pending()}, with which the next one is mostly the same. */
  private List<PendingTransfer> listed = List.of();

  Mempool(Policy policy) {
    this.maxTransfers = policy.maxPendingTransfers();
    this.maxWeight = policy.maxPendingWeight();
    this.maxChain = policy.maxPendingChain();
  }

  /** One pending transfer. */
  static final class Pending {
    final Transaction transfer;
    final int weight;
    final long feeSat;
    final int sigopCost;
    final long admittedMillis;

    /** What the inputs spend; coins of a pending parent get their height when they are sealed. */
    private final Coin[] coins;

    /** The pending transfer that made each coin, null where a block did; null if all did. */
    private @Nullable Pending @Nullable [] parents;

    /** Itself and all pending transfers that hang on it. */
    private int descendants = 1;

    int descendants() {
      return descendants;
    }

    /** Height of the block in which it was last sealed. */
    private int height;

    private boolean settled;

    /** Made when somebody asks, which for most transfers nobody does. */
    private @Nullable PendingTransfer view;

    Pending(
        Transaction transfer,
        Coin[] coins,
        @Nullable Pending @Nullable [] parents,
        long feeSat,
        int sigopCost,
        long admittedMillis) {
      this.transfer = transfer;
      this.weight = transfer.weight();
      this.coins = coins;
      this.parents = parents;
      this.feeSat = feeSat;
      this.sigopCost = sigopCost;
      this.admittedMillis = admittedMillis;
    }

    /**
     * The output as a coin for a transfer that spends it, null if it is none.
     *
     * @param height of the block that it will be in at the earliest
     */
    @Nullable Coin coin(int index, int height) {
      if (index < 0 || index >= transfer.outputCount() || transfer.script(index).isUnspendable()) {
        return null;
      }
      return new Coin(transfer.amount(index), transfer.script(index), height, false);
    }

    /** What others are told of it; the same object each time. */
    PendingTransfer view() {
      PendingTransfer made = view;
      if (made == null) {
        made = new PendingTransfer(transfer, List.of(coins), Amount.ofSat(feeSat), admittedMillis);
        view = made;
      }
      return made;
    }

    /** The coins it spends, as it is sealed in a block of this height. */
    List<Coin> seal(int blockHeight) {
      height = blockHeight;
      @Nullable Pending[] from = parents;
      for (int i = 0; from != null && i < from.length; i++) {
        Pending parent = from[i];
        if (parent != null && coins[i].height() != parent.height) {
          coins[i] = new Coin(coins[i].amount(), coins[i].script(), parent.height, false);
        }
      }
      return List.of(coins);
    }
  }

  int size() {
    return queue.size();
  }

  long weight() {
    return weight;
  }

  @Nullable Pending byTxid(Hash txid) {
    return byTxid.get(txid);
  }

  @Nullable Pending spender(Outpoint outpoint) {
    return spenders.get(outpoint);
  }

  @Nullable Pending first() {
    return queue.peekFirst();
  }

  /** In the order of arrival. */
  Iterator<Pending> iterator() {
    return queue.iterator();
  }

  /** All of them in the order of arrival, copied. */
  List<PendingTransfer> pending() {
    if (!isListed()) {
      List<PendingTransfer> all = new ArrayList<>(queue.size());
      for (Pending pending : queue) {
        all.add(pending.view());
      }
      listed = Collections.unmodifiableList(all);
    }
    return listed;
  }

  /** First in, first out: with the same ends it is the same queue. */
  @SuppressWarnings("ReferenceEquality") // each view exists once
  private boolean isListed() {
    int size = queue.size();
    return listed.size() == size
        && (size == 0
            || (listed.get(0) == queue.getFirst().view()
                && listed.get(size - 1) == queue.getLast().view()));
  }

  boolean hasRoomFor(int transferWeight) {
    return queue.size() < maxTransfers && weight + transferWeight <= maxWeight;
  }

  /** Adds a transfer whose coins no other spends, unless too many would hang together. */
  @Nullable Rejection add(Pending added) {
    Set<Pending> ancestors = ancestors(added);
    Rejection rejection = Truc.check(added, ancestors);
    if (rejection != null) {
      return rejection;
    }
    if (ancestors.size() >= maxChain) {
      return tooLong();
    }
    for (Pending ancestor : ancestors) {
      if (ancestor.descendants >= maxChain) {
        return tooLong();
      }
    }
    for (Pending ancestor : ancestors) {
      ancestor.descendants++;
    }
    Transaction transfer = added.transfer;
    for (int i = 0; i < transfer.inputCount(); i++) {
      spenders.put(transfer.prevout(i), added);
    }
    byTxid.put(transfer.txid(), added);
    queue.addLast(added);
    weight += added.weight;
    return null;
  }

  private Rejection tooLong() {
    return Rejection.of(
        Reason.CHAIN_TOO_LONG,
        "More than "
            + maxChain
            + " pending transfers would hang together; send it again after the next block.");
  }

  /** The pending transfers it hangs on; no more than one above the limit are gathered. */
  private Set<Pending> ancestors(Pending of) {
    if (of.parents == null) {
      return Collections.emptySet();
    }
    Set<Pending> ancestors = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<Pending> open = new ArrayDeque<>();
    open.add(of);
    while (!open.isEmpty() && ancestors.size() <= maxChain) {
      @Nullable Pending[] parents = open.remove().parents;
      for (int i = 0; parents != null && i < parents.length; i++) {
        Pending parent = parents[i];
        if (parent != null && !parent.settled && ancestors.add(parent)) {
          open.add(parent);
        }
      }
    }
    return ancestors;
  }

  /** Removes the oldest transfers: they are settled. */
  void removeFirst(int count) {
    for (int i = 0; i < count; i++) {
      Pending settled = queue.removeFirst();
      Transaction transfer = settled.transfer;
      for (int j = 0; j < transfer.inputCount(); j++) {
        spenders.remove(transfer.prevout(j));
      }
      byTxid.remove(transfer.txid());
      weight -= settled.weight;
      settled.settled = true;
      // Else an endless chain of transfers would never be let go.
      settled.parents = null;
    }
  }
}
