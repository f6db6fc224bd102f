package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import network.tender.chain.Hash;
import network.tender.journal.TestDatabase;
import org.junit.jupiter.api.Test;

class FreshAddressesTest {
  private final Queue<Promise<Set<Hash>>> questions = new ConcurrentLinkedQueue<>();

  private Future<Set<Hash>> ask(List<Hash> scriptHashes) {
    Promise<Set<Hash>> answer = Promise.promise();
    questions.add(answer);
    return answer.future();
  }

  private Promise<Set<Hash>> nextQuestion() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (questions.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    return questions.remove();
  }

  @Test
  void aWalletThatIsForgottenWhileItIsLookedUpGetsNoGap() {
    try (MerchantFixture fixture = new MerchantFixture(TestDatabase.create())) {
      StoreWallet wallet = fixture.store().usableWallet().orElseThrow();
      FreshAddresses addresses = new FreshAddresses(fixture.vertx, fixture.pool());
      addresses.passByThoseIn(new KnownScripts(this::ask));
      Future<Void> before = addresses.provide(wallet, 1);
      Promise<Set<Hash>> old = nextQuestion();
      addresses.forget(wallet.walletId());
      Future<Void> after = addresses.provide(wallet, 1);
      nextQuestion().complete(Set.of());
      await(after);
      old.complete(Set.of());
      await(before);
      assertThat(addresses.take(wallet).map(FreshAddresses.Address::index)).hasValue(0);
    }
  }
}
