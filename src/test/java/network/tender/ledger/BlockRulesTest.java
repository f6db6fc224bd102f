package network.tender.ledger;

import static network.tender.ledger.Chains.ALICE;
import static network.tender.ledger.Chains.NOW;
import static network.tender.ledger.Chains.output;
import static network.tender.ledger.Chains.subsidy;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.MalformedException;
import network.tender.chain.MerkleTree;
import network.tender.chain.Network;
import network.tender.chain.Opcode;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.chain.WitnessCommitment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a chain of blocks must not do by Bitcoin's rules, each at its limit and one beyond. The
 * ideas are those of the block tests that implementations of Bitcoin share; what they try with
 * chains that compete has no counterpart here. Signatures are taken for good.
 */
class BlockRulesTest {
  private static final Network NETWORK = Network.regtest();
  private static final long NOW_SECONDS = NOW / 1_000;
  private static final int MAX_SIGOP_COST = 80_000;
  private static final int MAX_WEIGHT = 4_000_000;
  private static final long SUBSIDY = Network.subsidy(1).sat();
  private static final int NOT_FINAL = 0xfffffffe;
  private static final Script CHECKSIG = Script.of(new byte[] {(byte) Opcode.CHECKSIG});

  private BlockValidator validator;

  @BeforeEach
  void beginBehindTheBootstrap() {
    validator = validatorAt(Network.BOOTSTRAP_BLOCKS);
  }

  /** A validator of the first blocks of the bootstrap. */
  private static BlockValidator validatorAt(int height) {
    BlockValidator validator =
        new BlockValidator(
            NETWORK,
            RuleSet.CONSENSUS,
            Chains.CURVE,
            BlockValidator.coinsInMemory(),
            spends -> Optional.empty());
    for (SealedBlock block : Chains.BOOTSTRAP.subList(0, height)) {
      assertThat(validator.validate(block.block(), Optional.empty(), NOW_SECONDS))
          .isInstanceOf(BlockValidator.Verdict.Valid.class);
    }
    return validator;
  }

  private BlockHeader header() {
    return new BlockHeader(
        0x2000_0000,
        validator.state().hash(),
        Hash.ZERO,
        (int) NOW_SECONDS + validator.state().height(),
        Network.BITS,
        0);
  }

  private Transaction coinbase(long pay) {
    return Coinbase.build(
        NETWORK, validator.state().height() + 1, NOW, Amount.ofSat(pay), Hash.ZERO);
  }

  private Block block(Transaction... transfers) {
    return blockPaying(0, List.of(transfers));
  }

  private Block block(List<Transaction> transfers) {
    return blockPaying(0, transfers);
  }

  private Block blockPaying(long pay, List<Transaction> transfers) {
    List<Transaction> transactions = new ArrayList<>();
    transactions.add(coinbase(pay));
    transactions.addAll(transfers);
    return BlockDraft.mended(header(), transactions);
  }

  private Optional<Reason> refusal(Block block) {
    int height = validator.state().height();
    BlockValidator.Verdict verdict =
        validator.validate(block, Optional.empty(), NOW_SECONDS + 1_000);
    if (verdict instanceof BlockValidator.Verdict.Invalid invalid) {
      assertThat(validator.state().height())
          .as("a refused block changes nothing")
          .isEqualTo(height);
      return Optional.of(invalid.rejection().reason());
    }
    assertThat(validator.state().height()).isEqualTo(height + 1);
    return Optional.empty();
  }

  private void accept(Block block) {
    assertThat(refusal(block)).isEmpty();
  }

  private void refuse(Reason reason, Block block) {
    assertThat(refusal(block)).contains(reason);
  }

  private static Transaction transfer(Outpoint prevout, TransferOutput... outputs) {
    return transfer(TransferInput.unsigned(prevout), outputs);
  }

  private static Transaction transfer(TransferInput input, TransferOutput... outputs) {
    return Transaction.build(2, List.of(input), List.of(outputs), 0);
  }

  private static Script repeated(Script script, int times) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      bytes.writeBytes(script.toBytes());
    }
    return Script.of(bytes.toByteArray());
  }

  // Coins.

  @Test
  void aCoinIsSpentOnceInAChain() {
    Transaction first = transfer(subsidy(1), output(SUBSIDY, ALICE));
    Transaction second = transfer(subsidy(1), output(SUBSIDY - 1, ALICE));
    refuse(Reason.DOUBLE_SPEND, block(first, second));
    accept(block(first));
    refuse(Reason.UNKNOWN_COIN, block(second));
    refuse(Reason.DUPLICATE_TXID, block(first));
    accept(block(transfer(first.outpoint(0), output(1, ALICE))));
    refuse(Reason.UNKNOWN_COIN, block(first));
  }

  @Test
  void theSameTransferIsNotTwiceInABlock() {
    Transaction transfer = transfer(subsidy(1), output(SUBSIDY, ALICE));
    refuse(Reason.DOUBLE_SPEND, block(transfer, transfer));
    Transaction other = transfer(subsidy(2), output(SUBSIDY, ALICE));
    refuse(Reason.MERKLE_DUPLICATE, block(other, transfer, transfer));
    accept(block(transfer, other));
  }

  @Test
  void onlyWhatCameBeforeCanBeSpent() {
    Transaction parent = transfer(subsidy(1), output(SUBSIDY, ALICE));
    Transaction child = transfer(parent.outpoint(0), output(SUBSIDY, ALICE));
    refuse(Reason.UNKNOWN_COIN, block(child, parent));
    refuse(Reason.UNKNOWN_COIN, block(child));
    accept(block(parent, child));
  }

  @Test
  void onlyOutputsThatAreThereAndSpendableAreCoins() {
    Script data = Script.of(new byte[] {Opcode.RETURN});
    Script tooLong = Script.of(new byte[10_001]);
    Script longest = Script.of(new byte[10_000]);
    Transaction parent =
        transfer(
            subsidy(1), output(1, data), output(1, tooLong), output(1, longest), output(1, ALICE));
    accept(block(parent));
    for (int missing : new int[] {0, 1, 4, 0xffff_ffff}) {
      refuse(
          Reason.UNKNOWN_COIN,
          block(transfer(new Outpoint(parent.txid(), missing), output(1, ALICE))));
    }
    accept(
        block(
            transfer(parent.outpoint(2), output(1, ALICE)),
            transfer(parent.outpoint(3), output(1, ALICE))));
  }

  @Test
  void aBlockMayHoldALongChainOfSpends() {
    List<Transaction> chain = new ArrayList<>();
    Outpoint coin = subsidy(1);
    for (int i = 0; i < 500; i++) {
      chain.add(transfer(coin, output(SUBSIDY - i, ALICE)));
      coin = chain.get(i).outpoint(0);
    }
    accept(blockPaying(499, chain));
  }

  @Test
  void aCoinbaseMaturesAfterAHundredBlocks() {
    Transaction early = transfer(subsidy(1), output(SUBSIDY, ALICE));
    validator = validatorAt(99);
    refuse(Reason.IMMATURE, blockPaying(SUBSIDY, List.of(early)));
    validator = validatorAt(100);
    accept(blockPaying(SUBSIDY, List.of(early)));
  }

  @Test
  void theFeesOfABlockMatureToo() {
    Block fees = blockPaying(1_000, List.of(transfer(subsidy(1), output(SUBSIDY - 1_000, ALICE))));
    accept(fees);
    Outpoint earned = fees.transactions().get(0).outpoint(0);
    refuse(Reason.IMMATURE, block(transfer(earned, output(1_000, ALICE))));
  }

  @Test
  void aTxidThatIsNotSpentCantComeAgain() {
    BlockValidator.CoinSet coins = BlockValidator.coinsInMemory();
    validator =
        new BlockValidator(
            NETWORK, RuleSet.CONSENSUS, Chains.CURVE, coins, spends -> Optional.empty());
    Chains.BOOTSTRAP.forEach(
        block -> validator.validate(block.block(), Optional.empty(), NOW_SECONDS));
    Transaction transfer =
        transfer(subsidy(1), output(SUBSIDY / 2, ALICE), output(SUBSIDY / 2, ALICE));
    Coin old = new Coin(Amount.ofSat(1), ALICE, 1, false);
    // No two transactions can have one txid any more, so the coin set is told of an older one.
    coins.add(transfer.outpoint(1), old);
    refuse(Reason.DUPLICATE_TXID, block(transfer));
    coins.remove(transfer.outpoint(1));
    accept(block(transfer));
  }

  // Money.

  @Test
  void aTransferPaysNoMoreThanItSpends() {
    refuse(Reason.OVERSPEND, block(transfer(subsidy(1), output(SUBSIDY + 1, ALICE))));
    refuse(Reason.OVERSPEND, block(transfer(subsidy(1), output(SUBSIDY, ALICE), output(1, ALICE))));
    accept(block(transfer(subsidy(1), output(SUBSIDY, ALICE))));
  }

  /** With an output's amount changed to one that could not be built. */
  private static Transaction withAmount(Transaction transfer, int index, long sat)
      throws MalformedException {
    byte[] raw = transfer.toBytes();
    byte[] old =
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(transfer.outputSat(index))
            .array();
    int at = 0;
    while (!ByteBuffer.wrap(raw, at, 8).equals(ByteBuffer.wrap(old))) {
      at++;
    }
    ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).putLong(at, sat);
    return Transaction.parse(raw);
  }

  @Test
  void amountsAndTheirSumsStayInTheMoneyRange() throws Exception {
    Transaction transfer =
        transfer(subsidy(1), output(0x0102030405L, ALICE), output(0x0504030201L, ALICE));
    for (long negative : new long[] {-1, -SUBSIDY, Long.MIN_VALUE}) {
      refuse(Reason.OUTPUT_NEGATIVE, block(withAmount(transfer, 0, negative)));
      refuse(Reason.OUTPUT_NEGATIVE, block(withAmount(transfer, 1, negative)));
    }
    for (long large : new long[] {Amount.MAX_SAT + 1, Long.MAX_VALUE}) {
      refuse(Reason.OUTPUT_TOO_LARGE, block(withAmount(transfer, 0, large)));
    }
    refuse(Reason.OUTPUT_SUM_TOO_LARGE, block(withAmount(transfer, 0, Amount.MAX_SAT)));
    refuse(Reason.OVERSPEND, block(withAmount(transfer, 0, Amount.MAX_SAT - 0x0504030201L)));
    // Two to the 64 more than it spends: the sum would seem right if it overflowed.
    long quarter = 1L << 62;
    Transaction four =
        transfer(
            subsidy(1),
            output(0x11111111, ALICE),
            output(0x12121212, ALICE),
            output(0x13131313, ALICE),
            output(0x14141414, ALICE));
    for (int i = 0; i < 4; i++) {
      four = withAmount(four, i, quarter);
    }
    refuse(Reason.OUTPUT_TOO_LARGE, block(four));
  }

  @Test
  void aCoinbasePaysOutSubsidyAndFeesAndNoMore() {
    Transaction transfer = transfer(subsidy(1), output(SUBSIDY - 1_000, ALICE));
    refuse(Reason.COINBASE_AMOUNT, blockPaying(1, List.of()));
    refuse(Reason.COINBASE_AMOUNT, blockPaying(1_001, List.of(transfer)));
    accept(blockPaying(1_000, List.of(transfer)));
    long last = Network.subsidy(Network.ISSUING_BLOCKS).sat();
    assertThat(last).as("it halves at height 150").isEqualTo(SUBSIDY / 2);
    validator = validatorAt(Network.ISSUING_BLOCKS - 1);
    refuse(Reason.COINBASE_AMOUNT, blockPaying(last + 1, List.of()));
    accept(blockPaying(last, List.of()));
    refuse(Reason.COINBASE_AMOUNT, blockPaying(1, List.of()));
    accept(block());
  }

  @Test
  void feesThatNobodyTakesAreNoReasonToRefuse() {
    accept(block(transfer(subsidy(1), output(0, ALICE))));
  }

  // Signature operations.

  private static final Transaction FREE_COINS =
      Transaction.build(
          2,
          List.of(TransferInput.unsigned(subsidy(1))),
          Collections.nCopies(8, output(1_000, Script.p2tr(new byte[32]))),
          0);

  /** A coin whose spend costs nothing: taproot has no signature operations to be counted. */
  private static Outpoint freeCoin(int number) {
    return FREE_COINS.outpoint(number);
  }

  private void beginWithFreeCoins() {
    validator = validatorAt(Network.BOOTSTRAP_BLOCKS);
    accept(block(FREE_COINS));
  }

  /** A transfer whose outputs have this many signature operations. */
  private static Transaction legacySigops(int coin, int count) {
    return transfer(freeCoin(coin), output(1, repeated(CHECKSIG, count)));
  }

  @Test
  void signatureOperationsInOutputsCountFourfold() {
    beginWithFreeCoins();
    refuse(Reason.BLOCK_SIGOPS, block(legacySigops(1, MAX_SIGOP_COST / 4 + 1)));
    refuse(Reason.BLOCK_SIGOPS, block(legacySigops(1, MAX_SIGOP_COST / 4), legacySigops(2, 1)));
    accept(block(legacySigops(1, MAX_SIGOP_COST / 4)));
  }

  @Test
  void everyOperationThatChecksSignaturesCounts() {
    for (int opcode : new int[] {Opcode.CHECKSIG, Opcode.CHECKSIGVERIFY}) {
      refuseAboveTheRest(Script.of(new byte[] {(byte) opcode}), 1);
    }
    for (int opcode : new int[] {Opcode.CHECKMULTISIG, Opcode.CHECKMULTISIGVERIFY}) {
      refuseAboveTheRest(Script.of(new byte[] {(byte) opcode}), 20);
      // In an output the number of keys makes no difference.
      refuseAboveTheRest(Script.of(new byte[] {Opcode.OP_1, (byte) opcode}), 20);
    }
  }

  /** A script fits in next to others that leave this much room, and no less. */
  private void refuseAboveTheRest(Script script, int count) {
    beginWithFreeCoins();
    Transaction counted = transfer(freeCoin(1), output(1, script));
    int room = MAX_SIGOP_COST / 4 - count;
    refuse(Reason.BLOCK_SIGOPS, block(counted, legacySigops(2, room + 1)));
    accept(block(counted, legacySigops(2, room)));
  }

  @Test
  void whatIsPushedAsDataIsNoOperation() {
    byte[] data = repeated(CHECKSIG, 75).toBytes();
    refuseAboveTheRest(join(Script.push(data), CHECKSIG), 1);
    // Behind a push that is cut off nothing is read; before it everything is.
    Script cutOff = join(CHECKSIG, Script.of(new byte[] {Opcode.PUSHDATA1, (byte) 200}));
    refuseAboveTheRest(join(cutOff, repeated(CHECKSIG, 100)), 1);
    for (byte[] push :
        List.of(
            new byte[] {Opcode.PUSHDATA2, -1, -1},
            new byte[] {Opcode.PUSHDATA4, -1, -1, -1, -1},
            new byte[] {Opcode.PUSHDATA4, 1})) {
      refuseAboveTheRest(join(CHECKSIG, join(Script.of(push), repeated(CHECKSIG, 2))), 1);
    }
  }

  private static Script join(Script first, Script second) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(first.toBytes());
    bytes.writeBytes(second.toBytes());
    return Script.of(bytes.toByteArray());
  }

  @Test
  void signatureOperationsInSignatureScriptsCountToo() {
    beginWithFreeCoins();
    Transaction counted =
        transfer(
            new TransferInput(freeCoin(1), repeated(CHECKSIG, 7), 0, List.of()), output(1, ALICE));
    refuse(Reason.BLOCK_SIGOPS, block(counted, legacySigops(2, MAX_SIGOP_COST / 4 - 6)));
    accept(block(counted, legacySigops(2, MAX_SIGOP_COST / 4 - 7)));
  }

  @Test
  void theCoinbaseCountsAsWell() {
    beginWithFreeCoins();
    Transaction coinbase = coinbase(0);
    List<TransferOutput> outputs = BlockDraft.outputs(coinbase);
    outputs.add(0, output(0, CHECKSIG));
    Transaction counted =
        Transaction.build(2, BlockDraft.inputs(coinbase), outputs, coinbase.lockTime());
    refuse(
        Reason.BLOCK_SIGOPS,
        BlockDraft.mended(header(), List.of(counted, legacySigops(1, MAX_SIGOP_COST / 4))));
    accept(BlockDraft.mended(header(), List.of(counted, legacySigops(1, MAX_SIGOP_COST / 4 - 1))));
  }

  /**
   * What spends a coin with this script costs this much: next to outputs that leave as much room it
   * is accepted, and refused if there is less.
   */
  private void costs(int cost, Script locking, Script scriptSig, List<byte[]> witness) {
    beginWithFreeCoins();
    Transaction parent = transfer(freeCoin(1), output(1_000, locking));
    Transaction child =
        transfer(new TransferInput(parent.outpoint(0), scriptSig, 0, witness), output(1, ALICE));
    int room = MAX_SIGOP_COST - cost;
    refuse(Reason.BLOCK_SIGOPS, block(withSigops(room + 1, parent, child)));
    accept(block(withSigops(room, parent, child)));
  }

  /**
   * Transactions and others that cost this much: outputs four for each operation, subsidies one.
   */
  private static List<Transaction> withSigops(int cost, Transaction... transactions) {
    List<Transaction> all = new ArrayList<>(List.of(transactions));
    all.add(legacySigops(2, cost / 4));
    for (int i = 0; i < cost % 4; i++) {
      all.add(transfer(subsidy(2 + i), output(1, Script.p2tr(new byte[32]))));
    }
    return all;
  }

  private static Script p2sh(Script redeem) {
    return Script.p2sh(Hashing.hash160(redeem.toBytes()));
  }

  private static Script p2wsh(Script script) {
    return Script.p2wsh(Hashing.sha256(script.toBytes()));
  }

  private static Script multisig(int keys) {
    return Script.of(
        new byte[] {Opcode.OP_1, (byte) (Opcode.OP_1 - 1 + keys), (byte) Opcode.CHECKMULTISIG});
  }

  @Test
  void keyHashesCostOneEach() {
    assertThat(NETWORK.treasury().type()).isEqualTo(Script.Type.P2WPKH);
    costs(1, Script.p2wpkh(new byte[20]), Script.EMPTY, List.of());
    costs(1, Script.p2wpkh(new byte[20]), Script.EMPTY, List.of(new byte[71], new byte[33]));
  }

  @Test
  void operationsBehindAScriptHashCostFourAndCountTheirKeys() {
    for (int count : new int[] {1, 15, 200}) {
      Script redeem = repeated(CHECKSIG, count);
      costs(4 * count, p2sh(redeem), Script.push(redeem.toBytes()), List.of());
    }
    for (int keys : new int[] {1, 3, 16}) {
      Script redeem = multisig(keys);
      costs(4 * keys, p2sh(redeem), Script.push(redeem.toBytes()), List.of());
    }
    // Behind anything but a small number there may be twenty keys.
    Script unknown = Script.of(new byte[] {1, 17, (byte) Opcode.CHECKMULTISIG});
    costs(4 * 20, p2sh(unknown), Script.push(unknown.toBytes()), List.of());
    Script none = Script.of(new byte[] {Opcode.OP_0, (byte) Opcode.CHECKMULTISIG});
    costs(4 * 20, p2sh(none), Script.push(none.toBytes()), List.of());
  }

  @Test
  void aScriptHashIsLookedBehindOnlyIfNothingButDataIsPushed() {
    Script redeem = repeated(CHECKSIG, 5);
    Script push = Script.push(redeem.toBytes());
    Script locking = p2sh(redeem);
    costs(0, locking, join(Script.of(new byte[] {Opcode.NOP}), push), List.of());
    costs(0, locking, join(push, Script.of(new byte[] {Opcode.OP_1})), List.of());
    costs(20, locking, join(Script.of(new byte[] {Opcode.OP_1}), push), List.of());
    costs(0, locking, Script.EMPTY, List.of());
  }

  @Test
  void operationsInWitnessScriptsCostOneAndCountTheirKeys() {
    for (int count : new int[] {1, 2, 3, 500}) {
      Script script = repeated(CHECKSIG, count);
      costs(count, p2wsh(script), Script.EMPTY, List.of(new byte[1], script.toBytes()));
    }
    costs(3, p2wsh(multisig(3)), Script.EMPTY, List.of(multisig(3).toBytes()));
    costs(0, p2wsh(CHECKSIG), Script.EMPTY, List.of());
  }

  @Test
  void wrappedProgramsCostWhatTheyCostInTheOpen() {
    Script script = repeated(CHECKSIG, 6);
    Script program = p2wsh(script);
    Script push = Script.push(program.toBytes());
    costs(6, p2sh(program), push, List.of(script.toBytes()));
    Script keyHash = Script.p2wpkh(new byte[20]);
    costs(1, p2sh(keyHash), Script.push(keyHash.toBytes()), List.of(new byte[71], new byte[33]));
    costs(
        0,
        p2sh(program),
        join(Script.of(new byte[] {Opcode.NOP}), push),
        List.of(script.toBytes()));
  }

  @Test
  void taprootAndUnknownProgramsCostNothing() {
    costs(0, Script.p2tr(new byte[32]), Script.EMPTY, List.of(new byte[64]));
    Script script = repeated(CHECKSIG, 6);
    costs(0, Script.p2tr(new byte[32]), Script.EMPTY, List.of(script.toBytes(), new byte[33]));
    Script unknown = join(Script.of(new byte[] {Opcode.OP_16}), Script.push(new byte[32]));
    costs(0, unknown, Script.EMPTY, List.of(script.toBytes()));
  }

  // Size.

  private Block weighing(int weight) {
    Transaction small = withData(0, new byte[1]);
    int missing = weight - block(small).weight();
    // The length of the data takes four bytes more, four weight units each; of the item four.
    int data = missing / 4 - 8;
    Block near = block(withData(data, new byte[1]));
    Block exact = block(withData(data, new byte[1 + weight - near.weight()]));
    assertThat(exact.weight()).isEqualTo(weight);
    return exact;
  }

  private static Transaction withData(int bytes, byte[] item) {
    byte[] data = new byte[bytes + 1];
    data[0] = Opcode.RETURN;
    return transfer(
        TransferInput.unsigned(subsidy(1)).withWitness(List.of(item)),
        output(SUBSIDY, Script.of(data)));
  }

  @Test
  void aBlockWeighsFourMillionAtMost() {
    refuse(Reason.BLOCK_WEIGHT, weighing(MAX_WEIGHT + 1));
    accept(weighing(MAX_WEIGHT));
  }

  @Test
  void withoutItsWitnessesABlockHasAMillionBytesAtMost() {
    Transaction coinbase = coinbase(0);
    int overhead = BlockHeader.SIZE_BYTES + coinbase.strippedSize();
    Transaction most = withData(MAX_WEIGHT / 4 - overhead - 64 - 2, new byte[1]);
    int size = overhead + most.strippedSize();
    Transaction tooMuch =
        withData(MAX_WEIGHT / 4 - overhead - 64 - 2 + MAX_WEIGHT / 4 - size + 1, new byte[1]);
    assertThat(overhead + tooMuch.strippedSize()).isEqualTo(MAX_WEIGHT / 4 + 1);
    refuse(Reason.BLOCK_LENGTH, block(tooMuch));
  }

  // Merkle tree.

  @Test
  void noTailOfABlockCanBeDoubledWithoutBeingNoticed() {
    List<Transaction> transfers = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      transfers.add(transfer(subsidy(i), output(SUBSIDY, ALICE)));
    }
    Block good = block(transfers);
    List<Transaction> doubled = new ArrayList<>(good.transactions());
    doubled.addAll(doubled.subList(4, 6));
    assertThat(MerkleTree.root(doubled.stream().map(Transaction::txid).toList()))
        .as("CVE-2012-2459")
        .isEqualTo(good.header().merkleRoot());
    refuse(Reason.MERKLE_DUPLICATE, new Block(good.header(), doubled));
    accept(good);
  }

  @Test
  void theOrderOfTransactionsIsPartOfTheRoot() {
    Block good =
        block(
            transfer(subsidy(1), output(SUBSIDY, ALICE)),
            transfer(subsidy(2), output(SUBSIDY, ALICE)));
    List<Transaction> swapped = new ArrayList<>(good.transactions());
    Collections.swap(swapped, 1, 2);
    refuse(Reason.MERKLE_ROOT, new Block(good.header(), swapped));
    accept(good);
  }

  // Locks and times.

  private static Transaction locked(int sequence, int lockTime) {
    return Transaction.build(
        2,
        List.of(new TransferInput(subsidy(1), Script.EMPTY, sequence, List.of())),
        List.of(output(SUBSIDY, ALICE)),
        lockTime);
  }

  @Test
  void aLockTimeIsPassedOnlyByALaterBlock() {
    int height = Network.BOOTSTRAP_BLOCKS + 1;
    refuse(Reason.BLOCK_NOT_FINAL, block(locked(NOT_FINAL, height)));
    int median = median();
    refuse(Reason.BLOCK_NOT_FINAL, block(locked(NOT_FINAL, median)));
    refuse(Reason.BLOCK_NOT_FINAL, block(locked(NOT_FINAL, -1)));
    accept(block(locked(NOT_FINAL, height - 1)));
    validator = validatorAt(Network.BOOTSTRAP_BLOCKS);
    accept(block(locked(NOT_FINAL, median - 1)));
    validator = validatorAt(Network.BOOTSTRAP_BLOCKS);
    accept(block(locked(TransferInput.SEQUENCE_FINAL, height)));
  }

  /** The median of the bootstrap's last eleven header times. */
  private static int median() {
    return (int) Chains.BOOTSTRAP.get(Network.BOOTSTRAP_BLOCKS - 6).block().header().unixSeconds();
  }

  @Test
  void aRelativeLockIsPassedOnlyAfterItsBlocks() {
    int age = Network.BOOTSTRAP_BLOCKS + 1 - 1;
    refuse(Reason.BLOCK_NOT_FINAL, block(locked(age + 1, 0)));
    accept(block(locked(age, 0)));
  }

  private Block at(long seconds) {
    List<Transaction> transactions = List.of(coinbase(0));
    Block now = BlockDraft.mended(header(), transactions);
    return BlockDraft.worked(
        now.header(),
        h -> new BlockHeader(h.version(), h.previous(), h.merkleRoot(), (int) seconds, h.bits(), 0),
        now.transactions());
  }

  @Test
  void aBlocksTimeLiesBehindTheMedianAndAtMostTwoHoursAhead() {
    refuse(Reason.TIME_TOO_OLD, at(median()));
    accept(at(median() + 1));
    long limit = NOW_SECONDS + 1_000 + 7_200;
    refuse(Reason.TIME_TOO_NEW, at(limit + 1));
    accept(at(limit));
  }

  // The coinbase and its commitment.

  private Block withOutputs(List<TransferOutput> outputs, Transaction... transfers) {
    Transaction coinbase = coinbase(0);
    List<Transaction> transactions = new ArrayList<>();
    transactions.add(
        Transaction.build(2, BlockDraft.inputs(coinbase), outputs, coinbase.lockTime()));
    transactions.addAll(List.of(transfers));
    return BlockDraft.rooted(header(), transactions);
  }

  @Test
  void ofSeveralCommitmentsTheLastOneCounts() {
    Transaction transfer = withData(1, new byte[1]);
    Hash commitment = WitnessCommitment.compute(List.of(coinbase(0), transfer), Hash.ZERO);
    TransferOutput right = output(0, WitnessCommitment.script(commitment));
    TransferOutput wrong = output(0, WitnessCommitment.script(Hash.ZERO));
    TransferOutput longer =
        output(0, join(WitnessCommitment.script(commitment), Script.of(new byte[3])));
    TransferOutput shorter =
        output(
            0,
            Script.of(java.util.Arrays.copyOf(WitnessCommitment.script(commitment).toBytes(), 37)));
    refuse(Reason.WITNESS_COMMITMENT, withOutputs(List.of(right, wrong), transfer));
    refuse(Reason.WITNESS_COMMITMENT, withOutputs(List.of(wrong), transfer));
    refuse(Reason.UNEXPECTED_WITNESS, withOutputs(List.of(shorter), transfer));
    refuse(Reason.UNEXPECTED_WITNESS, withOutputs(List.of(output(0, ALICE)), transfer));
    for (List<TransferOutput> outputs :
        List.of(
            List.of(wrong, right),
            List.of(right, output(0, ALICE)),
            List.of(right, shorter),
            List.of(wrong, longer))) {
      validator = validatorAt(Network.BOOTSTRAP_BLOCKS);
      accept(withOutputs(outputs, transfer));
    }
  }

  @Test
  void aCoinbaseIsFirstAndAlone() {
    Block good = block();
    Transaction coinbase = good.transactions().get(0);
    Transaction transfer = transfer(subsidy(1), output(SUBSIDY, ALICE));
    refuse(Reason.COINBASE_MISSING, BlockDraft.rooted(header(), List.of(transfer, coinbase)));
    refuse(
        Reason.COINBASE_MULTIPLE,
        BlockDraft.rooted(header(), List.of(coinbase, transfer, coinbase)));
    refuse(Reason.BLOCK_LENGTH, new Block(good.header(), List.of()));
    accept(good);
  }

  @Test
  void aTransferOf64BytesCouldPassForAMerkleNode() {
    for (int extra = 0; extra < 3; extra++) {
      // 60 bytes and the script.
      Transaction transfer = transfer(subsidy(1), output(1, Script.of(new byte[3 + extra])));
      assertThat(transfer.strippedSize()).isEqualTo(63 + extra);
      if (extra == 1) {
        refuse(Reason.TOO_SMALL, block(transfer));
      } else {
        accept(block(transfer));
        validator = validatorAt(Network.BOOTSTRAP_BLOCKS);
      }
    }
  }

  @Test
  void manyRefusedBlocksLeaveNoTrace() {
    Transaction parent = transfer(subsidy(1), output(SUBSIDY, ALICE));
    Transaction greedy = transfer(parent.outpoint(0), output(SUBSIDY + 1, ALICE));
    Block good = block(parent);
    for (int i = 0; i < 20; i++) {
      refuse(Reason.OVERSPEND, block(parent, greedy));
      refuse(Reason.COINBASE_AMOUNT, blockPaying(1, List.of(parent)));
      refuse(
          Reason.BLOCK_SIGOPS,
          block(parent, transfer(subsidy(2), output(1, repeated(CHECKSIG, MAX_SIGOP_COST / 4)))));
    }
    accept(good);
    refuse(Reason.BAD_PREVIOUS, good);
  }
}
