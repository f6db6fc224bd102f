package network.tender.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** The chain's head, its money, and how far its projections are behind. Safe for any thread. */
public final class ChainMetrics {
  private final AtomicLong height = new AtomicLong();
  private final AtomicLong headMillis = new AtomicLong();
  private final AtomicLong headerLeadMillis = new AtomicLong();
  private final AtomicLong coins = new AtomicLong();
  private final AtomicLong supplyDifference = new AtomicLong();
  private final AtomicLong coinDifference = new AtomicLong();
  private final AtomicLong auditedHeight = new AtomicLong(-1);
  private final AtomicLong failedAttempts = new AtomicLong();
  private final AtomicLong cacheEntries = new AtomicLong();
  private final AtomicLong cacheDirty = new AtomicLong();
  private final AtomicLong cacheHits = new AtomicLong();
  private final AtomicLong cacheMisses = new AtomicLong();
  private final AtomicLong flushedHeight = new AtomicLong();
  private final AtomicLong indexedHeight = new AtomicLong();
  private final AtomicLong coinRuns = new AtomicLong();
  private final AtomicLong coinRunBytes = new AtomicLong();
  private final AtomicLong coinMergeFailures = new AtomicLong();
  private final AtomicLong coinUnreadPages = new AtomicLong();
  private final AtomicLong indexRuns = new AtomicLong();
  private final AtomicLong indexFenceBytes = new AtomicLong();
  private final AtomicLong indexMergeFailures = new AtomicLong();
  private final AtomicLong indexUnreadPages = new AtomicLong();
  private volatile BooleanSupplier leaseHeld = () -> false;
  private final AtomicBoolean journalAvailable = new AtomicBoolean();

  /** Registers every series, so that each exists from the start. */
  public ChainMetrics(MeterRegistry registry) {
    gauge(registry, "tender.chain.height", "Height of the newest durable block.", null, height);
    Gauge.builder("tender.chain.head.timestamp", headMillis, millis -> millis.get() / 1e3)
        .description("When the newest durable block was sealed, Unix time.")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("tender.chain.header.lead", headerLeadMillis, millis -> millis.get() / 1e3)
        .description("How far the newest header's time is ahead of the clock.")
        .baseUnit("seconds")
        .register(registry);
    gauge(registry, "tender.utxo.coins", "Unspent coins.", null, coins);
    gauge(
        registry,
        "tender.supply.difference",
        "Issued minus burned minus the sum of all stored coins; anything but 0 is an alarm.",
        "satoshis",
        supplyDifference);
    gauge(
        registry,
        "tender.utxo.difference.coins",
        "Coins that the journal has more than the store; anything but 0 is an alarm.",
        null,
        coinDifference);
    gauge(
        registry,
        "tender.supply.audit.height",
        "Height at which the stored coins were last counted; -1 before the first time.",
        null,
        auditedHeight);
    gauge(
        registry,
        "tender.journal.failed.attempts",
        "Failed attempts at the write under way; 0 when it succeeds at once.",
        null,
        failedAttempts);
    gauge(registry, "tender.coin.cache.entries", "Coins in memory.", null, cacheEntries);
    gauge(
        registry,
        "tender.coin.cache.dirty.entries",
        "Changes that the coin store does not have yet.",
        null,
        cacheDirty);
    counter(registry, "tender.coin.cache.hits", "Coins found in memory.", cacheHits);
    counter(registry, "tender.coin.cache.misses", "Coins asked of the store.", cacheMisses);
    Gauge.builder("tender.coin.store.lag.blocks", this, chain -> chain.lag(chain.flushedHeight))
        .description("Blocks that the coin store is behind the journal.")
        .register(registry);
    Gauge.builder("tender.index.lag.blocks", this, chain -> chain.lag(chain.indexedHeight))
        .description("Blocks that the chain index on disk is behind the journal.")
        .register(registry);
    gauge(
        registry,
        "tender.coin.runs",
        "Sorted runs of the coin store on disk; merging keeps them few.",
        null,
        coinRuns);
    gauge(
        registry,
        "tender.coin.runs.memory",
        "Memory that knows which page of which run a coin is on.",
        "bytes",
        coinRunBytes);
    counter(
        registry,
        "tender.coin.merge.failures",
        "Merges of the coin store that failed; each is tried again.",
        coinMergeFailures);
    gauge(
        registry,
        "tender.coin.unread.pages",
        "Pages of the coin store that nobody reads and that are not removed yet: of runs that a"
            + " merge has replaced, or of merges that did not end.",
        null,
        coinUnreadPages);
    gauge(
        registry,
        "tender.index.runs",
        "Sorted runs of the chain index on disk; merging keeps them few.",
        null,
        indexRuns);
    gauge(
        registry,
        "tender.index.fences",
        "Memory that the first entries of the chain index's pages take.",
        "bytes",
        indexFenceBytes);
    counter(
        registry,
        "tender.index.merge.failures",
        "Merges of the chain index that failed; each is tried again.",
        indexMergeFailures);
    gauge(
        registry,
        "tender.index.unread.pages",
        "Pages of the chain index that nobody reads and that are not removed yet: of runs that"
            + " a merge has replaced, or of merges that did not end.",
        null,
        indexUnreadPages);
    Gauge.builder("tender.lease.held", this, chain -> chain.leaseHeld.getAsBoolean() ? 1 : 0)
        .description("1 while this node is the chain's writer.")
        .register(registry);
    flag(
        registry,
        "tender.journal.available",
        "1 while the database takes writes.",
        journalAvailable);
  }

  private static void gauge(
      MeterRegistry registry,
      String name,
      String description,
      @org.jspecify.annotations.Nullable String unit,
      AtomicLong value) {
    Gauge.builder(name, value, AtomicLong::get)
        .description(description)
        .baseUnit(unit)
        .register(registry);
  }

  private static void flag(
      MeterRegistry registry, String name, String description, AtomicBoolean value) {
    Gauge.builder(name, value, v -> v.get() ? 1 : 0).description(description).register(registry);
  }

  private static void counter(
      MeterRegistry registry, String name, String description, AtomicLong value) {
    FunctionCounter.builder(name, value, AtomicLong::get)
        .description(description)
        .register(registry);
  }

  private double lag(AtomicLong behind) {
    return Math.max(0, height.get() - behind.get());
  }

  /** The newest durable block. */
  public void head(int newHeight, long timeMillis, long coinCount) {
    height.set(newHeight);
    headMillis.set(timeMillis);
    coins.set(coinCount);
  }

  /** How far the newest header's time is ahead of the clock, in milliseconds. */
  public void headerLead(long millis) {
    headerLeadMillis.set(millis);
  }

  /** The stored coins have been counted at a height, and so much is missing of what should be. */
  public void audited(int atHeight, long missingSat, long missingCoins) {
    supplyDifference.set(missingSat);
    coinDifference.set(missingCoins);
    auditedHeight.set(atHeight);
  }

  /** The cache of coins: how many it holds, and how many changes the store lacks. */
  public void cache(int entries, int dirty) {
    cacheEntries.set(entries);
    cacheDirty.set(dirty);
  }

  /** So many coins were looked for in memory, and so many of them had to be asked of the store. */
  public void lookups(int hits, int misses) {
    cacheHits.addAndGet(hits);
    cacheMisses.addAndGet(misses);
  }

  /** The coin store stands at this height. */
  public void flushed(int newHeight) {
    flushedHeight.set(newHeight);
  }

  /** The index on disk stands at this height. */
  public void indexed(int newHeight) {
    indexedHeight.set(newHeight);
  }

  /** What the coin store consists of, and how many merges of it have failed so far. */
  public void coinStore(int runs, long bytes, long mergeFailures, long unreadPages) {
    coinRuns.set(runs);
    coinRunBytes.set(bytes);
    coinMergeFailures.set(mergeFailures);
    coinUnreadPages.set(unreadPages);
  }

  /** What the index on disk consists of, and how many merges of it have failed so far. */
  public void index(int runs, long fenceBytes, long mergeFailures, long unreadPages) {
    indexRuns.set(runs);
    indexFenceBytes.set(fenceBytes);
    indexMergeFailures.set(mergeFailures);
    indexUnreadPages.set(unreadPages);
  }

  /** Where to ask whether this node is the chain's writer. */
  public void lease(BooleanSupplier held) {
    leaseHeld = held;
  }

  /** Whether the database takes writes, and how often the write under way has failed. */
  public void journal(boolean available, int failures) {
    journalAvailable.set(available);
    failedAttempts.set(failures);
  }
}
