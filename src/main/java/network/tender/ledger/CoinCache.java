package network.tender.ledger;

import java.util.Collection;
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
 * number of stored coins. For the writer only.
 *
 * <p>Where there is no room for all, any of the stored ones go, by chance. If the one went that was
 * not used for the longest, then a sender who spends his oldest coins first, as many wallets do,
 * would never find one in memory once there are more than fit.
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
  /** Stored and unspent. */
  private static final int CLEAN = 0;

  /** Made since the last flush began. */
  private static final int MADE = 1;

  /** Spent since the last flush began, and perhaps in the store. */
  private static final int SPENT = 2;

  /** Made before the flush under way began, and part of it. */
  private static final int WRITING = 3;

  /** The same, and spent since: the next flush deletes it. */
  private static final int WRITING_SPENT = 4;

  /** Deleted by the flush under way. */
  private static final int DELETING = 5;

  /** Like {@link #CLEAN}, and loaded a moment ago: what wants to spend it may still be checked. */
  private static final int LOADED = 6;

  private static final int LISTS = 7;

  /** Of the stored coins that are kept, this part may be such as were just loaded. */
  private static final int LOADED_SHARE = 16;

  /** Or so many, which is more than a transfer can spend. */
  private static final int LEAST_LOADED = 1_000;

  /**
   * Coins that go together. Those that came together lie together, which is many times faster to go
   * through than what is strewn over all of the memory, and their slots are filled together again.
   */
  private static final int VICTIMS = 1_024;

  /** Bytes of scripts that are too long for a slot, for each stored coin that may be kept. */
  private static final int LONG_SCRIPT_BYTES = 40;

  private final CoinSlots slots;
  private final int maxCleanCoins;
  private final int maxLoaded;

  /** Those of {@link #MADE} that a failed flush may have written all the same. */
  private Set<Outpoint> doubtful = new HashSet<>();

  private @Nullable CoinChanges flush;
  private long epoch;
  private int height;
  private int storedHeight;
  private long hits;
  private long misses;

  /** The next stored coin to go, and how many more from there on. */
  private int victim = CoinSlots.NONE;

  private int victims;

  /**
   * An empty cache.
   *
   * @param maxCleanCoins most stored coins to keep
   * @param height height of the store's cursor
   * @param salt see {@link Policy#salt}
   */
  CoinCache(int maxCleanCoins, int height, long salt) {
    this.slots = new CoinSlots(LISTS, maxCleanCoins, salt);
    this.maxCleanCoins = maxCleanCoins;
    this.maxLoaded = Math.min(maxCleanCoins, Math.max(LEAST_LOADED, maxCleanCoins / LOADED_SHARE));
    this.height = height;
    this.storedHeight = height;
  }

  /** A coin, if it is in memory and unspent. */
  public Optional<Coin> coin(Outpoint outpoint) {
    return Optional.ofNullable(peek(outpoint));
  }

  @Nullable Coin find(Outpoint outpoint) {
    Coin coin = peek(outpoint);
    if (coin != null) {
      hits++;
    }
    return coin;
  }

  /** Counts a coin that was not in memory, so that the store was asked for it. */
  void missed() {
    misses++;
  }

  /** Like {@link #find}, without counting. */
  @Nullable Coin peek(Outpoint outpoint) {
    int slot = slots.find(outpoint);
    if (slot == CoinSlots.NONE) {
      return null;
    }
    int list = slots.list(slot);
    boolean unspent = list == CLEAN || list == LOADED || list == MADE || list == WRITING;
    return unspent ? slots.coin(slot) : null;
  }

  /**
   * Takes in what a durable block made and spent.
   *
   * @param spent for each transaction the coins that its inputs spend, as {@link SealedBlock#spent}
   */
  void apply(int blockHeight, List<Transaction> transactions, List<List<Coin>> spent) {
    for (int i = 0; i < transactions.size(); i++) {
      Transaction transaction = transactions.get(i);
      for (int j = 0; i > 0 && j < transaction.inputCount(); j++) {
        spend(transaction.prevout(j), spent.get(i).get(j));
      }
      for (int j = 0; j < transaction.outputCount(); j++) {
        Script script = transaction.script(j);
        if (!script.isUnspendable()) {
          make(transaction.outpoint(j), transaction.amount(j), script, blockHeight, i == 0);
        }
      }
    }
    height = blockHeight;
  }

  private void make(
      Outpoint outpoint, Amount amount, Script script, int blockHeight, boolean coinbase) {
    if (slots.find(outpoint) != CoinSlots.NONE) {
      throw new IllegalStateException("the coin " + outpoint + " is made twice");
    }
    int slot = slots.add(outpoint, MADE);
    slots.put(slot, amount, script, blockHeight, coinbase);
    slots.nameByScript(slot);
  }

  private void spend(Outpoint outpoint, Coin coin) {
    int slot = slots.find(outpoint);
    if (slot == CoinSlots.NONE) {
      // The store asks what it was: its sums and its list of the script's coins lose it too.
      int unknown = slots.add(outpoint, SPENT);
      slots.put(unknown, coin.amount(), coin.script(), coin.height(), coin.coinbase());
      return;
    }
    switch (slots.list(slot)) {
      case CLEAN, LOADED -> slots.move(slot, SPENT);
      case MADE -> {
        slots.unnameByScript(slot);
        if (doubtful.remove(outpoint)) {
          slots.move(slot, SPENT);
        } else {
          slots.remove(slot);
        }
      }
      case WRITING -> {
        slots.unnameByScript(slot);
        slots.move(slot, WRITING_SPENT);
      }
      default -> {
        // It is known as spent.
      }
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
   * <p>This and {@link #flushed} take in the order of 0.1 µs a coin on the writer.
   */
  public Optional<CoinChanges> takeChanges() {
    if (flush != null || height == storedHeight) {
      return Optional.empty();
    }
    CoinChanges changes = new CoinChanges(height, slots.copyCoins(MADE), slots.copyCoins(SPENT));
    moveAll(MADE, WRITING);
    moveAll(SPENT, DELETING);
    doubtful = new HashSet<>();
    flush = changes;
    return Optional.of(changes);
  }

  private void moveAll(int from, int to) {
    for (int slot = slots.first(from); slot != CoinSlots.NONE; slot = slots.first(from)) {
      slots.move(slot, to);
    }
  }

  /**
   * The flush under way is durable.
   *
   * @throws IllegalStateException if it is not the one under way
   */
  public void flushed(CoinChanges changes) {
    endFlush(changes);
    for (int slot = slots.first(WRITING); slot != CoinSlots.NONE; slot = slots.first(WRITING)) {
      slots.unnameByScript(slot);
      slots.move(slot, CLEAN);
    }
    moveAll(WRITING_SPENT, SPENT);
    for (int slot = slots.first(DELETING); slot != CoinSlots.NONE; slot = slots.first(DELETING)) {
      slots.remove(slot);
    }
    evict();
    storedHeight = changes.height();
    epoch++;
  }

  private void evict() {
    while (slots.size(CLEAN) + slots.size(LOADED) > maxCleanCoins) {
      int slot = nextVictim();
      slots.remove(slot == CoinSlots.NONE ? slots.first(LOADED) : slot);
    }
    // What is loaded stays: too long may also be the scripts of coins that no store has yet.
    long mostBytes = (long) maxCleanCoins * LONG_SCRIPT_BYTES;
    while (slots.longScriptBytes() > mostBytes && slots.size(CLEAN) > 0) {
      slots.remove(nextVictim());
    }
  }

  private int nextVictim() {
    int slot = victim;
    if (victims == 0 || slot == CoinSlots.NONE || slots.list(slot) != CLEAN) {
      slot = slots.any(CLEAN);
      victims = VICTIMS;
    }
    if (slot != CoinSlots.NONE) {
      victims--;
      victim = slots.after(slot);
    }
    return slot;
  }

  /**
   * The flush under way has failed, or nobody knows: its changes will be part of the next one,
   * which must therefore tolerate coins that exist already or are gone already.
   *
   * @throws IllegalStateException if it is not the one under way
   */
  public void flushFailed(CoinChanges changes) {
    endFlush(changes);
    for (int slot = slots.first(WRITING); slot != CoinSlots.NONE; slot = slots.first(WRITING)) {
      doubtful.add(slots.outpoint(slot));
      slots.move(slot, MADE);
    }
    // Those that were spent meanwhile are deleted, in case that they were written.
    moveAll(WRITING_SPENT, SPENT);
    moveAll(DELETING, SPENT);
  }

  @SuppressWarnings("ReferenceEquality") // it must be the very flush that is under way
  private void endFlush(CoinChanges changes) {
    if (flush != changes) {
      throw new IllegalStateException("not the flush under way");
    }
    flush = null;
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
    if (slots.find(outpoint) == CoinSlots.NONE) {
      int slot = slots.add(outpoint, LOADED);
      slots.put(slot, coin.amount(), coin.script(), coin.height(), coin.coinbase());
      if (slots.size(LOADED) > maxLoaded) {
        slots.move(slots.first(LOADED), CLEAN);
      }
      evict();
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
    for (int slot : slots.ofScript(scriptHash)) {
      coins.put(slots.outpoint(slot), slots.coin(slot));
    }
    return coins;
  }

  /** True for a coin that is spent but may still be in the store. */
  public boolean isSpentUnflushed(Outpoint outpoint) {
    int slot = slots.find(outpoint);
    if (slot == CoinSlots.NONE) {
      return false;
    }
    int list = slots.list(slot);
    return list == SPENT || list == WRITING_SPENT || list == DELETING;
  }

  /** Number of coins in memory. */
  public int entries() {
    return slots.size(CLEAN)
        + slots.size(LOADED)
        + slots.size(MADE)
        + slots.size(WRITING)
        + slots.size(WRITING_SPENT);
  }

  /** Number of changes that the store has not got, or may not have. */
  public int unflushedChanges() {
    return slots.size(MADE)
        + slots.size(SPENT)
        + slots.size(WRITING)
        + 2 * slots.size(WRITING_SPENT)
        + slots.size(DELETING);
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
