package network.tender.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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
import network.tender.chain.WitnessCommitment;
import network.tender.script.Curve;
import network.tender.script.RegtestKeys;

/**
 * Next blocks of a chain, each of which breaks one rule and keeps the others as far as that is
 * possible; all certified by the validator unless the certificate is what is wrong.
 */
public final class BrokenBlocks {
  /**
   * A block that must be refused.
   *
   * @param what is wrong with it
   * @param block as a node would hand it over
   * @param code of the rule that it breaks
   */
  public record Broken(String what, CertifiedBlock block, String code) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static final Curve CURVE = Curve.load(Curve.Provider.AUTO);
  private static final BlockSigner SIGNER =
      BlockSigner.single(CURVE, RegtestKeys.validatorSecret());

  private final int height;
  private final Block good;
  private final List<Transaction> all;
  private final Transaction coinbase;
  private final List<Broken> broken = new ArrayList<>();

  private BrokenBlocks(int height, Block good) {
    this.height = height;
    this.good = good;
    this.all = good.transactions();
    this.coinbase = all.get(0);
  }

  /**
   * Changes a good block in many ways.
   *
   * @param height its height
   * @param good a block of some transfers, the next one of a signed chain
   * @param forged the same with a signature that does not hold
   * @param split the block that split the treasury's coins, fewer than 100 blocks ago
   * @param medianTimePast of the blocks before
   * @param nowSeconds by the judge's clock
   */
  public static List<Broken> of(
      int height, Block good, Block forged, Block split, long medianTimePast, long nowSeconds) {
    BrokenBlocks blocks = new BrokenBlocks(height, good);
    blocks.headers(medianTimePast, nowSeconds);
    blocks.trees();
    blocks.coinbases();
    blocks.transfers(split);
    blocks.add("a forged signature", forged, Reason.BLOCK_SCRIPT_FAILED);
    blocks.certificates(split);
    blocks.bytes();
    return List.copyOf(blocks.broken);
  }

  private void add(String what, Block block, Reason reason) {
    byte[] certificate = SIGNER.sign(block.hash(), height).toBytes();
    add(what, block.toBytes(), certificate, reason);
  }

  private void add(String what, byte[] raw, byte[] certificate, Reason reason) {
    broken.add(new Broken(what, new CertifiedBlock(height, raw, certificate), reason.code()));
  }

  private Block with(UnaryOperator<BlockHeader> change) {
    return BlockDraft.worked(good.header(), change, all);
  }

  private static BlockHeader header(
      BlockHeader h, int version, Hash previous, Hash root, long seconds, int bits) {
    return new BlockHeader(version, previous, root, (int) seconds, bits, h.nonce());
  }

  private void headers(long medianTimePast, long nowSeconds) {
    BlockHeader h = good.header();
    Hash other = Hash.of(new byte[32]);
    BlockHeader easy = h;
    while (easy.meetsTarget()) {
      easy = easy.withNonce(easy.nonce() + 1);
    }
    add("too little work", new Block(easy, all), Reason.HIGH_HASH);
    add(
        "another predecessor",
        with(x -> header(x, h.version(), other, h.merkleRoot(), h.unixSeconds(), h.bits())),
        Reason.BAD_PREVIOUS);
    add(
        "another target",
        with(
            x ->
                header(
                    x,
                    h.version(),
                    h.previous(),
                    h.merkleRoot(),
                    h.unixSeconds(),
                    Network.BITS - 1)),
        Reason.BAD_BITS);
    add(
        "a time not after the median",
        with(x -> header(x, h.version(), h.previous(), h.merkleRoot(), medianTimePast, h.bits())),
        Reason.TIME_TOO_OLD);
    add(
        "a time far ahead",
        with(
            x ->
                header(
                    x, h.version(), h.previous(), h.merkleRoot(), nowSeconds + 10_000, h.bits())),
        Reason.TIME_TOO_NEW);
    add(
        "version 3",
        with(x -> header(x, 3, h.previous(), h.merkleRoot(), h.unixSeconds(), h.bits())),
        Reason.BLOCK_VERSION);
  }

  private void trees() {
    BlockHeader h = good.header();
    add(
        "another merkle root",
        with(x -> header(x, h.version(), h.previous(), Hash.ZERO, h.unixSeconds(), h.bits())),
        Reason.MERKLE_ROOT);
    List<Transaction> odd = new ArrayList<>(all.subList(0, all.size() - 1 + all.size() % 2));
    Block mended = BlockDraft.mended(h, odd);
    List<Transaction> copies = new ArrayList<>(mended.transactions());
    copies.add(copies.get(copies.size() - 1));
    add("the last transfer twice", new Block(mended.header(), copies), Reason.MERKLE_DUPLICATE);
    List<Transaction> loose = new ArrayList<>(all.subList(1, all.size()));
    add("no coinbase", BlockDraft.rooted(h, loose), Reason.COINBASE_MISSING);
    List<Transaction> two = new ArrayList<>(all);
    two.add(coinbaseOf(height + 1, 0));
    add("a second coinbase", BlockDraft.rooted(h, two), Reason.COINBASE_MULTIPLE);
    add(
        "a transfer lost, and the commitment left",
        BlockDraft.rooted(h, all.subList(0, all.size() - 1)),
        Reason.WITNESS_COMMITMENT);
  }

  private Transaction coinbaseOf(int atHeight, long pay) {
    return Coinbase.build(
        Network.regtest(),
        atHeight,
        good.header().unixSeconds() * 1_000,
        Amount.ofSat(pay),
        Hash.ZERO);
  }

  private Block withCoinbase(Transaction changed) {
    List<Transaction> transactions = new ArrayList<>(all);
    transactions.set(0, changed);
    return BlockDraft.rooted(good.header(), transactions);
  }

  private Block mendedCoinbase(Transaction changed) {
    List<Transaction> transactions = new ArrayList<>(all);
    transactions.set(0, changed);
    return BlockDraft.mended(good.header(), transactions);
  }

  private Transaction coinbase(List<TransferOutput> outputs, int lockTime) {
    return Transaction.build(coinbase.version(), BlockDraft.inputs(coinbase), outputs, lockTime);
  }

  private void coinbases() {
    List<TransferOutput> outputs = BlockDraft.outputs(coinbase);
    add("the height before", mendedCoinbase(coinbaseOf(height - 1, 0)), Reason.COINBASE_HEIGHT);
    add(
        "a coinbase that is not locked",
        mendedCoinbase(coinbase(outputs, 0)),
        Reason.COINBASE_LOCK);
    List<TransferOutput> more = new ArrayList<>(outputs);
    more.set(
        0,
        new TransferOutput(
            Amount.ofSat(outputs.get(0).amount().sat() + 1), outputs.get(0).script()));
    add(
        "one sat out of nothing",
        mendedCoinbase(coinbase(more, coinbase.lockTime())),
        Reason.COINBASE_AMOUNT);
    List<TransferOutput> elsewhere = new ArrayList<>(outputs);
    elsewhere.set(0, new TransferOutput(outputs.get(0).amount(), Chains.ALICE));
    add(
        "fees to somebody else",
        mendedCoinbase(coinbase(elsewhere, coinbase.lockTime())),
        Reason.COINBASE_PAYEE);
    List<TransferInput> inputs = BlockDraft.inputs(coinbase);
    add(
        "a short witness nonce",
        withCoinbase(
            Transaction.build(
                coinbase.version(),
                List.of(inputs.get(0).withWitness(List.of(new byte[31]))),
                outputs,
                coinbase.lockTime())),
        Reason.WITNESS_NONCE);
    List<TransferOutput> uncommitted = new ArrayList<>(outputs);
    uncommitted.removeIf(output -> output.script().equals(commitment(outputs)));
    add(
        "no commitment to the witnesses",
        withCoinbase(
            Transaction.build(
                coinbase.version(),
                List.of(inputs.get(0).withWitness(List.of())),
                uncommitted,
                coinbase.lockTime())),
        Reason.UNEXPECTED_WITNESS);
  }

  private Script commitment(List<TransferOutput> outputs) {
    Hash hash = WitnessCommitment.find(coinbase).orElseThrow();
    Script script = WitnessCommitment.script(hash);
    return outputs.stream()
        .map(TransferOutput::script)
        .filter(script::equals)
        .findFirst()
        .orElseThrow();
  }

  private Block plus(Transaction... more) {
    List<Transaction> transactions = new ArrayList<>(all);
    transactions.addAll(List.of(more));
    return BlockDraft.mended(good.header(), transactions);
  }

  private static Transaction spend(Outpoint prevout, long sat) {
    return Chains.spend(prevout).pay(sat, Chains.ALICE).build();
  }

  private void transfers(Block split) {
    Transaction transfer = all.get(1);
    Outpoint spent = transfer.prevout(0);
    Outpoint none = new Outpoint(Hash.of(Chains.filled(32, 7)), 0);
    add("a coin that never was", plus(spend(none, 10_000)), Reason.UNKNOWN_COIN);
    add(
        "a coin that an earlier block has spent",
        plus(spend(split.transactions().get(1).prevout(0), 10_000)),
        Reason.UNKNOWN_COIN);
    add("a coin spent twice in the block", plus(spend(spent, 10_000)), Reason.DOUBLE_SPEND);
    Outpoint change = transfer.outpoint(0);
    add("more paid than spent", plus(spend(change, transfer.outputSat(0) + 1)), Reason.OVERSPEND);
    add(
        "a coinbase spent too soon",
        plus(spend(split.transactions().get(0).outpoint(0), 1_000)),
        Reason.IMMATURE);
    add(
        "a lock that is not reached",
        plus(
            new Chains.Draft()
                .input(change, 0xfffffffe)
                .pay(1_000, Chains.ALICE)
                .lockTime(height + 1)
                .build()),
        Reason.BLOCK_NOT_FINAL);
    add(
        "a coin younger than its lock",
        plus(new Chains.Draft().input(change, 1).pay(1_000, Chains.ALICE).version(2).build()),
        Reason.BLOCK_NOT_FINAL);
    List<Transaction> reversed = new ArrayList<>(all);
    reversed.add(1, spend(change, 1_000));
    add(
        "a child before its parent",
        BlockDraft.mended(good.header(), reversed),
        Reason.UNKNOWN_COIN);
    add(
        "an amount above all money",
        plus(
            Transaction.build(
                2,
                List.of(TransferInput.unsigned(change)),
                List.of(
                    new TransferOutput(Amount.ofSat(Amount.MAX_SAT), Chains.ALICE),
                    new TransferOutput(Amount.ofSat(Amount.MAX_SAT), Chains.ALICE)),
                0)),
        Reason.OUTPUT_SUM_TOO_LARGE);
  }

  private void certificates(Block split) {
    byte[] raw = good.toBytes();
    BlockSigner stranger = BlockSigner.single(CURVE, Chains.filled(32, 9));
    add("no certificate", raw, new Certificate(List.of()).toBytes(), Reason.CERTIFICATE);
    add(
        "a stranger's certificate",
        raw,
        stranger.sign(good.hash(), height).toBytes(),
        Reason.CERTIFICATE);
    add(
        "another block's certificate",
        raw,
        SIGNER.sign(split.hash(), height).toBytes(),
        Reason.CERTIFICATE);
    add(
        "another height's certificate",
        raw,
        SIGNER.sign(good.hash(), height + 1).toBytes(),
        Reason.CERTIFICATE);
    add("a certificate of noise", raw, new byte[] {9, 9, 9}, Reason.CERTIFICATE);
  }

  private void bytes() {
    byte[] raw = good.toBytes();
    byte[] certificate = SIGNER.sign(good.hash(), height).toBytes();
    add(
        "one byte too many",
        Arrays.copyOf(raw, raw.length + 1),
        certificate,
        Reason.BLOCK_DECODE_FAILED);
    add("cut off", Arrays.copyOf(raw, raw.length - 1), certificate, Reason.BLOCK_DECODE_FAILED);
    add("a header only", Arrays.copyOf(raw, 80), certificate, Reason.BLOCK_DECODE_FAILED);
  }

  /** For the summary that the test prints. */
  public static Set<String> codes(List<Broken> broken) {
    return new java.util.TreeSet<>(broken.stream().map(Broken::code).toList());
  }
}
