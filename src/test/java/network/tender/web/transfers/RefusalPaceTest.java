package network.tender.web.transfers;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RefusalPaceTest {
  private long nanos = Long.MAX_VALUE - 5_000; // the clock may begin anywhere, and overflow
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RefusalPace pace = new RefusalPace(() -> nanos, registry);

  @Test
  void aFewAreRefusedAtOnce() {
    for (int i = 0; i < 100; i++) {
      assertThat(pace.enter()).isZero();
      nanos += TimeUnit.MILLISECONDS.toNanos(1);
    }
    assertThat(waiting()).isZero();
  }

  @Test
  void aFloodWaitsEachAMillisecondLongerAndNobodyMoreThanASecond() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(pace.enter()).isEqualTo(i);
    }
    for (int i = 0; i < 1_000; i++) {
      assertThat(pace.enter()).isEqualTo(1_000);
    }
    assertThat(waiting()).isEqualTo(1_999);
  }

  @Test
  void anHourLaterNothingOfAFloodIsLeft() {
    for (int i = 0; i < 5_000; i++) {
      if (pace.enter() > 0) {
        pace.leave();
      }
    }
    assertThat(waiting()).isZero();
    nanos += TimeUnit.HOURS.toNanos(1);
    assertThat(pace.enter()).isZero();
    assertThat(pace.enter()).isEqualTo(1);
  }

  @Test
  void whoeverFindsNoPlaceToWaitIsRefusedAtOnce() {
    pace.enter();
    for (int i = 0; i < RefusalPace.MOST_WAITING; i++) {
      assertThat(pace.enter()).isPositive();
    }
    assertThat(pace.enter()).isZero();
    assertThat(waiting()).isEqualTo(RefusalPace.MOST_WAITING);
    pace.leave();
    assertThat(pace.enter()).isEqualTo(1_000);
  }

  private double waiting() {
    return registry.get("tender.refusals.waiting").gauge().value();
  }
}
