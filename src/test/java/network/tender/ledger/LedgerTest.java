package network.tender.ledger;

import static network.tender.ledger.Chains.ALICE;
import static network.tender.ledger.Chains.BOB;
import static network.tender.ledger.Chains.NOW;
import static network.tender.ledger.Chains.admit;
import static network.tender.ledger.Chains.resolve;
import static network.tender.ledger.Chains.resolved;
import static network.tender.ledger.Chains.settle;
import static network.tender.ledger.Chains.spend;
import static network.tender.ledger.Chains.subsidy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LedgerTest {
  private static final long SUBSIDY = 5_000_000_000L;
  private static final long FEE = 1_000;

  private final Ledger ledger = Chains.ledger(Policy.DEFAULT);

  private Rejection refusal(Transaction transfer) {
    Resolution resolution = resolve(ledger, transfer);
    if (resolution instanceof Resolution.Refused refused) {
      assertThat(refused.rejection().detail()).endsWith(".");
      return refused.rejection();
    }
    throw new AssertionError(resolution.toString());
  }

  private Reason reason(Transaction transfer) {
    return refusal(transfer).reason();
  }

  private static Transaction pay(Outpoint from, long sat) {
    return spend(from).pay(sat, ALICE).build();
  }

  @Test
  void aTransferSettlesInTheNextBlock() {
    Transaction transfer = admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    SealedBlock block = ledger.seal(NOW).orElseThrow();
    assertThat(block.height()).isEqualTo(251);
    assertThat(block.block().transactions()).hasSize(2).contains(transfer);
    assertThat(block.spent().get(1)).hasSize(1);
    assertThat(block.totals().transfers()).isEqualTo(1);
    assertThat(ledger.inFlight()).contains(block);
    assertThat(ledger.tip().height()).isEqualTo(250);
    assertThat(ledger.coins().coin(transfer.outpoint(0))).isEmpty();

    ledger.committed(block);
    assertThat(ledger.tip().hash()).isEqualTo(block.hash());
    assertThat(ledger.coins().coin(transfer.outpoint(0)))
        .contains(new Coin(Amount.ofSat(SUBSIDY - FEE), ALICE, 251, false));
    assertThat(ledger.pendingTransfers()).isZero();
    assertThat(ledger.pendingWeight()).isZero();
  }

  @Test
  void feesGoToTheTreasury() {
    admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    Transaction coinbase = settle(ledger, NOW).block().transactions().get(0);
    assertThat(coinbase.outputCount()).isEqualTo(2);
    assertThat(coinbase.script(0)).isEqualTo(Network.regtest().treasury());
    assertThat(coinbase.outputSat(0)).isEqualTo(FEE);
    assertThat(coinbase.lockTime()).isEqualTo(250);
    assertThat(coinbase.sequence(0)).isNotEqualTo(-1);
  }

  @Test
  void withoutFeesACoinbasePaysNobody() {
    Ledger free = Chains.ledger(Chains.network(0, 4_000_000, 80_000), Policy.DEFAULT);
    admit(free, pay(subsidy(1), SUBSIDY));
    SealedBlock block = settle(free, NOW);
    assertThat(block.block().transactions().get(0).outputCount()).isEqualTo(1);
    assertThat(block.totals().coins()).isEqualTo(150);
  }

  @Test
  void moneySentToNobodyIsCountedAsBurned() {
    Transaction transfer =
        spend(subsidy(1))
            .pay(SUBSIDY - 10_000, ALICE)
            .pay(9_000, Script.of(new byte[] {0x6a, 1, 1}))
            .build();
    admit(ledger, transfer);
    ChainTotals totals = settle(ledger, NOW).totals();
    assertThat(totals.burned()).isEqualTo(Amount.ofSat(9_000));
    assertThat(totals.supplyDifferenceSat()).isZero();
    assertThat(ledger.coins().coin(transfer.outpoint(1))).isEmpty();
    assertThat(reason(pay(transfer.outpoint(1), 8_000))).isEqualTo(Reason.UNKNOWN_COIN);
  }

  @Test
  void theSameTransferAgainIsPendingAlready() {
    Transaction transfer = admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    assertThat(ledger.resolve(transfer)).isEqualTo(new Resolution.AlreadyPending(transfer.txid()));
  }

  @Test
  void theSameTransferWithOtherSignaturesIsRefused() {
    Chains.Draft draft = spend(subsidy(1)).pay(SUBSIDY - FEE, ALICE);
    Transaction transfer = admit(ledger, draft.build());
    Rejection rejection = refusal(draft.witness(7).build());
    assertThat(rejection.reason()).isEqualTo(Reason.OTHER_WITNESS);
    assertThat(rejection.conflict()).contains(transfer.txid());
  }

  @Test
  void theFirstSeenTransferWinsAndIsNamed() {
    Transaction winner = admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    Rejection rejection = refusal(spend(subsidy(2), subsidy(1)).pay(SUBSIDY, BOB).build());
    assertThat(rejection.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(rejection.conflict()).contains(winner.txid());
  }

  @Test
  void ofTwoTransfersInVerificationTheFirstAdmittedWins() {
    Resolution.Resolved first = resolved(ledger, pay(subsidy(1), SUBSIDY - FEE));
    Resolution.Resolved second = resolved(ledger, pay(subsidy(1), SUBSIDY - 2 * FEE));
    assertThat(ledger.admit(second, NOW)).isInstanceOf(Admission.Admitted.class);
    assertThat(ledger.admit(second, NOW)).isInstanceOf(Admission.AlreadyPending.class);
    assertThat(ledger.admit(first, NOW))
        .isInstanceOfSatisfying(
            Admission.Refused.class,
            refused -> {
              assertThat(refused.rejection().reason()).isEqualTo(Reason.CONFLICT);
              assertThat(refused.rejection().conflict()).contains(second.transfer().txid());
            });
  }

  @Test
  void twoWitnessesOfOneTransferInVerificationAdmitOnlyOne() {
    Chains.Draft draft = spend(subsidy(1)).pay(SUBSIDY - FEE, ALICE);
    Resolution.Resolved first = resolved(ledger, draft.build());
    Resolution.Resolved second = resolved(ledger, draft.witness(9).build());
    assertThat(ledger.admit(first, NOW)).isInstanceOf(Admission.Admitted.class);
    assertThat(ledger.admit(second, NOW))
        .isInstanceOfSatisfying(
            Admission.Refused.class,
            r -> assertThat(r.rejection().reason()).isEqualTo(Reason.OTHER_WITNESS));
  }

  @Test
  void aCoinSpentBySettledTransferIsADoubleSpendWhileTheStoreStillHasIt() {
    CoinChanges stored = ledger.coins().takeChanges().orElseThrow();
    ledger.coins().flushed(stored);
    Resolution.Resolved late = resolved(ledger, pay(subsidy(1), SUBSIDY - 5 * FEE));
    admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    settle(ledger, NOW);
    assertThat(reason(pay(subsidy(1), SUBSIDY - 3 * FEE))).isEqualTo(Reason.DOUBLE_SPEND);
    assertThat(ledger.admit(late, NOW))
        .isInstanceOfSatisfying(
            Admission.Refused.class,
            r -> assertThat(r.rejection().reason()).isEqualTo(Reason.DOUBLE_SPEND));
  }

  @Test
  void aCoinMadeAndSpentBetweenFlushesIsUnknownAfterwards() {
    Resolution.Resolved late = resolved(ledger, pay(subsidy(1), SUBSIDY - 5 * FEE));
    admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    settle(ledger, NOW);
    assertThat(ledger.admit(late, NOW)).isEqualTo(new Admission.Stale());
    assertThat(reason(pay(subsidy(1), SUBSIDY - 3 * FEE))).isEqualTo(Reason.UNKNOWN_COIN);
  }

  @Test
  void aCoinThatNeverWasIsUnknown() {
    Outpoint nowhere = new Outpoint(new Hash(9, 9, 9, 9), 0);
    assertThat(ledger.resolve(pay(nowhere, 1_000)))
        .isEqualTo(new Resolution.MissingCoins(List.of(nowhere)));
    assertThat(reason(pay(nowhere, 1_000))).isEqualTo(Reason.UNKNOWN_COIN);
  }

  @ParameterizedTest
  @CsvSource({"1", "-1", "2147483647"})
  void anOutputThatAPendingTransferHasNotIsUnknown(int index) {
    Transaction parent = admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    assertThat(reason(pay(new Outpoint(parent.txid(), index), 1_000)))
        .isEqualTo(Reason.UNKNOWN_COIN);
  }

  @Test
  void coinsThatAreNotInMemoryComeFromTheStore() {
    Ledger small = Chains.ledger(Chains.policy(25, 100, 1));
    CoinChanges stored = small.coins().takeChanges().orElseThrow();
    small.coins().flushed(stored);
    Transaction transfer = spend(subsidy(1), subsidy(2)).pay(SUBSIDY, ALICE).build();
    Resolution.MissingCoins missing = (Resolution.MissingCoins) small.resolve(transfer);
    assertThat(missing.outpoints()).containsExactly(subsidy(1), subsidy(2));

    CoinLoad load = small.beginLoad(missing.outpoints());
    Resolution resolution = small.resolve(transfer, load, stored.created());
    assertThat(resolution).isInstanceOf(Resolution.Resolved.class);
    // Only one of the two coins fits into the memory, so it can't be told whether both are there.
    assertThat(small.admit((Resolution.Resolved) resolution, NOW)).isEqualTo(new Admission.Stale());
  }

  @Test
  void aLoadThatAFlushHasOvertakenCountsForNothing() {
    Ledger small = Chains.ledger(Chains.policy(25, 100, 1));
    CoinChanges stored = small.coins().takeChanges().orElseThrow();
    small.coins().flushed(stored);
    CoinLoad load = small.beginLoad(List.of(subsidy(1)));
    Transaction other = pay(subsidy(2), SUBSIDY - FEE);
    CoinLoad otherLoad = small.beginLoad(List.of(subsidy(2)));
    small.admit((Resolution.Resolved) small.resolve(other, otherLoad, stored.created()), NOW);
    settle(small, NOW);
    small.coins().flushed(small.coins().takeChanges().orElseThrow());
    assertThat(small.resolve(pay(subsidy(1), SUBSIDY - FEE), load, stored.created()))
        .isInstanceOf(Resolution.MissingCoins.class);
  }

  @Test
  void aLockTimeThatIsNotReachedIsRefused() {
    Chains.Draft draft = new Chains.Draft().input(subsidy(1), 0xfffffffe).pay(SUBSIDY / 2, ALICE);
    assertThat(reason(draft.lockTime(251).build())).isEqualTo(Reason.NOT_FINAL);
    assertThat(resolve(ledger, draft.lockTime(250).build()))
        .isInstanceOf(Resolution.Resolved.class);
    int median = (int) ledger.medianTimePast();
    assertThat(reason(draft.lockTime(median).build())).isEqualTo(Reason.NOT_FINAL);
    assertThat(resolve(ledger, draft.lockTime(median - 1).build()))
        .isInstanceOf(Resolution.Resolved.class);
  }

  /** Coins of height 100 are 151 blocks old in block 251, and 150 x 600 s by median time. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "151, true",
    "152, false",
    "0x80ffff, false",
    "0x8000ffff, true",
    "0xffffffff, true",
    "0x4000b0, true", // 176 x 512 s = 90,112 s
    "0x4000b1, false", // 177 x 512 s = 90,624 s
    "0x40ffff, false",
  })
  void relativeLocksAreComparedWithTheCoinsAge(String sequence, boolean passes) {
    Transaction transfer =
        new Chains.Draft()
            .input(subsidy(100), Long.decode(sequence).intValue())
            .pay(SUBSIDY / 2, ALICE)
            .build();
    Resolution resolution = resolve(ledger, transfer);
    if (passes) {
      assertThat(resolution).isInstanceOf(Resolution.Resolved.class);
    } else {
      assertThat(reason(transfer)).isEqualTo(Reason.RELATIVE_LOCK);
    }
  }

  @Test
  void versionOneHasNoRelativeLocksAndPendingCoinsHaveNoAge() {
    assertThat(
            resolve(
                ledger,
                new Chains.Draft()
                    .version(1)
                    .input(subsidy(100), 5_000)
                    .pay(SUBSIDY / 2, ALICE)
                    .build()))
        .isInstanceOf(Resolution.Resolved.class);
    Transaction parent = admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    assertThat(
            reason(new Chains.Draft().input(parent.outpoint(0), 1).pay(SUBSIDY / 2, ALICE).build()))
        .isEqualTo(Reason.RELATIVE_LOCK);
    assertThat(
            resolve(
                ledger,
                new Chains.Draft().input(parent.outpoint(0), 0).pay(SUBSIDY / 2, ALICE).build()))
        .isInstanceOf(Resolution.Resolved.class);
  }

  @Test
  void aCoinbaseMaturesAfterAHundredBlocks() {
    admit(ledger, spend(subsidy(1)).pay(SUBSIDY - 1_000_000, ALICE).build());
    Outpoint fees = settle(ledger, NOW).block().transactions().get(0).outpoint(0);
    long now = NOW;
    for (int height = 252; height < 350; height++) {
      assertThat(reason(pay(fees, 900_000))).isEqualTo(Reason.IMMATURE);
      now += 200;
      admit(ledger, pay(subsidy(height - 250), SUBSIDY - FEE));
      settle(ledger, now);
    }
    assertThat(reason(pay(fees, 900_000))).isEqualTo(Reason.IMMATURE);
    admit(ledger, pay(subsidy(149), SUBSIDY - FEE));
    settle(ledger, now + 200);
    assertThat(resolve(ledger, pay(fees, 900_000))).isInstanceOf(Resolution.Resolved.class);
  }

  @Test
  void payingMoreThanIsSpentIsRefused() {
    assertThat(reason(pay(subsidy(1), SUBSIDY + 1))).isEqualTo(Reason.OVERSPEND);
  }

  @Test
  void theFeeFloorIsExact() {
    Transaction probe = pay(subsidy(1), SUBSIDY);
    int floor = probe.virtualSize();
    assertThat(reason(pay(subsidy(1), SUBSIDY - floor + 1))).isEqualTo(Reason.FEE_TOO_LOW);
    assertThat(resolved(ledger, pay(subsidy(1), SUBSIDY - floor)).fee())
        .isEqualTo(Amount.ofSat(floor));
  }

  @Test
  void aFeeFloorOfPartsIsRoundedUp() {
    Ledger cheap = Chains.ledger(Chains.network(1, 4_000_000, 80_000), Policy.DEFAULT);
    assertThat(resolve(cheap, pay(subsidy(1), SUBSIDY)))
        .isInstanceOfSatisfying(
            Resolution.Refused.class,
            r -> assertThat(r.rejection().reason()).isEqualTo(Reason.FEE_TOO_LOW));
    assertThat(resolve(cheap, pay(subsidy(1), SUBSIDY - 1)))
        .isInstanceOf(Resolution.Resolved.class);
  }

  @Test
  void timesOfOldBlocksAreAskedForWhenACoinIsLockedByTime() {
    // It knows no more than the last 11 header times.
    Ledger reopened = new Ledger(Network.regtest(), Policy.DEFAULT, ledger.tip(), Chains.SIGNER);
    Coin coin = ledger.coins().coin(subsidy(50)).orElseThrow();
    int lockOf512Seconds = 1 << 22 | 1;
    Transaction transfer =
        new Chains.Draft().input(subsidy(50), lockOf512Seconds).pay(SUBSIDY - FEE, ALICE).build();
    CoinLoad load = reopened.beginLoad(List.of(subsidy(50)));
    assertThat(reopened.resolve(transfer, load, Map.of(subsidy(50), coin)))
        .isEqualTo(new Resolution.MissingTimes(java.util.Set.of(49)));
    long now = reopened.medianTimePast();
    reopened.keepMedianTimes(Map.of(49, now - 511));
    assertThat(reopened.resolve(transfer))
        .isInstanceOfSatisfying(
            Resolution.Refused.class,
            r -> assertThat(r.rejection().reason()).isEqualTo(Reason.RELATIVE_LOCK));
    reopened.keepMedianTimes(Map.of(49, now - 512));
    assertThat(reopened.resolve(transfer)).isInstanceOf(Resolution.Resolved.class);
  }

  @Test
  void transfersOfVersion3HangTogetherInPairsOnly() {
    Transaction parent =
        admit(ledger, spend(subsidy(1)).version(3).pay(SUBSIDY / 2, ALICE).pay(1_000, BOB).build());
    assertThat(admission(spend(parent.outpoint(0)).pay(1_000, ALICE).build()))
        .contains(Reason.TRUC);
    Transaction child =
        admit(ledger, spend(parent.outpoint(0)).version(3).pay(1_000_000, ALICE).build());
    assertThat(admission(spend(parent.outpoint(1)).version(3).pay(500, ALICE).build()))
        .contains(Reason.TRUC);
    assertThat(admission(spend(child.outpoint(0)).version(3).pay(1_000, ALICE).build()))
        .contains(Reason.TRUC);
    Chains.Draft large = spend(subsidy(2)).version(3);
    for (int i = 0; i < 330; i++) {
      large.pay(1_000, ALICE);
    }
    assertThat(admission(large.build())).contains(Reason.TRUC);
    Transaction other = admit(ledger, spend(subsidy(3)).version(3).pay(SUBSIDY / 2, ALICE).build());
    Chains.Draft wide = spend(other.outpoint(0)).version(3);
    for (int i = 0; i < 40; i++) {
      wide.pay(1_000, ALICE);
    }
    assertThat(admission(wide.build())).contains(Reason.TRUC);
  }

  private java.util.Optional<Reason> admission(Transaction transfer) {
    return ledger.admit(resolved(ledger, transfer), NOW) instanceof Admission.Refused refused
        ? java.util.Optional.of(refused.rejection().reason())
        : java.util.Optional.empty();
  }

  @Test
  void aConflictAtAnyInputIsSaidBeforeAnUnknownCoin() {
    Transaction first = admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    Outpoint nowhere = new Outpoint(new Hash(5, 5, 5, 5), 0);
    Rejection rejection = refusal(spend(nowhere, subsidy(1)).pay(1_000, ALICE).build());
    assertThat(rejection.reason()).isEqualTo(Reason.CONFLICT);
    assertThat(rejection.conflict()).contains(first.txid());
  }

  @Test
  void aCoinOfAScriptHashNeedsItsScript() {
    Transaction parent =
        admit(ledger, spend(subsidy(1)).pay(SUBSIDY / 2, Script.p2sh(new byte[20])).build());
    assertThat(reason(pay(parent.outpoint(0), SUBSIDY / 4))).isEqualTo(Reason.INPUT_SCRIPT);
  }

  @Test
  void tooManySignatureOperationsAreRefused() {
    Ledger strict = Chains.ledger(Chains.network(1_000, 4_000_000, 8), Policy.DEFAULT);
    Chains.Draft draft = spend(subsidy(1)).pay(10_000, Script.p2pkh(new byte[20])).pay(10_000, BOB);
    assertThat(resolve(strict, draft.build())).isInstanceOf(Resolution.Resolved.class);
    draft.pay(10_000, Script.p2pkh(new byte[20]));
    assertThat(resolve(strict, draft.build()))
        .isInstanceOfSatisfying(
            Resolution.Refused.class,
            r -> assertThat(r.rejection().reason()).isEqualTo(Reason.TOO_MANY_SIGOPS));
  }

  @Test
  void chainsOfPendingTransfersHaveALimit() {
    Ledger strict = Chains.ledger(Chains.policy(3, 100, 1_000));
    Transaction first = admit(strict, pay(subsidy(1), SUBSIDY - FEE));
    Transaction second = admit(strict, pay(first.outpoint(0), SUBSIDY - 2 * FEE));
    Transaction third = admit(strict, pay(second.outpoint(0), SUBSIDY - 3 * FEE));
    Resolution.Resolved fourth = resolved(strict, pay(third.outpoint(0), SUBSIDY - 4 * FEE));
    assertThat(strict.admit(fourth, NOW))
        .isInstanceOfSatisfying(
            Admission.Refused.class,
            r -> assertThat(r.rejection().reason()).isEqualTo(Reason.CHAIN_TOO_LONG));
    // A refused transfer leaves nothing behind.
    assertThat(strict.pendingSpender(third.outpoint(0))).isEmpty();
    assertThat(strict.pendingTransfers()).isEqualTo(3);

    SealedBlock block = settle(strict, NOW);
    assertThat(block.block().transactions().subList(1, 4)).containsExactly(first, second, third);
    assertThat(strict.admit(fourth, NOW)).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void aParentWithTooManyDescendantsTakesNoMore() {
    Ledger strict = Chains.ledger(Chains.policy(3, 100, 1_000));
    Transaction parent =
        admit(
            strict,
            spend(subsidy(1)).pay(10_000, ALICE).pay(10_000, ALICE).pay(10_000, ALICE).build());
    admit(strict, pay(parent.outpoint(0), 5_000));
    admit(strict, pay(parent.outpoint(1), 5_000));
    assertThat(strict.admit(resolved(strict, pay(parent.outpoint(2), 5_000)), NOW))
        .isInstanceOf(Admission.Refused.class);
  }

  @Test
  void aFullMempoolTakesNoMore() {
    Ledger small = Chains.ledger(Chains.policy(25, 1, 1_000));
    admit(small, pay(subsidy(1), SUBSIDY - FEE));
    Resolution.Resolved second = resolved(small, pay(subsidy(2), SUBSIDY - FEE));
    assertThat(small.admit(second, NOW)).isEqualTo(new Admission.Full());
    settle(small, NOW);
    assertThat(small.admit(second, NOW)).isInstanceOf(Admission.Admitted.class);
  }

  @Test
  void aCoinOfATransferInFlightCanBeSpentAndHasItsBlocksHeight() {
    Transaction parent = admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    SealedBlock first = ledger.seal(NOW).orElseThrow();
    Transaction child = admit(ledger, pay(parent.outpoint(0), SUBSIDY - 2 * FEE));
    Transaction grandchild = admit(ledger, pay(child.outpoint(0), SUBSIDY - 3 * FEE));
    assertThat(ledger.seal(NOW)).isEmpty();
    ledger.committed(first);
    SealedBlock second = settle(ledger, NOW);
    assertThat(second.block().transactions().subList(1, 3)).containsExactly(child, grandchild);
    assertThat(second.spent().get(1).get(0).height()).isEqualTo(251);
    assertThat(second.spent().get(2).get(0).height()).isEqualTo(252);
  }

  @Test
  void anAbandonedBlocksTransfersAreFirstInTheNext() {
    Transaction first = admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    SealedBlock abandoned = ledger.seal(NOW).orElseThrow();
    Transaction second = admit(ledger, pay(first.outpoint(0), SUBSIDY - 2 * FEE));
    ledger.abandoned(abandoned);
    assertThat(ledger.pending())
        .extracting(PendingTransfer::transfer)
        .containsExactly(first, second);
    assertThat(ledger.pending()).isSameAs(ledger.pending());
    SealedBlock block = settle(ledger, NOW + 1);
    assertThat(block.height()).isEqualTo(abandoned.height());
    assertThat(block.block().transactions().subList(1, 3)).containsExactly(first, second);
    assertThat(block.hash()).isNotEqualTo(abandoned.hash());
  }

  @Test
  void onlyTheBlockInFlightCanBeCommittedOrAbandoned() {
    admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    SealedBlock block = settle(ledger, NOW);
    assertThatThrownBy(() -> ledger.committed(block)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ledger.abandoned(block)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theBlocksRestGoesIntoTheNext() {
    Ledger narrow = Chains.ledger(Chains.network(1_000, 4_000, 80_000), Policy.DEFAULT);
    for (int i = 1; i <= 10; i++) {
      admit(narrow, pay(subsidy(i), SUBSIDY - FEE));
    }
    SealedBlock first = settle(narrow, NOW);
    assertThat(first.transferCount()).isBetween(2, 6);
    assertThat(first.block().weight()).isLessThanOrEqualTo(4_000);
    SealedBlock second = settle(narrow, NOW);
    assertThat(second.transferCount())
        .isEqualTo(Math.min(10 - first.transferCount(), first.transferCount()));
  }

  @Test
  void signatureOperationsFillABlockToo() {
    Ledger narrow = Chains.ledger(Chains.network(1_000, 4_000_000, 3), Policy.DEFAULT);
    for (int i = 1; i <= 5; i++) {
      admit(narrow, pay(subsidy(i), SUBSIDY - FEE));
    }
    assertThat(settle(narrow, NOW).transferCount()).isEqualTo(3);
    assertThat(settle(narrow, NOW).transferCount()).isEqualTo(2);
  }

  @Test
  void noBlockIsSealedWithoutATransferNorFasterThanTheCadence() {
    assertThat(ledger.seal(NOW)).isEmpty();
    assertThat(ledger.nextSealMillis(NOW)).isEmpty();
    for (int i = 1; i <= 6; i++) {
      admit(ledger, pay(subsidy(i), SUBSIDY - FEE));
      settle(ledger, NOW);
    }
    admit(ledger, pay(subsidy(7), SUBSIDY - FEE));
    assertThat(ledger.nextSealMillis(NOW)).hasValue(NOW + 167);
    assertThat(ledger.seal(NOW + 166)).isEmpty();
    SealedBlock block = ledger.seal(NOW + 167).orElseThrow();
    assertThat(ledger.nextSealMillis(NOW + 167)).isEmpty();
    assertThat(ledger.oldestPendingMillis()).hasValue(NOW);
    ledger.committed(block);
    assertThat(ledger.oldestPendingMillis()).isEmpty();
  }

  @Test
  void tooManyUnflushedChangesHoldTheNextBlock() {
    Policy d = Policy.DEFAULT;
    Policy tight =
        new Policy(d.dust(), 400_000, 16_000, 83, 100, 1_000_000, 25, 1_000, 149, 5, 5, 0);
    Ledger held = Chains.ledger(tight);
    admit(held, pay(subsidy(1), SUBSIDY - FEE));
    assertThat(held.seal(NOW)).isEmpty();
    assertThat(held.nextSealMillis(NOW)).isEmpty();
    held.coins().flushed(held.coins().takeChanges().orElseThrow());
    assertThat(held.seal(NOW)).isPresent();
  }

  @Test
  void aBlockWaitsForAClockThatIsALittleBehindTheChainAndNotForOneFarBehind() {
    for (int i = 1; i <= 6; i++) {
      admit(ledger, pay(subsidy(i), SUBSIDY - FEE));
      settle(ledger, NOW + i * 1_000L);
    }
    admit(ledger, pay(subsidy(7), SUBSIDY - FEE));
    long median = ledger.medianTimePast() * 1_000;
    assertThat(median).isGreaterThan(NOW - 1_000);
    assertThat(ledger.nextSealMillis(median)).hasValue(median);
    assertThat(ledger.nextSealMillis(median - 1)).hasValue(median);
    assertThat(ledger.nextSealMillis(median - 10_000)).hasValue(median);
    assertThat(ledger.nextSealMillis(median - 10_001)).hasValue(median - 10_001);
    long newest = (NOW + 6_000) / 1_000 * 1_000;
    assertThat(ledger.headerLeadMillis(newest - 1_500)).isEqualTo(1_500);
    assertThat(ledger.headerLeadMillis(newest + 1)).isZero();
  }

  @Test
  void headerTimesRiseEvenIfTheClockStandsStill() {
    SealedBlock last = null;
    for (int i = 1; i <= 30; i++) {
      admit(ledger, pay(subsidy(i), SUBSIDY - FEE));
      long median = ledger.medianTimePast();
      last = settle(ledger, NOW + i * 200L);
      assertThat(last.block().header().unixSeconds()).isGreaterThan(median);
    }
    // Six seconds of blocks: never more than a second ahead of the clock.
    assertThat(last.block().header().unixSeconds()).isBetween(NOW / 1_000 + 6, NOW / 1_000 + 7);
  }

  @Test
  void replayRebuildsTheSameState() {
    admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    SealedBlock first = settle(ledger, NOW);
    Transaction second = admit(ledger, pay(first.block().transactions().get(1).outpoint(0), 9_000));
    SealedBlock block = settle(ledger, NOW);

    Ledger again = Chains.ledger(Policy.DEFAULT);
    again.replay(first);
    again.replay(block);
    assertThat(again.tip()).isEqualTo(ledger.tip());
    assertThat(again.coins().coin(second.outpoint(0)))
        .isEqualTo(ledger.coins().coin(second.outpoint(0)));
    assertThat(again.coins().takeChanges().orElseThrow().created())
        .isEqualTo(ledger.coins().takeChanges().orElseThrow().created());
    assertThatThrownBy(() -> again.replay(first)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void replayRefusesSumsThatDoNotAddUp() {
    admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    SealedBlock good = settle(ledger, NOW);
    ChainTotals t = good.totals();
    SealedBlock bad =
        new SealedBlock(
            good.height(),
            good.hash(),
            good.block(),
            good.timeMillis(),
            good.certificate(),
            good.spent(),
            new ChainTotals(t.transfers(), t.coins(), Amount.ZERO, t.burned(), t.issued()));
    assertThatThrownBy(() -> Chains.ledger(Policy.DEFAULT).replay(bad))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void moneyFromNowhereStopsTheSealing() {
    // A resolution nobody gave: it claims a fee that the transfer does not pay.
    Resolution.Resolved honest = resolved(ledger, pay(subsidy(1), SUBSIDY - FEE));
    Resolution.Resolved forged =
        new Resolution.Resolved(
            honest.transfer(), honest.coins(), Amount.ofSat(2 * FEE), honest.sigopCost());
    ledger.admit(forged, NOW);
    assertThatThrownBy(() -> ledger.seal(NOW)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void pendingTransfersCanBeLookedUp() {
    Transaction transfer = admit(ledger, pay(subsidy(1), SUBSIDY - FEE));
    assertThat(ledger.pending(transfer.txid()).map(PendingTransfer::transfer)).contains(transfer);
    assertThat(ledger.pendingSpender(subsidy(1))).isEqualTo(ledger.pending(transfer.txid()));
    assertThat(ledger.pendingSpender(subsidy(2))).isEmpty();
    assertThat(ledger.pendingWeight()).isEqualTo(transfer.weight());
    assertThat(ledger.pending(new Hash(1, 1, 1, 1))).isEmpty();
  }

  @Test
  void aLoadMayHoldMoreThanATransferAsksFor() {
    Outpoint nowhere = new Outpoint(new Hash(9, 9, 9, 9), 0);
    CoinLoad load = ledger.beginLoad(List.of(nowhere, nowhere, subsidy(3)));
    assertThat(load.outpoints()).containsExactlyInAnyOrder(nowhere, subsidy(3));
    assertThat(ledger.resolve(pay(subsidy(1), SUBSIDY - FEE), load, Map.of()))
        .isInstanceOf(Resolution.Resolved.class);
  }
}
