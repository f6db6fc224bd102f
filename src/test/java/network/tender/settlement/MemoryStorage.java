package network.tender.settlement;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.journal.ChainIndex;
import network.tender.journal.CoinStore;
import network.tender.journal.Journal;
import network.tender.journal.ScriptTotals;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Certificate;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;
import network.tender.ledger.SealedBlock;

/**
 * Storage whose commits a test can hold back, refuse or drop at a chosen point, which no real
 * database lets it do. What PostgreSQL does is tested with PostgreSQL.
 */
final class MemoryStorage implements Journal, ChainIndex {
  private final List<StoredBlock> blocks = new ArrayList<>();
  private final Map<Outpoint, Coin> coins = new HashMap<>();
  private final Map<Hash, Place> places = new HashMap<>();
  private final Map<Outpoint, Place> spenders = new HashMap<>();
  private int coinCursor;
  private boolean holding;
  private boolean closed;
  private boolean flushesFail;
  private boolean loadsFail;
  private boolean holdingReadings;
  private volatile boolean available = true;
  private Consumer<SealedBlock> beforeIndexing = block -> {};
  private Optional<String> leaseLost = Optional.empty();
  private final List<Runnable> held = new ArrayList<>();
  private final List<Runnable> heldReadings = new ArrayList<>();
  private final List<Runnable> heldLoads = new ArrayList<>();
  private boolean holdingLoad;

  MemoryStorage() {
    blocks.add(
        new StoredBlock(
            0,
            Network.genesis().header().hash(),
            Network.genesis(),
            Network.genesis().header().unixSeconds() * 1_000,
            new Certificate(List.of()),
            List.of(List.of()),
            ChainTotals.NONE));
  }

  Storage storage() {
    return new Storage(this, new Coins(), this);
  }

  /** From now on appends do not end. */
  synchronized void hold() {
    holding = true;
  }

  /** Ends held appends and lets later ones pass. */
  synchronized void release() {
    holding = false;
    List<Runnable> ended = List.copyOf(held);
    held.clear();
    ended.forEach(Runnable::run);
  }

  synchronized int heldAppends() {
    return held.size();
  }

  void available(boolean now) {
    available = now;
  }

  synchronized void loseLease(String explanation) {
    leaseLost = Optional.of(explanation);
  }

  /** Like a journal that is closed while the database is away: appends end without an outcome. */
  synchronized void close() {
    closed = true;
    release();
  }

  synchronized void failFlushes(boolean fail) {
    flushesFail = fail;
  }

  synchronized void failLoads(boolean fail) {
    loadsFail = fail;
  }

  /** From now on questions to the index, and for a script's coins, are not answered. */
  synchronized void holdReadings() {
    holdingReadings = true;
  }

  /** Ends held readings and lets later ones pass. */
  synchronized void releaseReadings() {
    holdingReadings = false;
    List<Runnable> ended = List.copyOf(heldReadings);
    heldReadings.clear();
    ended.forEach(Runnable::run);
  }

  /** The next load reads, but is not answered. */
  synchronized void holdNextLoad() {
    holdingLoad = true;
  }

  synchronized int heldLoads() {
    return heldLoads.size();
  }

  synchronized void releaseLoads() {
    heldLoads.forEach(Runnable::run);
    heldLoads.clear();
  }

  private <T> Future<T> reading(T answer) {
    Promise<T> promise = Promise.promise();
    if (holdingReadings) {
      heldReadings.add(() -> promise.complete(answer));
    } else {
      promise.complete(answer);
    }
    return promise.future();
  }

  synchronized int storedCoins() {
    return coins.size();
  }

  @Override
  public synchronized Future<Appended> append(SealedBlock block) {
    Promise<Appended> promise = Promise.promise();
    Runnable end = () -> write(block, promise);
    if (holding) {
      held.add(end);
    } else {
      end.run();
    }
    return promise.future();
  }

  @Override
  public synchronized Future<Appended> appendAll(List<SealedBlock> more) {
    Future<Appended> last = Future.succeededFuture(new Appended.Durable());
    for (SealedBlock block : more) {
      last = append(block);
    }
    return last;
  }

  private synchronized void write(SealedBlock block, Promise<Appended> promise) {
    if (closed) {
      promise.complete(new Appended.Closed());
      return;
    }
    if (leaseLost.isPresent()) {
      promise.complete(new Appended.LeaseLost(leaseLost.get()));
      return;
    }
    if (block.height() != blocks.size()) {
      promise.fail(new IllegalStateException("block " + block.height() + " does not follow"));
      return;
    }
    blocks.add(
        new StoredBlock(
            block.height(),
            block.hash(),
            block.block(),
            block.timeMillis(),
            block.certificate(),
            block.spent(),
            block.totals()));
    promise.complete(new Appended.Durable());
  }

  @Override
  public boolean isAvailable() {
    return available;
  }

  @Override
  public synchronized Future<Optional<StoredBlock>> byHeight(int height) {
    return Future.succeededFuture(
        height < blocks.size() ? Optional.of(blocks.get(height)) : Optional.empty());
  }

  @Override
  public synchronized Future<Optional<StoredBlock>> byHash(Hash hash) {
    return Future.succeededFuture(blocks.stream().filter(b -> b.hash().equals(hash)).findFirst());
  }

  @Override
  public Future<List<Long>> headerTimes(int fromHeight, int count) {
    return read(fromHeight, count)
        .map(found -> found.stream().map(stored -> stored.block().header().unixSeconds()).toList());
  }

  @Override
  public synchronized Future<List<StoredBlock>> read(int fromHeight, int maxBlocks) {
    int from = Math.min(fromHeight, blocks.size());
    return Future.succeededFuture(
        List.copyOf(blocks.subList(from, Math.min(blocks.size(), from + maxBlocks))));
  }

  @Override
  public synchronized Future<StoredBlock> tip() {
    return Future.succeededFuture(blocks.get(blocks.size() - 1));
  }

  private final class Coins implements CoinStore {
    @Override
    public Future<Integer> cursor() {
      synchronized (MemoryStorage.this) {
        return Future.succeededFuture(coinCursor);
      }
    }

    @Override
    public Future<Audit> audit() {
      synchronized (MemoryStorage.this) {
        return Future.succeededFuture(
            new Audit(
                coinCursor,
                coins.size(),
                coins.values().stream().mapToLong(coin -> coin.amount().sat()).sum(),
                blocks.get(coinCursor).totals()));
      }
    }

    @Override
    public Future<Map<Outpoint, Coin>> load(Collection<Outpoint> outpoints) {
      synchronized (MemoryStorage.this) {
        if (loadsFail) {
          return Future.failedFuture("no database");
        }
        Map<Outpoint, Coin> found = new HashMap<>();
        outpoints.forEach(
            outpoint -> {
              Coin coin = coins.get(outpoint);
              if (coin != null) {
                found.put(outpoint, coin);
              }
            });
        if (holdingLoad) {
          holdingLoad = false;
          Promise<Map<Outpoint, Coin>> promise = Promise.promise();
          heldLoads.add(() -> promise.complete(found));
          return promise.future();
        }
        return Future.succeededFuture(found);
      }
    }

    @Override
    public Future<Void> flush(CoinChanges changes) {
      synchronized (MemoryStorage.this) {
        if (flushesFail) {
          return Future.failedFuture("no database");
        }
        changes.spent().forEach(coins::remove);
        coins.putAll(changes.created());
        coinCursor = changes.height();
        return Future.succeededFuture();
      }
    }

    @Override
    public Future<Map<Outpoint, Coin>> ofScript(Hash scriptHash, int limit) {
      synchronized (MemoryStorage.this) {
        Map<Outpoint, Coin> found = new HashMap<>();
        coins.forEach(
            (outpoint, coin) -> {
              if (coin.script().hash().equals(scriptHash) && found.size() < limit) {
                found.put(outpoint, coin);
              }
            });
        return reading(found);
      }
    }
  }

  // ---- Index.

  /** Called with each block just before the index knows it. */
  synchronized void beforeIndexing(Consumer<SealedBlock> observer) {
    beforeIndexing = observer;
  }

  @Override
  public synchronized void onBlock(SealedBlock block) {
    beforeIndexing.accept(block);
    List<Transaction> transactions = block.block().transactions();
    for (int i = 0; i < transactions.size(); i++) {
      Place place = new Place(block.height(), i);
      places.put(transactions.get(i).txid(), place);
      for (int j = 0; j < transactions.get(i).inputCount(); j++) {
        spenders.put(transactions.get(i).prevout(j), place);
      }
    }
  }

  @Override
  public synchronized Future<Optional<Place>> find(Hash txid) {
    return reading(Optional.ofNullable(places.get(txid)));
  }

  @Override
  public synchronized Future<Optional<Spending>> spending(List<Outpoint> outpoints) {
    return Future.succeededFuture(
        outpoints.stream()
            .filter(spenders::containsKey)
            .map(outpoint -> new Spending(outpoint, spenders.get(outpoint)))
            .findFirst());
  }

  @Override
  public Future<List<Place>> history(Hash scriptHash, Optional<Place> before, int limit) {
    throw new UnsupportedOperationException("not asked by the pipeline");
  }

  @Override
  public Future<ScriptTotals> totals(Hash scriptHash, int height) {
    throw new UnsupportedOperationException("not asked by the pipeline");
  }

  @Override
  public int cursor() {
    return 0;
  }
}
