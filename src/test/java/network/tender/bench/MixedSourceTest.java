package network.tender.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MixedSourceTest {
  /** Always has something to ask. */
  private static final class Endless implements Source {
    private boolean over;
    private long answers;

    @Override
    public @Nullable Request next(long nowNanos) {
      return over ? null : new Request(this, new byte[0], new byte[0], 0, nowNanos);
    }

    @Override
    public void answered(Request request, ResponseReader answer, long nowNanos) {
      answers++;
    }

    @Override
    public void lost(Request request, long nowNanos) {}

    @Override
    public boolean isFinished(long nowNanos) {
      return over;
    }

    @Override
    public long done() {
      return answers;
    }
  }

  private final Endless leader = new Endless();
  private final Endless follower = new Endless();
  private final ResponseReader answer = new ResponseReader();

  @Test
  void aFollowerHasItsShareOfWhatTheLeaderHasDone() {
    MixedSource mix = new MixedSource(leader, List.of(new MixedSource.Share(follower, 0.5, 100)));
    for (int i = 0; i < 300; i++) {
      Request request = mix.next(0);
      mix.answered(request, answer, 0);
    }
    assertThat(leader.answers + follower.answers).isEqualTo(300);
    assertThat(follower.answers).isBetween(100L, 102L);
    assertThat(mix.done()).isEqualTo(leader.answers);
  }

  @Test
  void aFollowerHasABoundOnWhatIsUnderWay() {
    MixedSource mix =
        new MixedSource(
            leader, List.of(new MixedSource.Share(follower, Double.POSITIVE_INFINITY, 2)));
    Request first = mix.next(0);
    assertThat(first.source).isSameAs(follower);
    assertThat(mix.next(0).source).isSameAs(follower);
    assertThat(mix.next(0).source).isSameAs(leader);
    mix.answered(first, answer, 0);
    assertThat(mix.next(0).source).isSameAs(follower);
    assertThat(mix.next(0).source).isSameAs(leader);
  }

  @Test
  void whenTheLeaderIsDoneTheOthersMayFinish() {
    MixedSource mix = new MixedSource(leader, List.of(new MixedSource.Share(follower, 0, 10)));
    assertThat(mix.next(0).source).isSameAs(follower);
    assertThat(mix.next(0).source).isSameAs(leader);
    leader.over = true;
    assertThat(mix.isFinished(0)).isFalse();
    assertThat(mix.next(0).source).isSameAs(follower);
    follower.over = true;
    assertThat(mix.next(0)).isNull();
    assertThat(mix.isFinished(0)).isTrue();
  }
}
