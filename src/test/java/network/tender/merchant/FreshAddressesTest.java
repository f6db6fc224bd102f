package network.tender.merchant;

import static network.tender.merchant.MerchantFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.journal.ChainIndex;
import network.tender.journal.ScriptTotals;
import network.tender.journal.TestDatabase;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.Test;

class FreshAddressesTest {
  /** An index that takes its time over which scripts it knows. */
  private static final class SlowIndex implements ChainIndex {
    final Queue<Promise<Set<Hash>>> questions = new ConcurrentLinkedQueue<>();

    @Override
    public Future<Set<Hash>> known(List<Hash> scriptHashes) {
      Promise<Set<Hash>> answer = Promise.promise();
      questions.add(answer);
      return answer.future();
    }

    Promise<Set<Hash>> nextQuestion() {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (questions.isEmpty() && System.nanoTime() < end) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
      return questions.remove();
    }

    @Override
    public void onBlock(SealedBlock block) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<Optional<Place>> find(Hash txid) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<Optional<Spending>> spending(List<Outpoint> outpoints) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<List<Place>> history(Hash scriptHash, Optional<Place> before, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<ScriptTotals> totals(Hash scriptHash, int height) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int cursor() {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aWalletThatIsForgottenWhileItIsLookedUpGetsNoGap() {
    try (MerchantFixture fixture = new MerchantFixture(TestDatabase.create())) {
      StoreWallet wallet = fixture.store().usableWallet().orElseThrow();
      FreshAddresses addresses = new FreshAddresses(fixture.vertx, fixture.pool());
      SlowIndex index = new SlowIndex();
      addresses.passByThoseIn(index);
      Future<Void> before = addresses.provide(wallet, 1);
      Promise<Set<Hash>> old = index.nextQuestion();
      addresses.forget(wallet.walletId());
      Future<Void> after = addresses.provide(wallet, 1);
      index.nextQuestion().complete(Set.of());
      await(after);
      old.complete(Set.of());
      await(before);
      assertThat(addresses.take(wallet).map(FreshAddresses.Address::index)).hasValue(0);
    }
  }
}
