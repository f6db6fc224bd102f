package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import org.junit.jupiter.api.Test;

/** Which stored coins stay in memory when there are more than fit. */
class CoinCacheTest {
  private static final int ROOM = 40_000;

  private final CoinCache cache = new CoinCache(ROOM, 0, 7);

  private static Outpoint outpoint(int number) {
    return new Outpoint(new Hash(number, 0, 0, 1), 0);
  }

  private static Coin coin(int number) {
    return new Coin(Amount.ofSat(1 + number), Chains.ALICE, 1, false);
  }

  private long kept(int from, int to) {
    return IntStream.range(from, to)
        .filter(number -> cache.coin(outpoint(number)).isPresent())
        .count();
  }

  @Test
  void whoSpendsHisOldestCoinsFirstFindsHisShareOfThem() {
    int coins = 2 * ROOM;
    for (int i = 0; i < coins; i++) {
      cache.keep(outpoint(i), coin(i));
      assertThat(cache.entries()).isLessThanOrEqualTo(ROOM);
    }
    assertThat(cache.entries()).isEqualTo(ROOM);
    assertThat(kept(0, coins)).isEqualTo(ROOM);
    // Of the eldest quarter a third should be left, and of the latest one nearly all.
    assertThat(kept(0, coins / 4)).isBetween(2_000L, 12_000L);
    assertThat(kept(3 * coins / 4, coins)).isBetween(12_000L, 20_000L);
  }

  @Test
  void whatHasJustBeenLoadedStaysForAWhile() {
    for (int i = 0; i < 3 * ROOM; i++) {
      cache.keep(outpoint(i), coin(i));
      int before = Math.max(0, i - ROOM / 20);
      assertThat(cache.coin(outpoint(before))).contains(coin(before));
    }
  }

  @Test
  void aCoinThatIsSpentWhileItIsTheNextToGoIsNotLost() {
    for (int i = 0; i < 2 * ROOM; i++) {
      cache.keep(outpoint(i), coin(i));
      if (i % 3 == 0 && cache.coin(outpoint(i / 2)).isPresent()) {
        cache.apply(
            cache.height() + 1,
            List.of(
                Chains.spend(new Outpoint(Hash.ZERO, i)).build(),
                Chains.spend(outpoint(i / 2)).pay(1, Chains.BOB).build()),
            List.of(List.of(), List.of(coin(i / 2))));
        assertThat(cache.isSpentUnflushed(outpoint(i / 2))).isTrue();
      }
    }
    int spent = 0;
    for (int i = 0; i < 2 * ROOM; i++) {
      if (cache.isSpentUnflushed(outpoint(i))) {
        spent++;
      } else {
        int number = i;
        cache.coin(outpoint(i)).ifPresent(found -> assertThat(found).isEqualTo(coin(number)));
      }
    }
    assertThat(spent).isGreaterThan(1_000);
    assertThat(cache.takeChanges().orElseThrow().spentCount()).isEqualTo(spent);
  }

  @Test
  void aTransferThatSpendsManyCoinsFindsThemEvenInASmallMemory() {
    CoinCache small = new CoinCache(1_000, 0, 7);
    for (int i = 0; i < 5_000; i++) {
      small.keep(outpoint(i), coin(i));
    }
    for (int i = 5_000; i < 5_600; i++) {
      small.keep(outpoint(i), coin(i));
    }
    for (int i = 5_000; i < 5_600; i++) {
      assertThat(small.coin(outpoint(i))).contains(coin(i));
    }
    assertThat(small.entries()).isEqualTo(1_000);
  }

  @Test
  void whatIsLoadedStaysWhileCoinsThatNoStoreHasAreTooLarge() {
    CoinCache small = new CoinCache(10, 0, 7);
    Script large = Script.of(new byte[5_000]);
    small.apply(
        1,
        List.of(Chains.spend(new Outpoint(Hash.ZERO, 1)).pay(1, large).build()),
        List.of(List.of()));
    for (int i = 0; i < 100; i++) {
      small.keep(outpoint(i), coin(i));
      assertThat(small.coin(outpoint(i))).contains(coin(i));
    }
    assertThat(small.entries()).isEqualTo(11);
  }
}
