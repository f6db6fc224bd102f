package network.tender.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FreeSpaceTest {
  private long usable;
  private long nanos;
  private final FreeSpace space = new FreeSpace(() -> usable, () -> nanos);

  @Test
  void isEnoughOnlyIfMeasuredAsSuchShortlyBefore() {
    assertThat(space.isEnough()).isFalse();
    usable = FreeSpace.LEAST_BYTES;
    space.measure();
    assertThat(space.isEnough()).isTrue();
    nanos = TimeUnit.SECONDS.toNanos(61);
    assertThat(space.isEnough()).as("of a disk that does not answer").isFalse();
    space.measure();
    assertThat(space.isEnough()).isTrue();
    usable = FreeSpace.LEAST_BYTES - 1;
    space.measure();
    assertThat(space.isEnough()).isFalse();
  }
}
