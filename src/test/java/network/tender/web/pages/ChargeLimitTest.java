package network.tender.web.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ChargeLimitTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 3);
  private final ChargeLimit limit = new ChargeLimit(nanos::get);

  @Test
  void aBurstGoesThroughAndThenTheSteadyRate() {
    assertThat(takeAll("a")).isEqualTo(ChargeLimit.BURST);
    nanos.addAndGet(1_000_000_000L);
    assertThat(takeAll("a")).isEqualTo(ChargeLimit.PER_SECOND);
  }

  @Test
  void oneStoreDoesNotUseUpAnothers() {
    takeAll("a");
    assertThat(takeAll("b")).isEqualTo(ChargeLimit.BURST);
  }

  @Test
  void aQuietStoreHasItsWholeBurstAgainAndNoMore() {
    takeAll("a");
    nanos.addAndGet(3_600_000_000_000L);
    assertThat(takeAll("a")).isEqualTo(ChargeLimit.BURST);
  }

  private int takeAll(String store) {
    int taken = 0;
    while (limit.tryTake(store)) {
      taken++;
    }
    return taken;
  }
}
