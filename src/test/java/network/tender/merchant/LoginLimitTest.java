package network.tender.merchant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How fast passwords may be guessed. */
class LoginLimitTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final LoginLimit limit = new LoginLimit(now::get);

  private void pass(long seconds) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  private int tries(String address, String email, int most) {
    int taken = 0;
    while (taken < most && limit.tryTake(address, email, false) != LoginLimit.Taken.NOTHING) {
      taken++;
    }
    return taken;
  }

  @Test
  void fiveTriesAtOnceAndThenOneEveryTwelveSeconds() {
    assertThat(tries("a", "x", 100)).isEqualTo(5);
    pass(11);
    assertThat(tries("a", "x", 100)).isZero();
    pass(1);
    assertThat(tries("a", "x", 100)).isEqualTo(1);
    pass(120);
    assertThat(tries("a", "x", 100)).isEqualTo(5);
  }

  @Test
  void whatWasRightCountsForNothing() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(limit.tryTake("a", "x", true)).isEqualTo(LoginLimit.Taken.ALL);
      limit.giveBack("a", "x", LoginLimit.Taken.ALL);
    }
    assertThat(tries("a", "x", 100)).isEqualTo(5);
    limit.giveBack("a", "x", LoginLimit.Taken.ALL);
    assertThat(tries("a", "x", 100)).isEqualTo(1);
  }

  @Test
  void manyAccountsFromOneAddressAndManyAddressesForOneAccountAreBoundedToo() {
    int taken = 0;
    for (int i = 0; i < 100; i++) {
      taken += tries("a", "victim " + i, 100);
    }
    assertThat(taken).isEqualTo(30);
    taken = 0;
    for (int i = 0; i < 100; i++) {
      taken += tries("address " + i, "owner", 100);
    }
    assertThat(taken).isEqualTo(30);
    assertThat(limit.tryTake("a", "known", true))
        .as("whose account there is, does not suffer for the others at the address")
        .isEqualTo(LoginLimit.Taken.ACCOUNT);
    limit.giveBack("a", "known", LoginLimit.Taken.ACCOUNT);
    assertThat(tries("a", "nobody", 1)).as("nothing was given back to the address").isZero();
    for (int i = 0; i < 5; i++) {
      assertThat(limit.tryTake("a", "known", true)).isEqualTo(LoginLimit.Taken.ACCOUNT);
    }
    assertThat(limit.tryTake("a", "known", true)).isEqualTo(LoginLimit.Taken.NOTHING);
    assertThat(tries("elsewhere", "somebody", 100)).as("others are not to blame").isEqualTo(5);
  }
}
