package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CadenceTest {
  private static final long START = 1_800_000_000_000L;

  @ParameterizedTest(name = "{0}/s, burst {1}: within {2} ms {3} blocks")
  @CsvSource({
    "5, 5, 0, 5",
    "5, 5, 199, 5",
    "5, 5, 200, 6",
    "5, 5, 1000, 10",
    "5, 1, 0, 1",
    "5, 1, 1000, 6",
    "1, 1, 999, 1",
    "1, 1, 1000, 2",
    "3, 1, 333, 1",
    "3, 1, 334, 2",
    "1000, 1, 10, 11",
  })
  void takesAsManyAsBurstAndRateAllow(int perSecond, int burst, int millis, int blocks) {
    Cadence cadence = new Cadence(perSecond, burst);
    int taken = 0;
    for (int t = 0; t <= millis; t++) {
      while (cadence.tryTake(START + t)) {
        taken++;
      }
    }
    assertThat(taken).isEqualTo(blocks);
  }

  @Test
  void sustainedLoadSettlesIntoAnEvenBeat() {
    Cadence cadence = new Cadence(5, 5);
    List<Long> times = new ArrayList<>();
    long now = START;
    for (int i = 0; i < 12; i++) {
      now = cadence.nextMillis(now);
      assertThat(cadence.tryTake(now)).isTrue();
      times.add(now - START);
    }
    assertThat(times)
        .containsExactly(0L, 0L, 0L, 0L, 0L, 200L, 400L, 600L, 800L, 1000L, 1200L, 1400L);
  }

  @Test
  void quietTimeFillsTheBucketNoFurtherThanTheBurst() {
    Cadence cadence = new Cadence(5, 2);
    assertThat(cadence.tryTake(START)).isTrue();
    long later = START + 1_000_000;
    assertThat(cadence.tryTake(later)).isTrue();
    assertThat(cadence.tryTake(later)).isTrue();
    assertThat(cadence.tryTake(later)).isFalse();
  }

  @Test
  void aClockSetBackMakesNobodyWaitForTheOldTime() {
    Cadence cadence = new Cadence(5, 1);
    assertThat(cadence.tryTake(START)).isTrue();
    long earlier = START - 3_600_000;
    assertThat(cadence.nextMillis(earlier)).isEqualTo(earlier + 200);
    assertThat(cadence.tryTake(earlier + 199)).isFalse();
    assertThat(cadence.tryTake(earlier + 200)).isTrue();
  }

  @Property(tries = 200)
  void nextMillisIsTheFirstMomentThatWorks(
      @ForAll @Size(max = 50) List<@IntRange(max = 400) Integer> pauses,
      @ForAll @IntRange(min = 1, max = 20) int perSecond,
      @ForAll @IntRange(min = 1, max = 6) int burst) {
    Cadence cadence = new Cadence(perSecond, burst);
    long now = START;
    for (int pause : pauses) {
      now += pause;
      long next = cadence.nextMillis(now);
      assertThat(next).isGreaterThanOrEqualTo(now);
      if (next > now) {
        assertThat(cadence.tryTake(next - 1)).isFalse();
      }
      assertThat(cadence.tryTake(next)).isTrue();
      now = next;
    }
  }
}
