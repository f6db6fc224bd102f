package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import network.tender.journal.TestDatabase;
import org.junit.jupiter.api.Test;

/** Logins that all come from one address, as they do behind a proxy. */
class SharedAddressLoginTest {
  private static final String PROXY = "10.0.0.1";
  private static final String PASSWORD = "correct horse";

  @Test
  void whoGuessesNamesLocksNobodyElseOut() {
    try (MerchantFixture fixture = new MerchantFixture(TestDatabase.create())) {
      // Time stands still, so that slow hashes give no tries back.
      Accounts accounts =
          new Accounts(
              fixture.vertx,
              fixture.pool(),
              new Ids(fixture.random),
              fixture.merchant.apiKeys(),
              fixture.clock,
              () -> 0L,
              fixture.random,
              new SimpleMeterRegistry());
      for (String name : new String[] {"ann", "ben"}) {
        await(
            accounts.create(
                new Accounts.Details(
                    Optional.of(name + "@shop.example"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(PASSWORD)),
                false));
      }
      assertThat(await(accounts.login(PROXY, "ann@shop.example", "a guess")))
          .isInstanceOf(Accounts.Login.Wrong.class);
      for (int i = 0; i < 29; i++) {
        assertThat(await(accounts.login(PROXY, "nobody" + i + "@shop.example", "a guess")))
            .isInstanceOf(Accounts.Login.Wrong.class);
      }
      assertThat(await(accounts.login(PROXY, "somebody@shop.example", "a guess")))
          .isInstanceOf(Accounts.Login.TooMany.class);
      assertThat(await(accounts.login(PROXY, "ben@shop.example", "a guess")))
          .as("nor does the answer tell who has an account")
          .isInstanceOf(Accounts.Login.TooMany.class);
      for (String name : new String[] {"ann", "ben"}) {
        assertThat(await(accounts.login(PROXY, name + "@shop.example", PASSWORD)))
            .isInstanceOf(Accounts.Login.Welcome.class);
      }
      await(accounts.close());
    }
  }

  @Test
  void whoGuessesAPasswordDoesNotLockOutWhoUsesTheAccountEveryDay() {
    try (MerchantFixture fixture = new MerchantFixture(TestDatabase.create())) {
      Accounts accounts =
          new Accounts(
              fixture.vertx,
              fixture.pool(),
              new Ids(fixture.random),
              fixture.merchant.apiKeys(),
              fixture.clock,
              () -> 0L,
              fixture.random,
              new SimpleMeterRegistry());
      String email = "ann@shop.example";
      await(
          accounts.create(
              new Accounts.Details(
                  Optional.of(email), Optional.empty(), Optional.empty(), Optional.of(PASSWORD)),
              false));
      assertThat(await(accounts.login(PROXY, email, PASSWORD)))
          .isInstanceOf(Accounts.Login.Welcome.class);
      fixture.now.addAndGet(23 * 60 * 60 * 1_000L);
      for (int i = 0; i < 5; i++) {
        assertThat(await(accounts.login(PROXY, email, "a guess " + i)))
            .isInstanceOf(Accounts.Login.Wrong.class);
      }
      assertThat(await(accounts.login(PROXY, email, "a guess")))
          .isInstanceOf(Accounts.Login.TooMany.class);
      assertThat(await(accounts.login(PROXY, email, PASSWORD)))
          .isInstanceOf(Accounts.Login.Welcome.class);
      await(accounts.close());
    }
  }
}
