package network.tender.settlement;

import static network.tender.settlement.TestChain.NETWORK;
import static network.tender.settlement.TestChain.SCRIPT;
import static network.tender.settlement.TestChain.await;
import static network.tender.settlement.TestChain.script;
import static network.tender.settlement.TestChain.spend;
import static network.tender.settlement.TestChain.treasuryCoins;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.journal.NoChainIndex;
import network.tender.ledger.Coin;
import network.tender.ledger.PendingTransfer;
import network.tender.ledger.Policy;
import network.tender.ledger.Reason;
import network.tender.ledger.Receipt;
import network.tender.ledger.ReceiptVerifier;
import network.tender.ledger.Resolution;
import network.tender.ledger.SealedBlock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PipelineTest {
  private final Vertx vertx = Vertx.vertx();
  private final MemoryStorage memory = new MemoryStorage();
  private final TestChain chain = new TestChain(vertx, memory.storage());

  @AfterEach
  void close() {
    memory.release();
    await(vertx.close());
  }

  private static Receipt settled(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Settled.class);
    return ((Outcome.Settled) outcome).receipt();
  }

  private static void assertUnavailable(Outcome outcome, Outcome.Cause cause) {
    assertThat(outcome).isInstanceOf(Outcome.Unavailable.class);
    assertThat(((Outcome.Unavailable) outcome).cause()).isEqualTo(cause);
  }

  private static network.tender.ledger.Rejection refused(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused) outcome).rejection();
  }

  private static Outcome submit(Settlement settlement, Transaction transfer) {
    return await(settlement.submit(transfer, Settlement.Wait.SETTLED));
  }

  @Test
  void aNewChainIssuesAllMoneyToTheTreasury() {
    Pipeline pipeline = await(chain.start());
    assertThat(pipeline.status().height()).isEqualTo(Network.BOOTSTRAP_BLOCKS);
    assertThat(pipeline.status().totals().unspent()).isEqualTo(Network.issued());
    assertThat(treasuryCoins(pipeline)).hasSizeGreaterThan(100);
  }

  @Test
  void aTransferIsSettledWithAReceiptThatProves() {
    Pipeline pipeline = await(chain.start());
    Transaction transfer = spend(treasuryCoins(pipeline).get(0), script(1));
    Receipt receipt = settled(submit(pipeline, transfer));
    assertThat(receipt.txid()).isEqualTo(transfer.txid());
    assertThat(receipt.height()).isEqualTo(Network.BOOTSTRAP_BLOCKS + 1);
    assertThat(
            new ReceiptVerifier(TestChain.CURVE)
                .verify(receipt, NETWORK.validators(), 1)
                .isProved())
        .isTrue();
    assertThat(await(pipeline.receipt(transfer.txid()))).contains(receipt);
    assertThat(await(pipeline.coinsOf(script(1).hash(), 1_000)))
        .containsOnlyKeys(transfer.outpoint(0));
    assertThat(pipeline.status().totals().supplyDifferenceSat()).isZero();
    assertThat(chain.registry.get("tender.transfers").tag("outcome", "settled").counter().count())
        .isEqualTo(1);
  }

  @Test
  void aCoinOfAnyScriptSettlesTooAndAWrongScriptIsRefused() {
    Pipeline pipeline = await(chain.start());
    byte[] anybody = {0x51};
    Transaction parent =
        spend(treasuryCoins(pipeline).get(0), Script.p2wsh(Hashing.sha256(anybody)));
    settled(submit(pipeline, parent));
    assertThat(refused(submit(pipeline, child(parent, new byte[] {0x52}))).wireText())
        .isEqualTo("mempool-script-verify-flag-failed (Witness program hash mismatch)");
    settled(submit(pipeline, child(parent, anybody)));
  }

  private static Transaction child(Transaction parent, byte[] script) {
    return Transaction.build(
        2,
        List.of(TransferInput.unsigned(parent.outpoint(0)).withWitness(List.of(script))),
        List.of(new TransferOutput(parent.amount(0).minus(TestChain.FEE), script(2))),
        0);
  }

  @Test
  void transfersThatTakeLongHaveAThreadOfTheirOwn() {
    Pipeline pipeline = await(chain.start());
    Map.Entry<Outpoint, Coin> coin = treasuryCoins(pipeline).get(0);
    Transaction quick = spend(coin, script(1));
    assertThat(SignatureWorkers.isSlow(resolved(quick, coin.getValue(), 1))).isFalse();
    Coin general = new Coin(coin.getValue().amount(), Script.p2wsh(new byte[32]), 1, false);
    assertThat(SignatureWorkers.isSlow(resolved(quick, general, 1))).isTrue();
    for (int inputs : List.of(64, 65)) {
      Transaction many =
          Transaction.build(
              2,
              IntStream.range(0, inputs)
                  .mapToObj(i -> TransferInput.unsigned(new Outpoint(Hash.ZERO, i)))
                  .toList(),
              List.of(new TransferOutput(TestChain.FEE, script(1))),
              0);
      assertThat(SignatureWorkers.isSlow(resolved(many, coin.getValue(), inputs)))
          .isEqualTo(inputs == 65);
    }
  }

  private static Resolution.Resolved resolved(Transaction transfer, Coin coin, int inputs) {
    return new Resolution.Resolved(
        transfer, java.util.Collections.nCopies(inputs, coin), TestChain.FEE, 1);
  }

  @Test
  void mediansOfOldBlocksAreReadFromTheJournal() {
    Pipeline pipeline = await(chain.start());
    List<Long> times = await(memory.headerTimes(0, 200));
    Map<Integer, Long> medians = await(new MedianTimes(memory).at(List.of(100, 3)));
    assertThat(medians)
        .containsOnly(
            Map.entry(100, times.get(95)), // of the times of blocks 90 to 100
            Map.entry(3, times.get(2))); // of blocks 0 to 3
    assertThat(pipeline.status().height()).isEqualTo(Network.BOOTSTRAP_BLOCKS);
  }

  @Test
  void theSameTransferFiftyTimesIsSettledOnce() throws Exception {
    Pipeline pipeline = await(chain.start());
    Transaction transfer = spend(treasuryCoins(pipeline).get(0), script(1));
    List<SealedBlock> blocks = new ArrayList<>();
    pipeline.onBlock(blocks::add);
    memory.hold();
    List<Future<Outcome>> answers =
        inParallel(50, i -> pipeline.submit(copy(transfer), Settlement.Wait.SETTLED));
    memory.release();
    Receipt first = settled(await(answers.get(0)));
    for (Future<Outcome> answer : answers) {
      assertThat(settled(await(answer))).isEqualTo(first);
    }
    assertThat(settled(submit(pipeline, transfer))).isEqualTo(first);
    assertThat(blocks).hasSize(1);
    assertThat(blocks.get(0).transferCount()).isEqualTo(1);
  }

  private static Transaction copy(Transaction transfer) {
    try {
      return Transaction.parse(transfer.toBytes());
    } catch (network.tender.chain.MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static <T> List<T> inParallel(int count, java.util.function.IntFunction<T> task)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      CountDownLatch go = new CountDownLatch(1);
      List<java.util.concurrent.Future<T>> started =
          IntStream.range(0, count)
              .mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            go.await();
                            return task.apply(i);
                          }))
              .toList();
      go.countDown();
      List<T> results = new ArrayList<>();
      for (java.util.concurrent.Future<T> future : started) {
        results.add(future.get(20, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void ofManyTransfersThatSpendOneCoinExactlyOneWinsAndTheOthersNameIt() throws Exception {
    Pipeline pipeline = await(chain.start());
    Map.Entry<Outpoint, Coin> coin = treasuryCoins(pipeline).get(0);
    List<Transaction> rivals =
        IntStream.range(0, 40).mapToObj(i -> spend(coin, script(i))).toList();
    List<Outcome> outcomes = inParallel(40, i -> submit(pipeline, rivals.get(i)));
    List<Hash> winners =
        outcomes.stream()
            .filter(Outcome.Settled.class::isInstance)
            .map(outcome -> settled(outcome).txid())
            .toList();
    assertThat(winners).hasSize(1);
    for (Outcome outcome : outcomes) {
      if (!(outcome instanceof Outcome.Settled)) {
        assertThat(refused(outcome).reason()).isIn(Reason.CONFLICT, Reason.DOUBLE_SPEND);
        assertThat(refused(outcome).conflict()).contains(winners.get(0));
      }
    }
    assertThat(pipeline.status().totals().transfers()).isEqualTo(1);
  }

  @Test
  void chainsOfPendingTransfersSettleTogether() {
    Pipeline pipeline = await(chain.start());
    Map.Entry<Outpoint, Coin> coin = treasuryCoins(pipeline).get(0);
    // Something else keeps the first commit busy, so that all of the chain pends.
    memory.hold();
    Future<Outcome> other =
        pipeline.submit(spend(treasuryCoins(pipeline).get(1), script(9)), Settlement.Wait.SETTLED);
    Outpoint outpoint = coin.getKey();
    TransferOutput output = coin.getValue().output();
    List<Future<Outcome>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Transaction next = spend(outpoint, output, script(i), Amount.ofSat(100_000));
      assertThat(await(pipeline.submit(next, Settlement.Wait.ACCEPTED)))
          .isEqualTo(new Outcome.Accepted(next.txid()));
      answers.add(pipeline.submit(next, Settlement.Wait.SETTLED));
      outpoint = next.outpoint(1);
      output = next.output(1);
    }
    assertThat(pipeline.status().pendingTransfers()).isEqualTo(21);
    memory.release();
    settled(await(other));
    answers.forEach(answer -> settled(await(answer)));
    assertThat(pipeline.status().pendingTransfers()).isZero();
  }

  @Test
  void whoSpentACoinIsToldEvenAfterARestart() {
    Pipeline pipeline = await(chain.start());
    Map.Entry<Outpoint, Coin> coin = treasuryCoins(pipeline).get(0);
    Transaction winner = spend(coin, script(1));
    Receipt receipt = settled(submit(pipeline, winner));
    assertThat(refused(submit(pipeline, spend(coin, script(2)))).conflict())
        .contains(winner.txid());
    await(pipeline.stop());

    Pipeline again = await(new TestChain(vertx, memory.storage()).start());
    assertThat(settled(submit(again, winner))).isEqualTo(receipt);
    assertThat(await(again.receipt(winner.txid()))).contains(receipt);
    network.tender.ledger.Rejection loser = refused(submit(again, spend(coin, script(2))));
    assertThat(loser.reason()).isEqualTo(Reason.DOUBLE_SPEND);
    assertThat(loser.conflict()).contains(winner.txid());
  }

  @Test
  void whoSpentACoinIsToldIfItWasStillThereWhenTheStoreWasAsked() {
    Pipeline first = await(chain.start());
    Map.Entry<Outpoint, Coin> coin = treasuryCoins(first).get(0);
    await(first.stop());
    // Flushes never come, so that the store goes on having what is spent.
    Pipeline pipeline =
        await(
            new TestChain(vertx, memory.storage())
                .with(new SettlementSettings(10_000, 10_000, 2, 600_000, 5_000, 15_000, 600_000))
                .start());
    memory.holdNextLoad();
    Future<Outcome> late = pipeline.submit(spend(coin, script(2)), Settlement.Wait.SETTLED);
    for (int i = 0; i < 500 && memory.heldLoads() == 0; i++) {
      await(vertx.timer(10));
    }
    assertThat(memory.heldLoads()).isEqualTo(1);
    Transaction winner = spend(coin, script(1));
    settled(submit(pipeline, winner));
    memory.releaseLoads();
    network.tender.ledger.Rejection loser = refused(await(late));
    assertThat(loser.reason()).isEqualTo(Reason.DOUBLE_SPEND);
    assertThat(loser.conflict()).contains(winner.txid());
  }

  @Test
  void aCoinThatNeverWasIsUnknown() {
    Pipeline pipeline = await(chain.start());
    Outpoint nowhere = new Outpoint(new Hash(1, 2, 3, 4), 0);
    Transaction transfer =
        spend(
            nowhere,
            new TransferOutput(Amount.ofSat(1_000_000), SCRIPT),
            script(1),
            Amount.ofSat(900_000));
    network.tender.ledger.Rejection rejection = refused(submit(pipeline, transfer));
    assertThat(rejection.reason()).isEqualTo(Reason.UNKNOWN_COIN);
    assertThat(rejection.conflict()).isEmpty();
    assertThat(await(pipeline.receipt(transfer.txid()))).isEqualTo(Optional.empty());
  }

  @Test
  void aWrongSignatureIsRefusedAndTheRightOneStillSettles() {
    Pipeline pipeline = await(chain.start());
    Map.Entry<Outpoint, Coin> coin = treasuryCoins(pipeline).get(0);
    Transaction good = spend(coin, script(1));
    List<byte[]> witness = new ArrayList<>(good.witness(0));
    witness.set(0, spend(coin, script(2)).witness(0).get(0));
    Transaction bad =
        Transaction.build(
            2,
            List.of(TransferInput.unsigned(coin.getKey()).withWitness(witness)),
            List.of(good.output(0), good.output(1)),
            0);
    assertThat(bad.txid()).isEqualTo(good.txid());
    Future<Outcome> refusal = pipeline.submit(bad, Settlement.Wait.SETTLED);
    Future<Outcome> success = pipeline.submit(good, Settlement.Wait.SETTLED);
    assertThat(refused(await(refusal)).reason()).isEqualTo(Reason.SCRIPT_FAILED);
    assertThat(refused(await(refusal)).detail()).startsWith("nullfail");
    settled(await(success));
  }

  @Test
  void beyondTheIntakeLimitTheNodeIsBusy() throws Exception {
    SettlementSettings tight = new SettlementSettings(4, 10_000, 1, 1_000, 5_000, 15_000, 600_000);
    Pipeline pipeline = await(chain.with(tight).start());
    List<Transaction> transfers =
        treasuryCoins(pipeline).subList(0, 11).stream().map(c -> spend(c, script(1))).toList();
    CountDownLatch writerIsHeld = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Runnable unsubscribe =
        pipeline.onBlock(
            block -> {
              writerIsHeld.countDown();
              awaitLatch(go);
            });
    Future<Outcome> first = pipeline.submit(transfers.get(0), Settlement.Wait.SETTLED);
    assertThat(writerIsHeld.await(10, TimeUnit.SECONDS)).isTrue();
    unsubscribe.run();
    List<Future<Outcome>> rest = new ArrayList<>();
    for (Transaction transfer : transfers.subList(1, 11)) {
      rest.add(pipeline.submit(transfer, Settlement.Wait.SETTLED));
    }
    for (Future<Outcome> answer : rest.subList(4, 10)) {
      assertUnavailable(await(answer), Outcome.Cause.BUSY);
    }
    assertThat(pipeline.turnsAway()).isTrue();
    go.countDown();
    settled(await(first));
    rest.subList(0, 4).forEach(answer -> settled(await(answer)));
    // The places are free again.
    assertThat(pipeline.turnsAway()).isFalse();
    settled(submit(pipeline, transfers.get(9)));
    // Six that were handed in, and one that was asked for.
    assertThat(chain.registry.get("tender.intake.rejects").counter().count()).isEqualTo(7);
    assertThat(chain.registry.get("tender.intake.transfers").gauge().value()).isZero();
  }

  @Test
  void madeUpCoinsDoNotKeepHonestPaymentsOut() {
    Pipeline pipeline = await(chain.start());
    Map.Entry<Outpoint, Coin> coin = treasuryCoins(pipeline).get(0);
    memory.holdReadings();
    int surplus = 40;
    // Four are being looked up, so many wait, and for the rest there is no room.
    int room = 4 + LedgerVerticle.MAX_WAITING_LOOKUPS;
    List<Future<Outcome>> junk = new ArrayList<>();
    for (int i = 0; i < room + surplus; i++) {
      byte[] txid = new byte[32];
      txid[0] = (byte) i;
      txid[1] = (byte) (i >> 8);
      junk.add(
          pipeline.submit(
              spend(
                  new Outpoint(Hash.of(txid), 0),
                  coin.getValue().output(),
                  script(1),
                  Amount.ofSat(1_000_000)),
              Settlement.Wait.SETTLED));
    }
    for (Future<Outcome> turnedAway : junk.subList(room, room + surplus)) {
      assertUnavailable(await(turnedAway), Outcome.Cause.BUSY);
    }
    settled(submit(pipeline, spend(coin, script(2))));
    assertThat(chain.registry.get("tender.spend.lookup.rejects").counter().count())
        .isEqualTo(surplus);
    memory.releaseReadings();
    for (Future<Outcome> known : junk.subList(0, room)) {
      assertThat(refused(await(known)).reason()).isEqualTo(Reason.UNKNOWN_COIN);
    }
  }

  @Test
  void aStopIsInOrderEvenWhileTooManyAsk() {
    Pipeline pipeline = await(chain.start());
    memory.holdReadings();
    List<Future<Map<Outpoint, Coin>>> questions = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      questions.add(pipeline.coinsOf(SCRIPT.hash(), 1));
    }
    assertThat(failure(pipeline.coinsOf(SCRIPT.hash(), 1))).isInstanceOf(BusyException.class);
    await(pipeline.stop());
    assertThat(memory.storedCoins()).isGreaterThan(100);
    memory.releaseReadings();
    questions.forEach(question -> assertThat(await(question)).hasSize(1));
  }

  @Test
  void aQuestionThatTheDatabaseDoesNotAnswerEnds() {
    Pipeline pipeline =
        await(chain.with(new SettlementSettings(100, 5_000, 1, 50, 5_000, 100, 600_000)).start());
    memory.holdReadings();
    assertThat(failure(pipeline.receipt(Hash.ZERO))).isInstanceOf(TimeoutException.class);
    assertThat(failure(pipeline.coinsOf(SCRIPT.hash(), 1))).isInstanceOf(TimeoutException.class);
  }

  @Test
  void aStopWhileTheDatabaseIsAwayIsNoAlarm() {
    SettlementSettings hasty = new SettlementSettings(100, 5_000, 1, 600_000, 100, 15_000, 600_000);
    Pipeline pipeline = await(chain.with(hasty).start());
    memory.hold();
    Transaction transfer = spend(treasuryCoins(pipeline).get(0), script(1));
    Future<Outcome> answer = pipeline.submit(transfer, Settlement.Wait.SETTLED);
    assertThat(await(pipeline.submit(transfer, Settlement.Wait.ACCEPTED)))
        .isInstanceOf(Outcome.Accepted.class);
    await(pipeline.stop());
    assertUnavailable(await(answer), Outcome.Cause.NOT_READY);
    memory.close();
    // Still unsettled, and nobody has been told that the chain must not go on.
    assertThat(await(pipeline.isPending(transfer.txid()))).isTrue();
    assertThat(chain.fatal).isEmpty();
  }

  @Test
  void pendingTransfersAreToldUntilTheirBlockIsDurable() {
    Pipeline pipeline = await(chain.start());
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(pipeline);
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    Runnable unsubscribe =
        pipeline.onPending(pending -> heard.add("pending " + pending.transfer().txid()));
    pipeline.onBlock(
        block ->
            block.block().txids().stream().skip(1).forEach(txid -> heard.add("settled " + txid)));
    assertThat(await(pipeline.pendingTransfers()).transfers()).isEmpty();
    memory.hold();
    Transaction first = spend(coins.get(0), script(1));
    Transaction second = spend(coins.get(1), script(2));
    Future<Outcome> answer = pipeline.submit(first, Settlement.Wait.SETTLED);
    await(pipeline.submit(first, Settlement.Wait.ACCEPTED));
    await(pipeline.submit(second, Settlement.Wait.ACCEPTED));
    // The first is in the block in flight by now, the second waits for the next one.
    List<PendingTransfer> listed = await(pipeline.pendingTransfers()).transfers();
    assertThat(listed).extracting(PendingTransfer::transfer).containsExactly(first, second);
    assertThat(listed.get(0).spent()).containsExactly(coins.get(0).getValue());
    assertThat(listed.get(0).fee()).isEqualTo(TestChain.FEE);
    assertThat(await(pipeline.pendingTransfers()).transfers()).isSameAs(listed);
    assertThat(await(pipeline.pending(first.txid()))).contains(listed.get(0));
    Outpoint free = coins.get(2).getKey();
    assertThat(await(pipeline.pendingSpenders(List.of(coins.get(1).getKey(), free))))
        .isEqualTo(Map.of(coins.get(1).getKey(), listed.get(1)));
    assertThat(heard).containsExactly("pending " + first.txid(), "pending " + second.txid());
    memory.release();
    settled(await(answer));
    settled(submit(pipeline, second));
    assertThat(await(pipeline.pendingTransfers()).transfers()).isEmpty();
    assertThat(await(pipeline.pending(first.txid()))).isEmpty();
    unsubscribe.run();
    Transaction third = spend(coins.get(2), script(3));
    settled(submit(pipeline, third));
    assertThat(heard.subList(2, heard.size()))
        .containsExactly(
            "settled " + first.txid(), "settled " + second.txid(), "settled " + third.txid());
  }

  /** Whoever were told "refused" would take it for unpaid, and pay once more. */
  @Test
  void withoutAnIndexASettledTransferOfThePastIsNotRefused() {
    Pipeline first = await(chain.start());
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(first);
    Transaction transfer = spend(coins.get(0), script(1));
    settled(submit(first, transfer));
    await(first.stop());
    Storage kept = memory.storage();
    Storage without = new Storage(kept.journal(), kept.coins(), new NoChainIndex());
    Pipeline second = await(new TestChain(vertx, without).start());
    assertUnavailable(submit(second, transfer), Outcome.Cause.OUTCOME_UNKNOWN);
    settled(submit(second, spend(coins.get(1), script(2))));
  }

  @Test
  void aBlockIsInTheStatusBeforeTheIndexCanNameIt() {
    Pipeline pipeline = await(chain.start());
    List<Integer> ahead = Collections.synchronizedList(new ArrayList<>());
    memory.beforeIndexing(block -> ahead.add(block.height() - pipeline.status().height()));
    for (Map.Entry<Outpoint, Coin> coin : treasuryCoins(pipeline).subList(0, 3)) {
      settled(submit(pipeline, spend(coin, script(1))));
    }
    assertThat(ahead).containsExactly(0, 0, 0);
  }

  @Test
  void theLagOfTheCoinStoreIsRightFromTheStart() {
    await(await(chain.start()).stop());
    SettlementSettings seldom =
        new SettlementSettings(100, 5_000, 1, 600_000, 5_000, 15_000, 600_000);
    TestChain again = new TestChain(vertx, memory.storage()).with(seldom);
    assertThat(await(again.start()).status().height()).isEqualTo(Network.BOOTSTRAP_BLOCKS);
    assertThat(again.registry.get("tender.coin.store.lag.blocks").gauge().value()).isZero();
  }

  private static Throwable failure(Future<?> future) {
    return await(
        future.transform(
            ended ->
                Future.succeededFuture(
                    Optional.ofNullable(ended.cause())
                        .orElseThrow(() -> new AssertionError("it did not fail")))));
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void beyondThePendingLimitTheNodeIsBusy() {
    Policy d = Policy.DEFAULT;
    Policy tight =
        new Policy(
            d.dust(),
            d.maxTransferWeight(),
            d.maxTransferSigopCost(),
            d.maxDataBytes(),
            3,
            d.maxPendingWeight(),
            d.maxPendingChain(),
            d.maxCleanCoins(),
            d.maxUnflushedChanges(),
            d.blocksPerSecond(),
            d.blockBurst(),
            0);
    Pipeline pipeline = await(chain.with(tight).start());
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(pipeline);
    memory.hold();
    List<Future<Outcome>> pending = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Transaction transfer = spend(coins.get(i), script(i));
      await(pipeline.submit(transfer, Settlement.Wait.ACCEPTED));
      pending.add(pipeline.submit(transfer, Settlement.Wait.SETTLED));
    }
    Transaction tooMany = spend(coins.get(3), script(3));
    assertUnavailable(submit(pipeline, tooMany), Outcome.Cause.BUSY);
    memory.release();
    pending.forEach(answer -> settled(await(answer)));
    settled(submit(pipeline, tooMany));
  }

  @Test
  void whoWaitsTooLongHearsSoAndTheTransferSettlesAllTheSame() {
    Pipeline pipeline =
        await(chain.with(new SettlementSettings(100, 200, 1, 50, 5_000, 15_000, 600_000)).start());
    Transaction transfer = spend(treasuryCoins(pipeline).get(0), script(1));
    memory.hold();
    assertUnavailable(submit(pipeline, transfer), Outcome.Cause.DELAYED);
    assertThat(pipeline.status().pendingTransfers()).isEqualTo(1);
    memory.release();
    settled(submit(pipeline, transfer));
  }

  @Test
  void withoutAJournalNewTransfersAreRefusedAtTheDoorAndPendingOnesStay() {
    Pipeline pipeline = await(chain.start());
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(pipeline);
    memory.hold();
    Future<Outcome> pending =
        pipeline.submit(spend(coins.get(0), script(1)), Settlement.Wait.SETTLED);
    memory.available(false);
    assertUnavailable(submit(pipeline, spend(coins.get(1), script(2))), Outcome.Cause.JOURNAL_DOWN);
    assertThat(pending.isComplete()).isFalse();
    memory.available(true);
    memory.release();
    settled(await(pending));
    settled(submit(pipeline, spend(coins.get(1), script(2))));
  }

  @Test
  void coinsThatCanNotBeReadAreNotUnknown() {
    await(await(chain.start()).stop());
    Pipeline pipeline = await(new TestChain(vertx, memory.storage()).start());
    Transaction transfer = spend(treasuryCoins(pipeline).get(0), script(1));
    memory.failLoads(true);
    assertUnavailable(submit(pipeline, transfer), Outcome.Cause.BUSY);
    memory.failLoads(false);
    settled(submit(pipeline, transfer));
  }

  @Test
  void aLostLeaseStopsTheLedgerAndAcknowledgesNothing() throws Exception {
    Pipeline pipeline = await(chain.start());
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(pipeline);
    memory.loseLease("Another node has become the writer.");
    assertUnavailable(submit(pipeline, spend(coins.get(0), script(1))), Outcome.Cause.NOT_READY);
    assertThat(chain.fatal.poll(10, TimeUnit.SECONDS)).startsWith("Another node");
    assertUnavailable(submit(pipeline, spend(coins.get(1), script(1))), Outcome.Cause.NOT_READY);
    assertThat(pipeline.status().height()).isEqualTo(Network.BOOTSTRAP_BLOCKS);
  }

  @Test
  void aStopFinishesWhatIsUnderWay() {
    Pipeline pipeline = await(chain.start());
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(pipeline);
    memory.hold();
    List<Future<Outcome>> answers =
        coins.subList(0, 30).stream()
            .map(coin -> pipeline.submit(spend(coin, script(1)), Settlement.Wait.SETTLED))
            .toList();
    Future<Void> stopped = pipeline.stop();
    assertUnavailable(submit(pipeline, spend(coins.get(40), script(2))), Outcome.Cause.NOT_READY);
    assertThat(stopped.isComplete()).isFalse();
    memory.release();
    await(stopped);
    answers.forEach(answer -> settled(await(answer)));
    Settlement.Status before = pipeline.status();
    Pipeline again = await(new TestChain(vertx, memory.storage()).start());
    assertThat(again.status()).isEqualTo(before);
    assertThat(await(again.coinsOf(script(1).hash(), 1_000))).hasSize(30);
  }

  @Test
  void aReplayGivesTheSameTotalsAndCoins() {
    Pipeline pipeline =
        await(
            chain
                .with(new SettlementSettings(100, 5_000, 1, 600_000, 5_000, 15_000, 600_000))
                .start());
    List<Map.Entry<Outpoint, Coin>> coins = treasuryCoins(pipeline);
    for (int i = 0; i < 5; i++) {
      settled(submit(pipeline, spend(coins.get(i), script(i))));
    }
    Map<Outpoint, Coin> treasury = await(pipeline.coinsOf(SCRIPT.hash(), 1_000));
    Settlement.Status before = pipeline.status();
    // As if it had been killed: nothing of these blocks reached the coin store.
    memory.failFlushes(true);
    await(pipeline.stop());
    memory.failFlushes(false);
    assertThat(memory.storedCoins()).isZero();

    Pipeline again = await(new TestChain(vertx, memory.storage()).start());
    assertThat(again.status()).isEqualTo(before);
    assertThat(await(again.coinsOf(SCRIPT.hash(), 1_000))).isEqualTo(treasury);
    settled(submit(again, spend(coins.get(5), script(5))));
  }

  @Test
  void housePurseServesManyPaymentsSideBySide() {
    Pipeline pipeline = await(chain.start());
    HouseWallet faucet =
        await(
            HouseWallet.open(
                vertx,
                "faucet",
                pipeline,
                NETWORK,
                TestChain.CURVE,
                TestChain.SECRET,
                Optional.empty()));
    HouseWallet demo =
        await(
            HouseWallet.open(
                vertx,
                "demo wallet",
                pipeline,
                NETWORK,
                TestChain.CURVE,
                TestChain.secret(777),
                Optional.of(faucet)));
    List<Future<Outcome>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add((i % 2 == 0 ? faucet : demo).pay(script(i), Amount.ofSat(1_000_000)));
    }
    answers.forEach(answer -> settled(await(answer)));
    for (int i = 0; i < 100; i++) {
      assertThat(await(pipeline.coinsOf(script(i).hash(), 1_000)).values())
          .extracting(Coin::amount)
          .containsExactly(Amount.ofSat(1_000_000));
    }
    // More than the demo wallet has ever had; and more than there is.
    settled(await(demo.pay(script(500), Amount.ofSat(300 * Amount.SAT_PER_COIN))));
    assertThat(refused(await(faucet.pay(script(1), Amount.MAX))).reason())
        .isEqualTo(Reason.OVERSPEND);
    assertThat(pipeline.status().totals().supplyDifferenceSat()).isZero();
  }

  @Test
  void aHouseWalletWhoseCoinsOthersSpendGoesOn() {
    Pipeline pipeline = await(chain.start());
    HouseWallet faucet =
        await(
            HouseWallet.open(
                vertx,
                "faucet",
                pipeline,
                NETWORK,
                TestChain.CURVE,
                TestChain.SECRET,
                Optional.empty()));
    memory.hold();
    List<Future<Outcome>> foreign =
        treasuryCoins(pipeline).subList(0, 100).stream()
            .map(coin -> pipeline.submit(spend(coin, script(1)), Settlement.Wait.SETTLED))
            .toList();
    List<Future<Outcome>> ours = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ours.add(faucet.pay(script(2), Amount.ofSat(1_000_000)));
    }
    memory.release();
    foreign.forEach(answer -> await(answer));
    assertThat(
            ours.stream().map(TestChain::await).filter(Outcome.Settled.class::isInstance).count())
        .isPositive();
    settled(await(faucet.pay(script(3), Amount.ofSat(1_000_000))));
  }
}
