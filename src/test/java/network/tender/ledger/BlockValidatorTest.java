package network.tender.ledger;

import static network.tender.ledger.Chains.ALICE;
import static network.tender.ledger.Chains.NOW;
import static network.tender.ledger.Chains.SIGNER;
import static network.tender.ledger.Chains.admit;
import static network.tender.ledger.Chains.settle;
import static network.tender.ledger.Chains.spend;
import static network.tender.ledger.Chains.subsidy;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.TransferVerifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A good block, broken in one way after the other, and mended everywhere else. */
class BlockValidatorTest {
  private static final long NOW_SECONDS = NOW / 1_000;
  private static final long SUBSIDY = 5_000_000_000L;
  private static final int HEIGHT = 251;

  private final Network network;
  private final BlockValidator validator;
  private final SealedBlock good;

  BlockValidatorTest() {
    network = Network.regtest();
    validator = validator(network, spends -> Optional.empty());
    Ledger ledger = Chains.ledger(Policy.DEFAULT);
    Transaction parent = admit(ledger, spend(subsidy(1)).pay(SUBSIDY - 1_000, ALICE).build());
    admit(ledger, spend(parent.outpoint(0)).pay(SUBSIDY - 2_000, ALICE).build());
    admit(ledger, spend(subsidy(2)).pay(SUBSIDY - 1_000, ALICE).build());
    good = settle(ledger, NOW);
  }

  private static BlockValidator validator(
      Network network, BlockValidator.SignatureCheck signatureCheck) {
    BlockValidator validator =
        new BlockValidator(network, Chains.CURVE, BlockValidator.coinsInMemory(), signatureCheck);
    for (SealedBlock block : Chains.BOOTSTRAP) {
      assertThat(validator.validate(block.block(), Optional.empty(), NOW_SECONDS))
          .isInstanceOf(BlockValidator.Verdict.Valid.class);
    }
    return validator;
  }

  /** The reason for which a block is refused; it must leave the validator as it was. */
  private Reason reason(Block block) {
    return reason(validator, block);
  }

  private Reason reason(BlockValidator judge, Block block) {
    Certificate certificate = SIGNER.sign(block.hash(), HEIGHT);
    BlockValidator.Verdict verdict =
        judge.validate(block, Optional.of(certificate), NOW_SECONDS + 10);
    if (verdict instanceof BlockValidator.Verdict.Invalid invalid) {
      assertThat(judge.state().height()).isEqualTo(250);
      return invalid.rejection().reason();
    }
    throw new AssertionError("accepted");
  }

  private List<Transaction> transactions() {
    return new ArrayList<>(good.block().transactions());
  }

  private Transaction coinbase() {
    return good.block().transactions().get(0);
  }

  private Block mended(List<Transaction> transactions) {
    return BlockDraft.mended(good.block().header(), transactions);
  }

  private Block rooted(List<Transaction> transactions) {
    return BlockDraft.rooted(good.block().header(), transactions);
  }

  private Block worked(UnaryOperator<BlockHeader> change, List<Transaction> transactions) {
    return BlockDraft.worked(good.block().header(), change, transactions);
  }

  private static List<TransferInput> inputs(Transaction transaction) {
    return BlockDraft.inputs(transaction);
  }

  private static List<TransferOutput> outputs(Transaction transaction) {
    return BlockDraft.outputs(transaction);
  }

  private Block withCoinbase(UnaryOperator<Transaction> change) {
    List<Transaction> transactions = transactions();
    transactions.set(0, change.apply(coinbase()));
    return mended(transactions);
  }

  private Block withTransfer(Transaction transfer) {
    List<Transaction> transactions = transactions();
    transactions.add(transfer);
    return mended(transactions);
  }

  @Test
  void theGoodBlockPasses() {
    assertThat(validator.validate(good.block(), Optional.of(good.certificate()), NOW_SECONDS + 10))
        .isInstanceOfSatisfying(
            BlockValidator.Verdict.Valid.class,
            valid -> assertThat(valid.block().totals()).isEqualTo(good.totals()));
    assertThat(validator.state().hash()).isEqualTo(good.hash());
  }

  @Test
  void mendingAGoodBlockLeavesItGood() {
    assertThat(mended(transactions()).hash()).isEqualTo(good.hash());
  }

  @Test
  void theTargetMustBeTheChains() {
    assertThat(
            reason(
                worked(
                    h ->
                        new BlockHeader(
                            h.version(),
                            h.previous(),
                            h.merkleRoot(),
                            h.timeSeconds(),
                            0x207ffffe,
                            0),
                    transactions())))
        .isEqualTo(Reason.BAD_BITS);
  }

  @Test
  void theHashMustMeetTheTarget() {
    BlockHeader header = good.block().header();
    while (header.meetsTarget()) {
      header = header.withNonce(header.nonce() + 1);
    }
    assertThat(reason(new Block(header, transactions()))).isEqualTo(Reason.HIGH_HASH);
  }

  @Test
  void theBlockMustFollowTheTip() {
    assertThat(
            reason(
                worked(
                    h ->
                        new BlockHeader(
                            h.version(), Hash.ZERO, h.merkleRoot(), h.timeSeconds(), h.bits(), 0),
                    transactions())))
        .isEqualTo(Reason.BAD_PREVIOUS);
  }

  @Test
  void theTimeMustBeAfterTheMedianAndNotFarAhead() {
    int median = (int) (Network.genesis().header().unixSeconds() + 245 * 600);
    assertThat(reason(at(median))).isEqualTo(Reason.TIME_TOO_OLD);
    assertThat(reason(at((int) NOW_SECONDS + 10 + 7_201))).isEqualTo(Reason.TIME_TOO_NEW);
    assertThat(validator.validate(at(median + 1), Optional.empty(), NOW_SECONDS))
        .isInstanceOf(BlockValidator.Verdict.Valid.class);
  }

  private Block at(int seconds) {
    return worked(
        h -> new BlockHeader(h.version(), h.previous(), h.merkleRoot(), seconds, h.bits(), 0),
        transactions());
  }

  @Test
  void theVersionMustBeFourAtLeast() {
    assertThat(
            reason(
                worked(
                    h ->
                        new BlockHeader(
                            3, h.previous(), h.merkleRoot(), h.timeSeconds(), h.bits(), 0),
                    transactions())))
        .isEqualTo(Reason.BLOCK_VERSION);
  }

  @Test
  void theMerkleRootMustBeThatOfTheTransactions() {
    List<Transaction> fewer = transactions();
    fewer.remove(3);
    assertThat(reason(new Block(good.block().header(), fewer))).isEqualTo(Reason.MERKLE_ROOT);
  }

  @Test
  void aDoubledTailWithTheSameRootIsRefused() {
    List<Transaction> three = transactions();
    three.remove(3);
    Block block = mended(three);
    List<Transaction> doubled = new ArrayList<>(block.transactions());
    doubled.add(doubled.get(2));
    assertThat(reason(new Block(block.header(), doubled))).isEqualTo(Reason.MERKLE_DUPLICATE);
  }

  @Test
  void aBlockWithoutTransactionsIsRefused() {
    assertThat(reason(new Block(good.block().header(), List.of()))).isEqualTo(Reason.BLOCK_LENGTH);
  }

  @Test
  void theCoinbaseMustBeThereAndBeTheOnlyOne() {
    List<Transaction> without = transactions();
    without.remove(0);
    assertThat(reason(rooted(without))).isEqualTo(Reason.COINBASE_MISSING);
    List<Transaction> two = transactions();
    two.add(coinbase());
    assertThat(reason(rooted(two))).isEqualTo(Reason.COINBASE_MULTIPLE);
  }

  @Test
  void theCoinbaseMustBeginWithTheHeight() {
    Block block =
        withCoinbase(
            c ->
                Transaction.build(
                    2,
                    List.of(
                        new TransferInput(
                            Outpoint.NULL,
                            Script.of(new byte[] {2, (byte) 252, 0}),
                            c.sequence(0),
                            c.witness(0))),
                    outputs(c),
                    c.lockTime()));
    assertThat(reason(block)).isEqualTo(Reason.COINBASE_HEIGHT);
  }

  @Test
  void theCoinbaseMustBeLockedToTheHeightBefore() {
    assertThat(reason(withCoinbase(c -> Transaction.build(2, inputs(c), outputs(c), HEIGHT - 2))))
        .isEqualTo(Reason.COINBASE_LOCK);
    assertThat(
            reason(
                withCoinbase(
                    c ->
                        Transaction.build(
                            2,
                            List.of(
                                new TransferInput(Outpoint.NULL, c.scriptSig(0), -1, c.witness(0))),
                            outputs(c),
                            c.lockTime()))))
        .isEqualTo(Reason.COINBASE_LOCK);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 101})
  void theCoinbaseScriptMustHaveTheRightLength(int length) {
    Block block =
        withCoinbase(
            c ->
                Transaction.build(
                    2,
                    List.of(
                        new TransferInput(
                            Outpoint.NULL,
                            Script.of(new byte[length]),
                            c.sequence(0),
                            c.witness(0))),
                    outputs(c),
                    c.lockTime()));
    assertThat(reason(block)).isEqualTo(Reason.COINBASE_SCRIPT_LENGTH);
  }

  @Test
  void theWitnessNonceMustHave32Bytes() {
    Block block =
        withCoinbase(
            c ->
                Transaction.build(
                    2,
                    List.of(inputs(c).get(0).withWitness(List.of(new byte[31]))),
                    outputs(c),
                    c.lockTime()));
    assertThat(reason(block)).isEqualTo(Reason.WITNESS_NONCE);
  }

  @Test
  void theCommitmentMustBeThatOfTheWitnesses() {
    List<Transaction> transactions = transactions();
    transactions.set(3, spend(subsidy(2)).pay(SUBSIDY - 1_000, ALICE).witness(5).build());
    assertThat(transactions.get(3).txid()).isEqualTo(good.block().txids().get(3));
    assertThat(reason(rooted(transactions))).isEqualTo(Reason.WITNESS_COMMITMENT);
  }

  @Test
  void witnessesWithoutACommitmentAreRefused() {
    Block block =
        withCoinbase(c -> Transaction.build(2, inputs(c), outputs(c).subList(0, 1), c.lockTime()));
    assertThat(reason(block)).isEqualTo(Reason.UNEXPECTED_WITNESS);
  }

  @Test
  void theNetworksWeightLimitHolds() {
    Network small = Chains.network(1_000, good.block().weight() - 1, 80_000);
    assertThat(reason(validator(small, s -> Optional.empty()), good.block()))
        .isEqualTo(Reason.BLOCK_WEIGHT);
  }

  @Test
  void theNetworksSigopLimitHolds() {
    Network small = Chains.network(1_000, 4_000_000, 2);
    assertThat(reason(validator(small, s -> Optional.empty()), good.block()))
        .isEqualTo(Reason.BLOCK_SIGOPS);
  }

  @Test
  void aTxidWithUnspentOutputsCantComeAgain() {
    // The same coinbase again can't be had under BIP34, so the coin set is told of one.
    BlockValidator.CoinSet coins = BlockValidator.coinsInMemory();
    BlockValidator judge = new BlockValidator(network, Chains.CURVE, coins, s -> Optional.empty());
    for (SealedBlock block : Chains.BOOTSTRAP) {
      judge.validate(block.block(), Optional.empty(), NOW_SECONDS);
    }
    coins.add(coinbase().outpoint(0), new Coin(Amount.ofSat(1), network.treasury(), 1, true));
    assertThat(reason(judge, good.block())).isEqualTo(Reason.DUPLICATE_TXID);
  }

  @Test
  void theCoinbasePaysNoMoreThanTheFees() {
    Block block =
        withCoinbase(
            c -> {
              List<TransferOutput> outputs = outputs(c);
              long fees = outputs.get(0).amount().sat();
              outputs.set(0, Chains.output(fees + 1, ALICE));
              return Transaction.build(2, inputs(c), outputs, c.lockTime());
            });
    assertThat(reason(block)).isEqualTo(Reason.COINBASE_AMOUNT);
  }

  @Test
  void onlyTheTreasuryIsPaidByACoinbase() {
    Block block =
        withCoinbase(
            c -> {
              List<TransferOutput> outputs = outputs(c);
              outputs.set(0, Chains.output(outputs.get(0).amount().sat(), ALICE));
              return Transaction.build(2, inputs(c), outputs, c.lockTime());
            });
    assertThat(reason(block)).isEqualTo(Reason.COINBASE_PAYEE);
  }

  @Test
  void unclaimedFeesAreBurned() {
    Block block =
        withCoinbase(c -> Transaction.build(2, inputs(c), outputs(c).subList(1, 2), c.lockTime()));
    assertThat(validator.validate(block, Optional.empty(), NOW_SECONDS))
        .isInstanceOfSatisfying(
            BlockValidator.Verdict.Valid.class,
            valid -> {
              assertThat(valid.block().totals().burned()).isEqualTo(Amount.ofSat(3_000));
              assertThat(valid.block().totals().supplyDifferenceSat()).isZero();
            });
  }

  @Test
  void transactionsKeepTheRulesOfTransactions() {
    assertThat(reason(withTransfer(spend(subsidy(3)).build()))).isEqualTo(Reason.NO_OUTPUTS);
    assertThat(reason(withTransfer(spend(subsidy(3), subsidy(3)).pay(SUBSIDY, ALICE).build())))
        .isEqualTo(Reason.DUPLICATE_INPUT);
    assertThat(
            reason(
                withTransfer(
                    new Chains.Draft()
                        .input(subsidy(3), 0)
                        .lockTime(HEIGHT)
                        .pay(1_000, ALICE)
                        .build())))
        .isEqualTo(Reason.BLOCK_NOT_FINAL);
    assertThat(
            reason(
                withTransfer(
                    spend(subsidy(3)).pay(1, Script.of(new byte[] {0x6a, 0, 0, 0})).build())))
        .isEqualTo(Reason.TOO_SMALL);
  }

  @Test
  void coinsMustBeThereOnceAndMature() {
    Outpoint nowhere = new Outpoint(new Hash(1, 1, 1, 1), 0);
    assertThat(reason(withTransfer(spend(nowhere).pay(1_000, ALICE).build())))
        .isEqualTo(Reason.UNKNOWN_COIN);
    assertThat(reason(withTransfer(spend(subsidy(2)).pay(1_000, ALICE).build())))
        .isEqualTo(Reason.DOUBLE_SPEND);
    assertThat(reason(withTransfer(spend(subsidy(3)).pay(SUBSIDY + 1, ALICE).build())))
        .isEqualTo(Reason.OVERSPEND);
    assertThat(
            reason(
                withTransfer(
                    new Chains.Draft().input(subsidy(150), 102).pay(1_000, ALICE).build())))
        .isEqualTo(Reason.BLOCK_NOT_FINAL);
  }

  @Test
  void aCoinbaseOfTheSameBlockIsImmature() {
    List<Transaction> transactions = transactions();
    // Its own commitment would change the coinbase's txid, so it goes without.
    transactions.set(
        0,
        Transaction.build(
            2,
            List.of(inputs(coinbase()).get(0).withWitness(List.of())),
            outputs(coinbase()).subList(0, 1),
            coinbase().lockTime()));
    Transaction early =
        spend(transactions.get(0).outpoint(0)).pay(1_000, ALICE).buildWithoutWitness();
    assertThat(reason(rooted(List.of(transactions.get(0), early)))).isEqualTo(Reason.IMMATURE);
  }

  @Test
  void parentsComeBeforeChildren() {
    List<Transaction> swapped = transactions();
    swapped.set(1, transactions().get(2));
    swapped.set(2, transactions().get(1));
    assertThat(reason(mended(swapped))).isEqualTo(Reason.UNKNOWN_COIN);
  }

  @Test
  void signaturesAreCheckedByTheGivenFunction() {
    BlockValidator strict =
        validator(
            network, BlockValidator.SignatureCheck.sequential(new TransferVerifier(Chains.CURVE)));
    assertThat(reason(strict, good.block())).isEqualTo(Reason.BLOCK_SCRIPT_FAILED);
  }

  @Test
  void theCertificateMustBeTheValidators() {
    Certificate other = SIGNER.sign(good.hash(), HEIGHT + 1);
    assertThat(validator.validate(good.block(), Optional.of(other), NOW_SECONDS))
        .isInstanceOfSatisfying(
            BlockValidator.Verdict.Invalid.class,
            i -> assertThat(i.rejection().reason()).isEqualTo(Reason.CERTIFICATE));
    assertThat(
            validator.validate(good.block(), Optional.of(new Certificate(List.of())), NOW_SECONDS))
        .isInstanceOf(BlockValidator.Verdict.Invalid.class);
  }
}
