package network.tender.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The same answers as a plain set that forgets its oldest. */
class RecentHashesProperties {
  @Property(tries = 200, seed = "7261")
  void keepsTheNewest(
      @ForAll @IntRange(min = 1, max = 70) int capacity,
      @ForAll long salt,
      @ForAll @IntRange(min = 1, max = 120) int different,
      @ForAll long seed) {
    Random random = new Random(seed);
    RecentHashes hashes = new RecentHashes(capacity, salt);
    LinkedHashSet<Hash> model = new LinkedHashSet<>();
    Map<Integer, Hash> bySlot = new HashMap<>();
    for (int step = 0; step < 400; step++) {
      Hash hash = hash(random.nextInt(different));
      if (random.nextBoolean()) {
        int known = hashes.find(hash);
        int slot = hashes.add(hash);
        assertThat(slot).isBetween(0, capacity - 1);
        if (!model.add(hash)) {
          assertThat(slot).isEqualTo(known);
        } else if (model.size() > capacity) {
          model.remove(model.iterator().next());
        }
        bySlot.put(slot, hash);
      }
      assertThat(hashes.find(hash) != RecentHashes.NONE).isEqualTo(model.contains(hash));
      assertThat(hashes.size()).isEqualTo(model.size());
    }
    for (Hash kept : model) {
      assertThat(bySlot.get(hashes.find(kept))).isEqualTo(kept);
    }
  }

  @Example
  void hashesOfOneChainAreToldApart() {
    RecentHashes hashes = new RecentHashes(4, 9);
    Hash one = new Hash(1, 2, 3, 4);
    Hash other = new Hash(1, 2, 3, 5);
    int slot = hashes.add(one);
    assertThat(hashes.find(other)).isEqualTo(RecentHashes.NONE);
    assertThat(hashes.add(other)).isNotEqualTo(slot);
    assertThat(hashes.find(one)).isEqualTo(slot);
  }

  @Example
  void refusesSizesOutOfRange() {
    assertThatThrownBy(() -> new RecentHashes(0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RecentHashes((1 << 26) + 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Hash hash(int number) {
    return Hashing.sha256d(new byte[] {(byte) number});
  }
}
