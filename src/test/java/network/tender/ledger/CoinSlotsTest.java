package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import org.junit.jupiter.api.Test;

/** Coins in flat memory against plain collections, through growth, removal and reuse. */
class CoinSlotsTest {
  private static final long SEED = 20_261_126;
  private static final int LISTS = 3;
  private static final int STEPS = 80_000;

  private final Random random = new Random(SEED);
  private final CoinSlots slots = new CoinSlots(LISTS, 0, SEED);
  private final Map<Outpoint, Coin> truth = new HashMap<>();
  private final Map<Outpoint, Integer> slotOf = new HashMap<>();
  private final List<Outpoint> order = new ArrayList<>();
  private final Set<Outpoint> named = new HashSet<>();

  /** A few txids many times over, with numbers side by side: what lies close is told apart. */
  private Outpoint anyOutpoint() {
    return new Outpoint(
        new Hash(random.nextInt(300), 0, 0, random.nextInt(10)), random.nextInt(40));
  }

  /** Of every length about where scripts cease to fit, and a long one now and then. */
  private Script anyScript() {
    byte[] bytes = new byte[random.nextInt(50) == 0 ? 1_000 : random.nextInt(46)];
    random.nextBytes(bytes);
    return Script.of(bytes);
  }

  private void add(Outpoint outpoint) {
    Coin coin =
        new Coin(
            Amount.ofSat(random.nextInt(1_000_000)),
            anyScript(),
            random.nextInt(1_000_000),
            random.nextBoolean());
    int slot = slots.add(outpoint, random.nextInt(LISTS));
    slots.put(slot, coin.amount(), coin.script(), coin.height(), coin.coinbase());
    if (random.nextBoolean()) {
      slots.nameByScript(slot);
      named.add(outpoint);
    }
    truth.put(outpoint, coin);
    slotOf.put(outpoint, slot);
    order.add(outpoint);
  }

  private void remove(Outpoint outpoint) {
    int slot = slotOf.remove(outpoint);
    if (named.remove(outpoint)) {
      slots.unnameByScript(slot);
    }
    slots.remove(slot);
    truth.remove(outpoint);
  }

  @Test
  void whatIsPutIsFoundUntilItIsRemoved() {
    System.out.println("CoinSlotsTest: seed " + SEED);
    for (int step = 0; step < STEPS; step++) {
      Outpoint outpoint = anyOutpoint();
      // Fills up to some ten thousand, empties, and fills again.
      boolean filling = step / 20_000 % 2 == 0;
      if (!truth.containsKey(outpoint)) {
        assertThat(slots.find(outpoint)).isEqualTo(CoinSlots.NONE);
        if (filling || random.nextInt(4) == 0) {
          add(outpoint);
        }
      } else if (!filling || random.nextInt(4) == 0) {
        remove(outpoint);
      } else {
        int slot = slots.find(outpoint);
        assertThat(slot).isEqualTo(slotOf.get(outpoint));
        assertThat(slots.outpoint(slot)).isEqualTo(outpoint);
        assertThat(slots.coin(slot)).isEqualTo(truth.get(outpoint));
      }
    }
    assertThat(truth.size()).isGreaterThan(500);
    truth.forEach(
        (outpoint, coin) -> {
          assertThat(slots.coin(slots.find(outpoint))).isEqualTo(coin);
          List<Integer> ofScript = slots.ofScript(coin.script().hash());
          assertThat(ofScript.contains(slotOf.get(outpoint))).isEqualTo(named.contains(outpoint));
          ofScript.forEach(
              slot ->
                  assertThat(truth.get(slots.outpoint(slot)).script()).isEqualTo(coin.script()));
        });
    Map<Outpoint, Coin> listed = new HashMap<>();
    int sizes = 0;
    for (int list = 0; list < LISTS; list++) {
      Map<Outpoint, Coin> rows = slots.copyCoins(list).toMap();
      assertThat(rows).hasSize(slots.size(list));
      listed.putAll(rows);
      sizes += slots.size(list);
    }
    assertThat(listed).isEqualTo(truth);
    assertThat(sizes).isEqualTo(truth.size());
    assertThat(slots.longScriptBytes())
        .isEqualTo(
            truth.values().stream()
                .mapToLong(coin -> coin.script().length())
                .filter(length -> length > CoinWords.INLINE)
                .sum());
  }

  @Test
  void aListKeepsTheOrderInWhichItWasEntered() {
    Set<Outpoint> first = new HashSet<>();
    LinkedHashMap<Outpoint, Integer> entered = new LinkedHashMap<>();
    for (int i = 0; i < 3_000; i++) {
      Outpoint outpoint = new Outpoint(new Hash(0, i, 0, 0), 0);
      entered.put(outpoint, slots.add(outpoint, 0));
      first.add(outpoint);
    }
    for (int i = 0; i < 1_000; i++) {
      Outpoint outpoint = new Outpoint(new Hash(0, random.nextInt(3_000), 0, 0), 0);
      int slot = entered.remove(outpoint);
      entered.put(outpoint, slot);
      slots.move(slot, 0);
    }
    assertThat(outpoints(slots, 0)).isEqualTo(new ArrayList<>(entered.keySet()));
    slots.move(slots.first(0), 1);
    assertThat(outpoints(slots, 1)).containsExactly(entered.keySet().iterator().next());
    assertThat(slots.size(0) + slots.size(1)).isEqualTo(first.size());
  }

  @Test
  void anyOfAListIsOneOfItAndEachAtSomeTime() {
    assertThat(slots.any(0)).isEqualTo(CoinSlots.NONE);
    Set<Integer> members = new HashSet<>();
    for (int i = 0; i < 2_000; i++) {
      int slot = slots.add(new Outpoint(new Hash(0, i, 0, 0), 0), i % 4 == 0 ? 0 : 1);
      if (i % 4 == 0) {
        members.add(slot);
      }
    }
    // Those that are free have been in a list, too.
    for (int i = 0; i < 2_000; i += 8) {
      int slot = slots.find(new Outpoint(new Hash(0, i, 0, 0), 0));
      slots.remove(slot);
      members.remove(slot);
    }
    Set<Integer> picked = new HashSet<>();
    for (int i = 0; i < 5_000; i++) {
      picked.add(slots.any(0));
    }
    assertThat(picked).isEqualTo(members);
    assertThat(slots.any(2)).isEqualTo(CoinSlots.NONE);
    int one = slots.first(0);
    slots.move(one, 2);
    // Even if it takes more than a few looks to find it.
    for (int i = 0; i < 100; i++) {
      assertThat(slots.any(2)).isEqualTo(one);
    }
  }

  private static List<Outpoint> outpoints(CoinSlots slots, int list) {
    return List.copyOf(slots.copyCoins(list).toMap().keySet());
  }

  @Test
  void changesAreWhatTheyWereMadeOf() {
    Random random = new Random(41);
    Map<Outpoint, Coin> created = new HashMap<>();
    Map<Outpoint, Coin> spent = new HashMap<>();
    for (int i = 0; i < 500; i++) {
      // Many of one transaction, and scripts that are too long to lie with their coin.
      Hash txid = new Hash(random.nextLong(), random.nextInt(3), 0, 0);
      byte[] script = new byte[random.nextInt(90)];
      random.nextBytes(script);
      for (int index = 0; index < 3; index++) {
        created.put(
            new Outpoint(txid, random.nextInt()),
            new Coin(Amount.ofSat(random.nextInt(1_000)), Script.of(script), i, i % 2 == 0));
        spent.put(
            new Outpoint(txid, index),
            new Coin(Amount.ofSat(random.nextInt(1_000)), Script.of(script), i, i % 2 == 1));
      }
    }
    CoinChanges changes = new CoinChanges(7, created, spent);
    assertThat(changes.created()).isEqualTo(created);
    assertThat(changes.spent()).hasSameSizeAs(spent.keySet()).hasSameElementsAs(spent.keySet());
    assertThat(changes.height()).isEqualTo(7);
    Map<Outpoint, Coin> taken = new HashMap<>();
    for (int i = 0; i < changes.createdCount(); i++) {
      taken.put(changes.createdOutpoint(i), changes.createdCoin(i));
    }
    assertThat(taken).isEqualTo(created);
    taken.clear();
    for (int i = 0; i < changes.spentCount(); i++) {
      taken.put(changes.spentOutpoint(i), changes.spentCoin(i));
    }
    assertThat(taken).isEqualTo(spent);
  }
}
