package network.tender.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CursorWatchTest {
  @Test
  void onlyWhatStandsStillForTheWholeLimitIsStuck() {
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    CursorWatch watch = new CursorWatch(7, Duration.ofNanos(60), now::get);
    assertThat(watch.isStuck(7)).isFalse();
    now.addAndGet(59);
    assertThat(watch.isStuck(7)).isFalse();
    assertThat(watch.isStuck(8)).isFalse();
    now.addAndGet(59);
    assertThat(watch.isStuck(8)).isFalse();
    now.addAndGet(1);
    assertThat(watch.isStuck(8)).isTrue();
    assertThat(watch.isStuck(9)).isFalse();
  }
}
