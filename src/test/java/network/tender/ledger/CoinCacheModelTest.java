package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The coin cache against a plain map, with a store that is slow: loads and flushes take effect at
 * one moment and are answered at another, and a flush may fail with or without having been written.
 */
class CoinCacheModelTest {
  private static final Script[] SCRIPTS = {Chains.ALICE, Chains.BOB};

  /** A load under way: begun, then read, then answered. */
  private static final class Load {
    final CoinLoad load;
    @Nullable Map<Outpoint, Coin> found;

    Load(CoinLoad load) {
      this.load = load;
    }
  }

  private static final class World {
    final CoinCache cache = new CoinCache(3, 0, 7);
    final Map<Outpoint, Coin> truth = new LinkedHashMap<>();
    final Map<Outpoint, Coin> store = new HashMap<>();
    final Set<Outpoint> everSeen = new LinkedHashSet<>();
    final List<Load> loads = new ArrayList<>();
    @Nullable CoinChanges flush;
    boolean written;
    int storeCursor;
    int height;
    int accepted;
    int stale;

    void step(int choice, int argument) {
      switch (choice) {
        case 0, 1, 2 -> block(argument);
        case 3 -> beginLoad(argument);
        case 4, 5 -> read(argument);
        case 6 -> answer(argument);
        case 7 -> takeChanges();
        case 8 -> write();
        default -> endFlush(argument);
      }
      check();
    }

    /** A block that makes one to three coins and spends up to two, perhaps of its own. */
    void block(int argument) {
      height++;
      List<Transaction> transactions = new ArrayList<>();
      List<List<Coin>> coins = new ArrayList<>();
      coins.add(List.of());
      transactions.add(make(new Outpoint(new Hash(height, 0, 0, 1), 0), 1 + argument % 3));
      apply(transactions.get(0), false);
      for (int i = 0; i < argument / 3 % 3 && !truth.isEmpty(); i++) {
        Outpoint spent = pick(truth.keySet(), argument / 9 + i * 7);
        Transaction spender = make(spent, 1 + argument / 5 % 2);
        transactions.add(spender);
        coins.add(List.of(truth.get(spent)));
        apply(spender, true);
      }
      cache.apply(height, transactions, coins);
    }

    private Transaction make(Outpoint spent, int outputs) {
      Chains.Draft draft = Chains.spend(spent);
      for (int i = 0; i < outputs; i++) {
        draft.pay(1_000 + i, SCRIPTS[(height + i) % 2]);
      }
      return draft.build();
    }

    private void apply(Transaction transaction, boolean spends) {
      if (spends) {
        truth.remove(transaction.prevout(0));
      }
      for (int i = 0; i < transaction.outputCount(); i++) {
        Coin coin = new Coin(transaction.amount(i), transaction.script(i), height, !spends);
        truth.put(transaction.outpoint(i), coin);
        everSeen.add(transaction.outpoint(i));
      }
    }

    /** Asks for coins that are not in memory, as the ledger does. */
    void beginLoad(int argument) {
      Set<Outpoint> wanted = new HashSet<>();
      for (int i = 0; i < 6 && !everSeen.isEmpty(); i++) {
        Outpoint outpoint = pick(everSeen, argument / 3 + i * 11);
        if (cache.coin(outpoint).isEmpty() && !cache.isSpentUnflushed(outpoint)) {
          wanted.add(outpoint);
        }
      }
      if (!wanted.isEmpty()) {
        loads.add(new Load(cache.beginLoad(wanted)));
      }
    }

    void read(int argument) {
      if (!loads.isEmpty()) {
        Load load = loads.get(argument % loads.size());
        if (load.found == null) {
          load.found = new HashMap<>(store);
          load.found.keySet().retainAll(load.load.outpoints());
        }
      }
    }

    void answer(int argument) {
      if (loads.isEmpty() || loads.get(argument % loads.size()).found == null) {
        return;
      }
      Load load = loads.remove(argument % loads.size());
      if (!cache.loaded(load.load.epoch(), load.found)) {
        stale++;
        return;
      }
      accepted++;
      for (Outpoint outpoint : load.load.outpoints()) {
        Coin coin = cache.coin(outpoint).orElse(null);
        if (coin == null && !cache.isSpentUnflushed(outpoint)) {
          coin = load.found.get(outpoint);
        }
        assertThat(coin)
            .as("what a fresh load says of %s", outpoint)
            .isEqualTo(truth.get(outpoint));
      }
    }

    void takeChanges() {
      if (flush == null) {
        flush = cache.takeChanges().orElse(null);
        written = false;
      }
    }

    /** The moment at which a flush takes effect. */
    void write() {
      if (flush != null && !written) {
        assertThat(flush.height()).isGreaterThan(storeCursor - 1);
        store.putAll(flush.created());
        for (int i = 0; i < flush.spentCount(); i++) {
          Coin gone = store.remove(flush.spentOutpoint(i));
          // It may be told of a coin that it never got, but not of another one.
          assertThat(gone).isIn(null, flush.spentCoin(i));
        }
        storeCursor = flush.height();
        written = true;
      }
    }

    void endFlush(int argument) {
      if (flush == null) {
        return;
      }
      if (written && argument % 3 > 0) {
        cache.flushed(flush);
      } else {
        cache.flushFailed(flush);
      }
      flush = null;
    }

    void check() {
      for (Outpoint outpoint : everSeen) {
        cache.coin(outpoint).ifPresent(coin -> assertThat(coin).isEqualTo(truth.get(outpoint)));
        if (cache.isSpentUnflushed(outpoint)) {
          assertThat(truth).doesNotContainKey(outpoint);
        }
      }
      for (Script script : SCRIPTS) {
        assertThat(ofScript(script)).isEqualTo(truthOfScript(script));
      }
    }

    /** The merge that a reader of the store has to do. */
    private Map<Outpoint, Coin> ofScript(Script script) {
      Map<Outpoint, Coin> merged = new HashMap<>();
      store.forEach(
          (outpoint, coin) -> {
            if (coin.script().equals(script) && !cache.isSpentUnflushed(outpoint)) {
              merged.put(outpoint, coin);
            }
          });
      merged.putAll(cache.unflushedOfScript(script.hash()));
      return merged;
    }

    private Map<Outpoint, Coin> truthOfScript(Script script) {
      Map<Outpoint, Coin> coins = new HashMap<>(truth);
      coins.values().removeIf(coin -> !coin.script().equals(script));
      return coins;
    }

    void drain() {
      write();
      if (flush != null) {
        cache.flushed(flush);
        flush = null;
      }
      takeChanges();
      write();
      if (flush != null) {
        cache.flushed(flush);
      }
      assertThat(store).isEqualTo(truth);
      assertThat(cache.unflushedChanges()).isZero();
      assertThat(cache.entries()).isLessThanOrEqualTo(3);
      assertThat(cache.storedHeight()).isEqualTo(height);
    }

    private Outpoint pick(Set<Outpoint> from, int argument) {
      return new ArrayList<>(from).get(Math.floorMod(argument, from.size()));
    }
  }

  @Property(tries = 1_500)
  void staleLoadsAndLateFlushesNeverBringBackASpentCoinOrHideAnUnspentOne(
      @ForAll @Size(min = 20, max = 120) List<@IntRange(max = 99_999) Integer> steps) {
    World world = new World();
    for (int step : steps) {
      world.step(step % 10, step / 10);
    }
    world.drain();
  }

  @Test
  void theRacesDoHappen() {
    Random random = new Random(42);
    int accepted = 0;
    int stale = 0;
    for (int i = 0; i < 200; i++) {
      World world = new World();
      for (int j = 0; j < 100; j++) {
        world.step(random.nextInt(10), random.nextInt(10_000));
      }
      world.drain();
      accepted += world.accepted;
      stale += world.stale;
    }
    assertThat(accepted).isGreaterThan(100);
    assertThat(stale).isGreaterThan(30);
  }

  @Test
  void aCoinMadeAndSpentBetweenFlushesNeverReachesTheStore() {
    World world = new World();
    world.block(0);
    Outpoint made = world.truth.keySet().iterator().next();
    world.block(3);
    CoinChanges changes = world.cache.takeChanges().orElseThrow();
    assertThat(world.truth).doesNotContainKey(made);
    assertThat(changes.created()).doesNotContainKey(made);
    assertThat(changes.spent()).isEmpty();
  }

  @Test
  void aCoinSpentWhileItsFlushIsUnderWayIsDeletedByTheNext() {
    World world = new World();
    world.block(0);
    Outpoint made = world.truth.keySet().iterator().next();
    CoinChanges first = world.cache.takeChanges().orElseThrow();
    world.block(3);
    assertThat(world.cache.takeChanges()).isEmpty();
    world.cache.flushed(first);
    assertThat(first.created()).containsKey(made);
    assertThat(world.cache.takeChanges().orElseThrow().spent()).containsExactly(made);
  }

  @Test
  void aFlushThatMayHaveFailedIsPartOfTheNext() {
    World world = new World();
    world.block(0);
    Outpoint made = world.truth.keySet().iterator().next();
    CoinChanges first = world.cache.takeChanges().orElseThrow();
    world.cache.flushFailed(first);
    world.block(3);
    CoinChanges second = world.cache.takeChanges().orElseThrow();
    assertThat(second.created()).doesNotContainKey(made);
    assertThat(second.spent()).containsExactly(made);
  }

  @Test
  void onlyTheFlushUnderWayCanEnd() {
    World world = new World();
    world.block(0);
    CoinChanges changes = world.cache.takeChanges().orElseThrow();
    world.cache.flushed(changes);
    assertThatThrownBy(() -> world.cache.flushed(changes))
        .isInstanceOf(IllegalStateException.class);
  }
}
