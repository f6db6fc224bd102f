package network.tender.ledger;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The coins in memory, in front of the coin store: all changes since the last flush, and a bounded
 * number of stored coins, least recently used first to go. For the writer only.
 *
 * <p>Flushes and loads happen elsewhere and at leisure. {@link #takeChanges} gives a flush its
 * work; its end is told by {@link #flushed} or {@link #flushFailed}, and until then its coins stay
 * here. A load is bound to the {@link #epoch} in which it began.
 *
 * <p>Why that is enough: a coin that was spent is remembered as spent until a flush that deletes it
 * has ended. A load that is answered before then can't bring it back; one that began before then
 * and is answered later is stale. A coin that was made stays in memory until it is in the store, so
 * a load that is not stale and does not find a coin proves that there is none.
 */
public final class CoinCache {
  private final Clean clean;

  /** Made since the last flush began. */
  private Map<Outpoint, Coin> created = new HashMap<>();

  /** Spent since the last flush began, and perhaps in the store. */
  private Set<Outpoint> spent = new HashSet<>();

  /** Those of {@link #created} that a failed flush may have written all the same. */
  private Set<Outpoint> doubtful = new HashSet<>();

  private Map<Hash, Outpoints> createdByScript = new HashMap<>();

  private @Nullable Flush flush;
  private long epoch;
  private int height;
  private int storedHeight;
  private long hits;
  private long misses;

  /** A flush under way. */
  private record Flush(
      CoinChanges changes, Set<Outpoint> spent, Map<Hash, Outpoints> createdByScript) {}

  /** The coins of one script: in most cases one, which then costs no set of its own. */
  private static final class Outpoints {
    private @Nullable Outpoint only;
    private @Nullable Set<Outpoint> several;

    void add(Outpoint outpoint) {
      Set<Outpoint> set = several;
      Outpoint first = only;
      if (set != null) {
        set.add(outpoint);
      } else if (first == null) {
        only = outpoint;
      } else {
        set = new HashSet<>();
        set.add(first);
        set.add(outpoint);
        several = set;
        only = null;
      }
    }

    /** Takes one away if it is there; true if none is left. */
    boolean remove(Outpoint outpoint) {
      Set<Outpoint> set = several;
      if (set != null) {
        set.remove(outpoint);
        return set.isEmpty();
      }
      if (outpoint.equals(only)) {
        only = null;
      }
      return only == null;
    }

    Set<Outpoint> all() {
      Set<Outpoint> set = several;
      Outpoint first = only;
      return set != null ? set : first != null ? Set.of(first) : Set.of();
    }
  }

  /** Stored coins, least recently used first. */
  private static final class Clean extends LinkedHashMap<Outpoint, Coin> {
    private static final long serialVersionUID = 1L;
    private final int maxCoins;

    Clean(int maxCoins) {
      super(16, 0.75f, true);
      this.maxCoins = maxCoins;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Outpoint, Coin> eldest) {
      return size() > maxCoins;
    }
  }

  /**
   * An empty cache.
   *
   * @param maxCleanCoins most stored coins to keep
   * @param height height of the store's cursor
   */
  CoinCache(int maxCleanCoins, int height) {
    this.clean = new Clean(maxCleanCoins);
    this.height = height;
    this.storedHeight = height;
  }

  /** A coin, if it is in memory and unspent. */
  public Optional<Coin> coin(Outpoint outpoint) {
    return Optional.ofNullable(peek(outpoint));
  }

  @Nullable Coin find(Outpoint outpoint) {
    Coin coin = peek(outpoint);
    if (coin == null) {
      misses++;
    } else {
      hits++;
    }
    return coin;
  }

  /** Like {@link #find}, without counting. */
  @Nullable Coin peek(Outpoint outpoint) {
    Coin coin = created.get(outpoint);
    if (coin == null) {
      coin = clean.get(outpoint);
    }
    Flush underWay = flush;
    if (coin == null && underWay != null && !spent.contains(outpoint)) {
      coin = underWay.changes.created().get(outpoint);
    }
    return coin;
  }

  /** Takes in what a durable block made and spent. */
  void apply(int blockHeight, List<Transaction> transactions) {
    for (int i = 0; i < transactions.size(); i++) {
      Transaction transaction = transactions.get(i);
      for (int j = 0; i > 0 && j < transaction.inputCount(); j++) {
        spend(transaction.prevout(j));
      }
      for (int j = 0; j < transaction.outputCount(); j++) {
        Script script = transaction.script(j);
        if (!script.isUnspendable()) {
          Amount amount = transaction.amount(j);
          create(transaction.outpoint(j), new Coin(amount, script.detached(), blockHeight, i == 0));
        }
      }
    }
    height = blockHeight;
  }

  private void create(Outpoint outpoint, Coin coin) {
    created.put(outpoint, coin);
    createdByScript.computeIfAbsent(coin.script().hash(), h -> new Outpoints()).add(outpoint);
  }

  private void spend(Outpoint outpoint) {
    Coin fresh = created.remove(outpoint);
    if (fresh != null) {
      forgetScript(outpoint, fresh);
      if (doubtful.remove(outpoint)) {
        spent.add(outpoint);
      }
      return;
    }
    clean.remove(outpoint);
    spent.add(outpoint);
  }

  private void forgetScript(Outpoint outpoint, Coin coin) {
    Hash scriptHash = coin.script().hash();
    Outpoints ofScript = createdByScript.get(scriptHash);
    if (ofScript != null && ofScript.remove(outpoint)) {
      createdByScript.remove(scriptHash);
    }
  }

  /** Number of flushes that have ended well; loads that began before the last are stale. */
  public long epoch() {
    return epoch;
  }

  /** Height up to which the changes go. */
  public int height() {
    return height;
  }

  /** Height of the store's cursor, as far as is known for certain. */
  public int storedHeight() {
    return storedHeight;
  }

  /**
   * Changes since the last flush, for a flush that begins now; empty if there are none or one is
   * under way. Its parts are not changed afterwards and may be read on another thread.
   *
   * <p>{@link #flushed} takes in the order of 1 µs a coin on the writer: let no more than some
   * 5,000 changes gather where its pauses matter.
   */
  public Optional<CoinChanges> takeChanges() {
    if (flush != null || height == storedHeight) {
      return Optional.empty();
    }
    CoinChanges changes =
        new CoinChanges(height, Collections.unmodifiableMap(created), List.copyOf(spent));
    flush = new Flush(changes, spent, createdByScript);
    created = new HashMap<>();
    spent = new HashSet<>();
    createdByScript = new HashMap<>();
    doubtful = new HashSet<>();
    return Optional.of(changes);
  }

  /**
   * The flush under way is durable.
   *
   * @throws IllegalStateException if it is not the one under way
   */
  public void flushed(CoinChanges changes) {
    Flush ended = endFlush(changes);
    for (Map.Entry<Outpoint, Coin> entry : ended.changes.created().entrySet()) {
      if (!spent.contains(entry.getKey())) {
        clean.put(entry.getKey(), entry.getValue());
      }
    }
    storedHeight = changes.height();
    epoch++;
  }

  /**
   * The flush under way has failed, or nobody knows: its changes will be part of the next one,
   * which must therefore tolerate coins that exist already or are gone already.
   *
   * @throws IllegalStateException if it is not the one under way
   */
  public void flushFailed(CoinChanges changes) {
    Flush ended = endFlush(changes);
    for (Map.Entry<Outpoint, Coin> entry : ended.changes.created().entrySet()) {
      // One that was spent meanwhile is among the spent, which deletes it if it was written.
      if (!spent.contains(entry.getKey())) {
        create(entry.getKey(), entry.getValue());
        doubtful.add(entry.getKey());
      }
    }
    spent.addAll(ended.spent);
  }

  @SuppressWarnings("ReferenceEquality") // equal changes of another flush are not these
  private Flush endFlush(CoinChanges changes) {
    Flush underWay = flush;
    if (underWay == null || underWay.changes != changes) {
      throw new IllegalStateException("not the flush under way");
    }
    flush = null;
    return underWay;
  }

  /** A load that begins now. */
  CoinLoad beginLoad(Collection<Outpoint> outpoints) {
    return new CoinLoad(epoch, Set.copyOf(outpoints));
  }

  /** Takes in coins read from the store; false, and nothing is kept, if the load is stale. */
  public boolean loaded(long loadEpoch, Map<Outpoint, Coin> found) {
    if (loadEpoch != epoch) {
      return false;
    }
    found.forEach(this::keep);
    return true;
  }

  /** Keeps a coin from a load that is not stale, unless it is changed here. */
  void keep(Outpoint outpoint, Coin coin) {
    if (peek(outpoint) == null && !isSpentUnflushed(outpoint)) {
      clean.put(outpoint, coin);
    }
  }

  /**
   * Unspent coins of one script that the store may not have yet. Together with the store's answer,
   * less those that {@link #isSpentUnflushed}, they are all coins of the script, if {@link #epoch}
   * has not changed since the store was asked.
   *
   * @param scriptHash SHA-256 of the script
   */
  public Map<Outpoint, Coin> unflushedOfScript(Hash scriptHash) {
    Map<Outpoint, Coin> coins = new LinkedHashMap<>();
    Flush underWay = flush;
    if (underWay != null) {
      for (Outpoint outpoint : outpoints(underWay.createdByScript, scriptHash)) {
        Coin coin = underWay.changes.created().get(outpoint);
        if (coin != null && !spent.contains(outpoint)) {
          coins.put(outpoint, coin);
        }
      }
    }
    for (Outpoint outpoint : outpoints(createdByScript, scriptHash)) {
      Coin coin = created.get(outpoint);
      if (coin != null) {
        coins.put(outpoint, coin);
      }
    }
    return coins;
  }

  private static Set<Outpoint> outpoints(Map<Hash, Outpoints> byScript, Hash scriptHash) {
    Outpoints outpoints = byScript.get(scriptHash);
    return outpoints == null ? Set.of() : outpoints.all();
  }

  /** True for a coin that is spent but may still be in the store. */
  public boolean isSpentUnflushed(Outpoint outpoint) {
    Flush underWay = flush;
    return spent.contains(outpoint) || (underWay != null && underWay.spent.contains(outpoint));
  }

  /** Number of coins in memory. */
  public int entries() {
    Flush underWay = flush;
    return created.size()
        + clean.size()
        + (underWay == null ? 0 : underWay.changes.created().size());
  }

  /** Number of changes that the store has not got, or may not have. */
  public int unflushedChanges() {
    Flush underWay = flush;
    return created.size()
        + spent.size()
        + (underWay == null ? 0 : underWay.changes.created().size() + underWay.spent.size());
  }

  /** How often a coin was found in memory. */
  public long hits() {
    return hits;
  }

  /** How often a coin was not in memory. */
  public long misses() {
    return misses;
  }
}
