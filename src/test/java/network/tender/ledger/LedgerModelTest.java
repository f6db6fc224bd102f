package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The whole ledger against a naive model: random transfers with double spends and chains, blocks
 * that are committed or abandoned, and a coin store behind a memory of three coins.
 */
class LedgerModelTest {
  private static final Policy POLICY = Chains.policy(1_000, 1_000, 3);
  private static final Script[] SCRIPTS = {Chains.ALICE, Chains.BOB};

  private static final class World {
    final Ledger ledger = Chains.ledger(POLICY);
    final BlockValidator validator;

    /** The model: settled unspent amounts, and the pending transfers in order. */
    final Map<Outpoint, Long> unspent = new LinkedHashMap<>();

    final Map<Hash, Transaction> pending = new LinkedHashMap<>();
    final Map<Outpoint, Hash> claimed = new HashMap<>();
    final Map<Outpoint, Long> everMade = new LinkedHashMap<>();

    final Map<Outpoint, Coin> store = new HashMap<>();
    final List<Hash> blocks = new ArrayList<>();
    final List<Resolution.Resolved> verifying = new ArrayList<>();
    @Nullable SealedBlock inFlight;
    @Nullable CoinChanges flush;
    long now = Chains.NOW;
    int conflicts;
    int abandoned;

    World() {
      validator =
          new BlockValidator(
              Network.regtest(),
              Chains.CURVE,
              BlockValidator.coinsInMemory(),
              spends -> Optional.empty());
      for (SealedBlock block : Chains.BOOTSTRAP) {
        validate(block);
      }
      for (int height = 1; height <= 12; height++) {
        long sat = Network.subsidy(height).sat();
        unspent.put(Chains.subsidy(height), sat);
        everMade.put(Chains.subsidy(height), sat);
      }
    }

    void step(int choice, int argument) {
      now += argument % 150;
      switch (choice) {
        case 0, 1, 2, 3 -> submit(argument);
        case 4 -> admitVerified(argument);
        case 5 -> seal();
        case 6 -> endBlock(argument);
        case 7 -> beginFlush();
        default -> endFlush(argument);
      }
      assertThat(ledger.pendingTransfers()).isEqualTo(pending.size());
    }

    /** A transfer of one or two outputs ever made, which may be spent, pending or neither. */
    void submit(int argument) {
      Transaction transfer = draft(argument);
      Resolution resolution = ledger.resolve(transfer);
      while (resolution instanceof Resolution.MissingCoins missing) {
        CoinLoad load = ledger.beginLoad(missing.outpoints());
        Map<Outpoint, Coin> found = new HashMap<>(store);
        found.keySet().retainAll(load.outpoints());
        resolution = ledger.resolve(transfer, load, found);
      }
      Optional<Hash> winner = winner(transfer);
      if (resolution instanceof Resolution.Resolved resolved) {
        assertThat(winner).isEmpty();
        assertThat(spendable(transfer)).isTrue();
        if (argument % 4 == 0) {
          verifying.add(resolved);
        } else {
          admit(resolved);
        }
      } else if (resolution instanceof Resolution.Refused refused) {
        Rejection rejection = refused.rejection();
        if (rejection.reason() == Reason.CONFLICT) {
          assertThat(rejection.conflict()).isPresent();
          assertThat(claimed).containsValue(rejection.conflict().get());
          assertThat(winner).isPresent();
          conflicts++;
        } else {
          assertThat(rejection.reason()).isIn(Reason.UNKNOWN_COIN, Reason.DOUBLE_SPEND);
          assertThat(spendable(transfer)).isFalse();
        }
      } else {
        assertThat(resolution).isEqualTo(new Resolution.AlreadyPending(transfer.txid()));
        assertThat(pending).containsKey(transfer.txid());
      }
    }

    private Transaction draft(int argument) {
      List<Outpoint> made = new ArrayList<>(everMade.keySet());
      Outpoint first = made.get(argument / 4 % made.size());
      Outpoint second = made.get(argument / 7 % made.size());
      Chains.Draft draft = Chains.spend(first);
      long sat = everMade.get(first);
      if (argument % 3 == 0 && !second.equals(first)) {
        draft.input(second, -1);
        sat += everMade.get(second);
      }
      long rest = sat - 2_000 - argument % 100;
      draft.pay(rest / 2, SCRIPTS[argument % 2]).pay(rest - rest / 2, SCRIPTS[argument / 2 % 2]);
      return draft.build();
    }

    private Optional<Hash> winner(Transaction transfer) {
      for (int i = 0; i < transfer.inputCount(); i++) {
        Hash winner = claimed.get(transfer.prevout(i));
        if (winner != null) {
          return Optional.of(winner);
        }
      }
      return Optional.empty();
    }

    private boolean spendable(Transaction transfer) {
      for (int i = 0; i < transfer.inputCount(); i++) {
        Outpoint prevout = transfer.prevout(i);
        if (claimed.containsKey(prevout)
            || !(unspent.containsKey(prevout) || pending.containsKey(prevout.txid()))) {
          return false;
        }
      }
      return true;
    }

    void admitVerified(int argument) {
      if (!verifying.isEmpty()) {
        admit(verifying.remove(argument % verifying.size()));
      }
    }

    private void admit(Resolution.Resolved resolved) {
      Transaction transfer = resolved.transfer();
      boolean wasPending = pending.containsKey(transfer.txid());
      boolean good = spendable(transfer);
      Admission admission = ledger.admit(resolved, now);
      if (admission instanceof Admission.Admitted) {
        assertThat(good).isTrue();
        pending.put(transfer.txid(), transfer);
        for (int i = 0; i < transfer.inputCount(); i++) {
          claimed.put(transfer.prevout(i), transfer.txid());
        }
        for (int i = 0; i < transfer.outputCount(); i++) {
          everMade.put(transfer.outpoint(i), transfer.outputSat(i));
        }
      } else if (admission instanceof Admission.AlreadyPending) {
        assertThat(wasPending).isTrue();
      } else if (admission instanceof Admission.Refused) {
        assertThat(good).isFalse();
      } else {
        assertThat(admission).isInstanceOf(Admission.Stale.class);
      }
    }

    void seal() {
      Optional<SealedBlock> sealed = ledger.seal(now);
      if (inFlight != null || pending.isEmpty()) {
        assertThat(sealed).isEmpty();
      } else if (sealed.isPresent()) {
        inFlight = sealed.get();
      } else {
        assertThat(ledger.nextSealMillis(now).getAsLong()).isGreaterThan(now);
      }
    }

    void endBlock(int argument) {
      SealedBlock block = inFlight;
      if (block == null) {
        return;
      }
      inFlight = null;
      if (argument % 4 == 0) {
        abandoned++;
        ledger.abandoned(block);
        return;
      }
      ledger.committed(block);
      validate(block);
      blocks.add(block.hash());
      List<Transaction> transactions = block.block().transactions();
      for (int i = 0; i < transactions.size(); i++) {
        Transaction transaction = transactions.get(i);
        for (int j = 0; i > 0 && j < transaction.inputCount(); j++) {
          assertThat(unspent.remove(transaction.prevout(j))).isNotNull();
          claimed.remove(transaction.prevout(j));
        }
        for (int j = 0; j < transaction.outputCount(); j++) {
          if (!transaction.script(j).isUnspendable()) {
            unspent.put(transaction.outpoint(j), transaction.outputSat(j));
          }
        }
        if (i > 0) {
          assertThat(pending.remove(transaction.txid())).isNotNull();
        }
      }
      checkTotals(block.totals());
    }

    private void validate(SealedBlock block) {
      BlockValidator.Verdict verdict =
          validator.validate(
              block.block(), Optional.of(block.certificate()), Chains.NOW / 1_000 + 100_000);
      assertThat(verdict)
          .isInstanceOfSatisfying(
              BlockValidator.Verdict.Valid.class,
              valid -> {
                assertThat(valid.block().spent()).isEqualTo(block.spent());
                assertThat(valid.block().totals()).isEqualTo(block.totals());
                assertThat(valid.block().timeMillis()).isEqualTo(block.timeMillis());
              });
    }

    /** The subsidies that the model does not follow are still there. */
    private void checkTotals(ChainTotals totals) {
      long others = 0;
      for (int height = 13; height <= Network.ISSUING_BLOCKS; height++) {
        others += Network.subsidy(height).sat();
      }
      long sum = unspent.values().stream().mapToLong(Long::longValue).sum() + others;
      assertThat(totals.unspent()).isEqualTo(Amount.ofSat(sum));
      assertThat(totals.issued()).isEqualTo(Network.issued());
      assertThat(totals.supplyDifferenceSat()).isZero();
      assertThat(totals.coins()).isEqualTo(unspent.size() + Network.ISSUING_BLOCKS - 12);
    }

    void beginFlush() {
      if (flush == null) {
        flush = ledger.coins().takeChanges().orElse(null);
      }
    }

    void endFlush(int argument) {
      CoinChanges changes = flush;
      if (changes == null) {
        return;
      }
      flush = null;
      if (argument % 3 == 0) {
        ledger.coins().flushFailed(changes);
        return;
      }
      store.putAll(changes.created());
      changes.spent().forEach(store::remove);
      ledger.coins().flushed(changes);
    }
  }

  private static World run(List<Integer> steps) {
    World world = new World();
    for (int step : steps) {
      world.step(step % 9, step / 9);
    }
    return world;
  }

  @Property(tries = 60)
  void moneyIsNeitherMadeNorLostNorSpentTwice(
      @ForAll @Size(min = 30, max = 200) List<@IntRange(max = 999_999) Integer> steps) {
    World world = run(steps);
    // The end: everything pending settles, and the store has all there is.
    while (!world.pending.isEmpty()) {
      world.now += 1_000;
      world.seal();
      world.endBlock(1);
    }
    world.endFlush(1);
    world.beginFlush();
    world.endFlush(1);
    assertThat(world.store.keySet()).containsAll(world.unspent.keySet());
    assertThat(world.store).hasSize((int) world.ledger.tip().totals().coins());
  }

  @Test
  void theModelMeetsConflictsAndAbandonedBlocks() {
    Random random = new Random(7);
    List<Integer> steps = random.ints(1_500, 0, 1_000_000).boxed().toList();
    World world = run(steps);
    assertThat(world.conflicts).isGreaterThan(20);
    assertThat(world.abandoned).isGreaterThan(10);
    assertThat(world.blocks).hasSizeGreaterThan(30);
  }

  @Property(tries = 15)
  void theSameCallsMakeTheSameBlocks(
      @ForAll @Size(min = 30, max = 120) List<@IntRange(max = 999_999) Integer> steps) {
    World first = run(steps);
    World second = run(steps);
    assertThat(second.blocks).isEqualTo(first.blocks);
    assertThat(second.ledger.tip()).isEqualTo(first.ledger.tip());
    assertThat(second.ledger.pending()).isEqualTo(first.ledger.pending());
  }
}
