package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HeaderTimesTest {
  @Property(tries = 200)
  void mediansAreThoseOfTheElevenTimesUpToABlock(
      @ForAll @Size(max = 300) List<@IntRange(max = 5) Integer> steps) {
    List<Long> all = new ArrayList<>(List.of(1_000L));
    HeaderTimes times = new HeaderTimes(0, all, 1 << 20);
    for (int step : steps) {
      long next = times.medianTimePast() + 1 + step;
      times.add(next);
      all.add(next);
      assertThat(times.height()).isEqualTo(all.size() - 1);
      assertThat(times.medianTimePast()).isEqualTo(median(all, all.size() - 1));
    }
    for (int height = 0; height < all.size(); height++) {
      assertThat(times.medianTimePastAt(height)).isEqualTo(median(all, height));
    }
    assertThat(times.newest()).isEqualTo(all.subList(Math.max(0, all.size() - 11), all.size()));
  }

  @Test
  void blocksTooOldToBeKnownHaveTheEarliestKnownMedian() {
    List<Long> all = new ArrayList<>();
    for (long h = 0; h <= 100; h++) {
      all.add(h * 10);
    }
    HeaderTimes times = new HeaderTimes(100, all.subList(60, 101), 30);
    assertThat(times.medianTimePastAt(100)).isEqualTo(median(all, 100));
    assertThat(times.medianTimePastAt(81)).isEqualTo(median(all, 81));
    assertThat(times.knowsMedianAt(81)).isTrue();
    assertThat(times.knowsMedianAt(80)).isFalse();
    assertThatThrownBy(() -> times.medianTimePastAt(80))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(times.medianTimePastAt(500)).isEqualTo(median(all, 100));
  }

  private static long median(List<Long> all, int height) {
    List<Long> last = all.subList(Math.max(0, height - 10), height + 1).stream().sorted().toList();
    return last.get(last.size() / 2);
  }
}
