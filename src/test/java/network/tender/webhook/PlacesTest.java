package network.tender.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who gets a place, who waits for one, and when. */
class PlacesTest {
  private static final PlaceLimits LIMITS = new PlaceLimits(20, 8, 12, 6, 4);

  private final Places places = new Places(LIMITS, 100);

  private static Places.Claim sure(String receiver, String store, String host) {
    return new Places.Claim(receiver, store, host, false);
  }

  private static Places.Claim doubtful(String receiver, String store, String host) {
    return new Places.Claim(receiver, store, host, true);
  }

  private int taken(Places.Claim claim) {
    int count = 0;
    while (places.take(claim)) {
      count++;
    }
    return count;
  }

  @Test
  void aStoreLeavesPlacesOfAHostToOthersAndAHostThoseOfAStore() {
    assertThat(taken(sure("a", "store", "host"))).isEqualTo(6);
    assertThat(taken(sure("b", "other", "host"))).isEqualTo(6);
    assertThat(taken(sure("c", "third", "host"))).as("the host's are taken").isZero();
    assertThat(taken(sure("d", "store", "elsewhere"))).as("what the store has left").isEqualTo(2);
    assertThat(taken(sure("e", "third", "elsewhere"))).isEqualTo(6);
    assertThat(taken(sure("f", "fourth", "else"))).as("all are taken").isZero();
  }

  @Test
  void thoseOfWhichLittleGoodIsKnownLeaveHalfToTheOthers() {
    assertThat(taken(doubtful("a", "store", "host"))).isEqualTo(3);
    assertThat(taken(doubtful("b", "other", "host"))).isEqualTo(3);
    assertThat(taken(doubtful("c", "third", "host"))).isZero();
    assertThat(taken(sure("d", "store", "host"))).isEqualTo(3);
    assertThat(taken(sure("e", "other", "host"))).isEqualTo(3);
    assertThat(taken(doubtful("f", "third", "x"))).isEqualTo(3);
    assertThat(taken(doubtful("g", "fourth", "y"))).as("half of all").isEqualTo(1);
  }

  @Test
  void whoWaitsComesInTurn() {
    Places.Claim first = sure("a", "store", "host");
    taken(first);
    assertThat(places.take(sure("b", "store", "host"))).isFalse();
    assertThat(places.take(doubtful("c", "store", "host"))).isFalse();
    assertThat(places.take(sure("d", "store", "host"))).isFalse();
    assertThat(places.waiting()).as("a as well").isEqualTo(4);
    assertThat(places.isWaiting("b")).isTrue();
    assertThat(places.isWaiting("x")).isFalse();
    assertThat(places.free(first)).containsExactly("a", "c");
    assertThat(places.isWaiting("a")).isFalse();
    assertThat(places.isWaiting("b")).as("there is a place").isFalse();
    assertThat(places.free(first)).containsExactly("d");
    assertThat(places.waiting()).isZero();
  }

  @Test
  void noMoreWaitThanMay() {
    taken(sure("a", "store", "host"));
    for (int i = 0; i < 200; i++) {
      assertThat(places.take(sure("r" + i, "store", "host"))).isFalse();
    }
    assertThat(places.waiting()).isEqualTo(100);
  }

  /** Full is a host: the store that is looked at before it is not remembered. */
  @Test
  void nothingIsKeptOfThoseWhoGotNoPlace() {
    Places.Claim first = sure("a", "1", "x");
    Places.Claim second = sure("b", "2", "x");
    assertThat(taken(first)).isEqualTo(6);
    assertThat(taken(second)).isEqualTo(6);
    int before = places.gates();
    for (int i = 0; i < 500; i++) {
      assertThat(places.take(sure("r" + i, "s" + i, "x"))).isFalse();
    }
    assertThat(places.gates()).isEqualTo(before);
    for (int i = 0; i < 6; i++) {
      places.free(first);
      places.free(second);
    }
    for (int i = 0; i < 500; i++) {
      assertThat(places.isWaiting("r" + i)).isFalse();
    }
    places.isWaiting("a");
    places.isWaiting("b");
    assertThat(places.waiting()).isZero();
    assertThat(places.gates()).isZero();
  }

  /** Whatever the order: nobody waits for ever while there are places, and no limit is passed. */
  @Test
  void nobodyIsForgotten() {
    long seed = 20_261_126;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      Places some = new Places(LIMITS, 1_000);
      Map<String, Integer> left = new HashMap<>();
      Map<String, Places.Claim> claims = new HashMap<>();
      Set<String> asking = new LinkedHashSet<>();
      for (int i = 0; i < 30; i++) {
        String receiver = "r" + i;
        left.put(receiver, 1 + random.nextInt(20));
        claims.put(
            receiver,
            new Places.Claim(
                receiver, "s" + random.nextInt(4), "h" + random.nextInt(4), random.nextBoolean()));
        asking.add(receiver);
      }
      Deque<Places.Claim> underWay = new ArrayDeque<>();
      while (!asking.isEmpty() || !underWay.isEmpty()) {
        for (String receiver : List.copyOf(asking)) {
          asking.remove(receiver);
          Places.Claim claim = claims.get(receiver);
          while (left.get(receiver) > 0 && !some.isWaiting(receiver) && some.take(claim)) {
            left.merge(receiver, -1, Integer::sum);
            underWay.add(claim);
          }
        }
        assertThat(underWay).as("seed %d", seed).hasSizeLessThanOrEqualTo(LIMITS.all());
        if (!underWay.isEmpty()) {
          List<Places.Claim> order = new ArrayList<>(underWay);
          Places.Claim ended = order.get(random.nextInt(order.size()));
          underWay.removeFirstOccurrence(ended);
          asking.addAll(some.free(ended));
        }
      }
      assertThat(left.values()).as("seed %d, round %d", seed, round).containsOnly(0);
      assertThat(some.waiting()).isZero();
    }
  }

  @Test
  void aReceiverThatDoesNotAnswerIsAskedOnceInAWhileAndTrustedWhenItAnswers() {
    ReceiverHealth health = new ReceiverHealth(8, 1_000, 10_000);
    for (int i = 0; i < 3; i++) {
      assertThat(health.hasRoom(false, 0)).isTrue();
      health.begin(false);
    }
    health.end(false, false, 0);
    assertThat(health.isDoubtful()).isTrue();
    assertThat(health.hasRoom(false, 0)).isTrue();
    health.end(false, false, 0);
    health.end(false, false, 0);
    assertThat(health.hasRoom(false, 999)).isFalse();
    assertThat(health.hasRoom(true, 1_000)).isTrue();
    long now = 1_000;
    for (int i = 0; i < 10; i++) {
      health.begin(true);
      assertThat(health.hasRoom(false, now)).as("one at a time").isFalse();
      health.end(true, false, now);
      assertThat(health.pausedUntilMillis() - now).isLessThanOrEqualTo(10_000);
      now = health.pausedUntilMillis();
    }
    health.begin(true);
    assertThat(health.end(true, true, now)).as("it has recovered").isTrue();
    assertThat(health.hasRoom(false, now)).isTrue();
    assertThat(health.isDoubtful()).isFalse();
    assertThat(health.isWary(now)).as("it may hang over some invoices").isTrue();
    assertThat(health.isWary(now + 60_000)).isFalse();
    assertThat(health.isForgettable(now + 60_000)).isFalse();
    assertThat(health.isForgettable(now + 300_001)).isTrue();
  }

  @Test
  void neitherFirstTriesNorRetriesTakeAllPlaces() {
    ReceiverHealth health = new ReceiverHealth(8, 1_000, 10_000);
    int first = 0;
    while (health.hasRoom(false, 0)) {
      health.begin(false);
      first++;
    }
    assertThat(first).isEqualTo(7);
    assertThat(health.hasRoom(true, 0)).isTrue();
    health.begin(true);
    assertThat(health.hasRoom(true, 0)).isFalse();
    health.endUnsent(true);
    for (int i = 0; i < 7; i++) {
      health.end(false, true, 0);
    }
    int again = 0;
    while (health.hasRoom(true, 0)) {
      health.begin(true);
      again++;
    }
    assertThat(again).isEqualTo(4);
    assertThat(health.hasRoom(false, 0)).isTrue();
  }
}
