package network.tender.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fr.acinq.bitcoin.ScriptFlags;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import network.tender.chain.Amount;
import network.tender.chain.Block;
import network.tender.chain.BlockHeader;
import network.tender.chain.Hash;
import network.tender.chain.MalformedException;
import network.tender.chain.Network;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.script.RegtestKeys;
import network.tender.script.TransferSigner;
import network.tender.script.TransferVerifier;
import org.bitcoinj.core.Context;
import org.bitcoinj.params.RegTestParams;
import org.junit.jupiter.api.Test;

/**
 * Blocks with random changes, judged by our consensus rules, bitcoinj and bitcoin-kmp. What we
 * accept they accept. What only we refuse, we refuse for a rule that they leave to their callers.
 */
class BlockAgreementTest {
  private static final int BLOCKS = 600;
  private static final int HEIGHT = Network.BOOTSTRAP_BLOCKS + 1;
  private static final long NOW_SECONDS = Chains.NOW / 1_000;
  private static final byte[] SECRET = RegtestKeys.treasurySecret();
  private static final Script TREASURY = Network.regtest().treasury();

  /** Rules about a block's place, its coins and its witnesses, none of which the others know. */
  private static final Set<Reason> OURS_ALONE =
      EnumSet.of(
          Reason.BAD_BITS,
          Reason.BAD_PREVIOUS,
          Reason.TIME_TOO_OLD,
          Reason.TIME_TOO_NEW,
          Reason.BLOCK_VERSION,
          Reason.BLOCK_NOT_FINAL,
          Reason.COINBASE_LOCK,
          Reason.COINBASE_AMOUNT,
          Reason.WITNESS_NONCE,
          Reason.WITNESS_COMMITMENT,
          Reason.UNEXPECTED_WITNESS,
          Reason.UNKNOWN_COIN,
          Reason.DOUBLE_SPEND,
          Reason.IMMATURE,
          Reason.OVERSPEND);

  private static final Map<fr.acinq.bitcoin.OutPoint, fr.acinq.bitcoin.TxOut> ISSUED =
      new HashMap<>();

  static {
    for (SealedBlock block : Chains.BOOTSTRAP) {
      put(ISSUED, fr.acinq.bitcoin.Block.read(block.block().toBytes()).tx.get(0));
    }
  }

  private final Block good = goodBlock();
  private BlockValidator validator = newValidator();

  private static Block goodBlock() {
    Ledger ledger = Chains.ledger(Policy.DEFAULT);
    TransferSigner signer = new TransferSigner(Chains.CURVE);
    for (int height = 1; height <= 5; height++) {
      TransferOutput spent =
          Chains.BOOTSTRAP.get(height - 1).block().transactions().get(0).output(0);
      Transaction transfer =
          signer.sign(
              Chains.spend(Chains.subsidy(height))
                  .pay(1_000_000L * height, TREASURY)
                  .pay(spent.amount().sat() - 1_000_000L * height - 1_000, Chains.BOB)
                  .buildWithoutWitness(),
              List.of(spent),
              List.of(SECRET));
      Chains.admit(ledger, transfer);
      if (height == 5) {
        Chains.admit(
            ledger,
            signer.sign(
                Chains.spend(transfer.outpoint(0))
                    .pay(4_000_000, Chains.ALICE)
                    .buildWithoutWitness(),
                List.of(transfer.output(0)),
                List.of(SECRET)));
      }
    }
    return Chains.settle(ledger, Chains.NOW).block();
  }

  private static BlockValidator newValidator() {
    BlockValidator validator =
        new BlockValidator(
            Network.regtest(),
            RuleSet.CONSENSUS,
            Chains.CURVE,
            BlockValidator.coinsInMemory(),
            BlockValidator.SignatureCheck.sequential(
                new TransferVerifier(Chains.CURVE), RuleSet.CONSENSUS));
    Chains.BOOTSTRAP.forEach(
        block -> validator.validate(block.block(), Optional.empty(), NOW_SECONDS));
    return validator;
  }

  /** Our refusal, if there is one. */
  private Optional<Reason> ours(byte[] raw) {
    Block block;
    try {
      block = Block.parse(raw);
    } catch (MalformedException e) {
      return Optional.of(Reason.BLOCK_DECODE_FAILED);
    }
    BlockValidator.Verdict verdict = validator.validate(block, Optional.empty(), NOW_SECONDS);
    if (verdict instanceof BlockValidator.Verdict.Invalid invalid) {
      return Optional.of(invalid.rejection().reason());
    }
    validator = newValidator();
    return Optional.empty();
  }

  private static boolean bitcoinj(byte[] raw) {
    try {
      Context.propagate(new Context());
      ByteBuffer bytes = ByteBuffer.wrap(raw);
      org.bitcoinj.core.Block block = org.bitcoinj.core.Block.read(bytes);
      org.bitcoinj.core.Block.verifyHeader(block);
      org.bitcoinj.core.Block.verifyTransactions(
          RegTestParams.get(),
          block,
          HEIGHT,
          EnumSet.of(org.bitcoinj.core.Block.VerifyFlag.HEIGHT_IN_COINBASE));
      return !bytes.hasRemaining();
    } catch (Exception e) {
      return false;
    }
  }

  private static boolean kmp(byte[] raw) {
    Map<fr.acinq.bitcoin.OutPoint, fr.acinq.bitcoin.TxOut> outputs = new HashMap<>(ISSUED);
    try {
      fr.acinq.bitcoin.Block block = fr.acinq.bitcoin.Block.read(raw);
      if (block.tx.isEmpty()) {
        // It would look for the root of no leaves for ever.
        return false;
      }
      fr.acinq.bitcoin.Block.validate(block);
      for (fr.acinq.bitcoin.Transaction tx : block.tx.subList(1, block.tx.size())) {
        if (outputs.keySet().containsAll(tx.txIn.stream().map(in -> in.outPoint).toList())) {
          fr.acinq.bitcoin.Transaction.correctlySpends(
              tx,
              outputs,
              ScriptFlags.SCRIPT_VERIFY_P2SH
                  | ScriptFlags.SCRIPT_VERIFY_DERSIG
                  | ScriptFlags.SCRIPT_VERIFY_NULLDUMMY
                  | ScriptFlags.SCRIPT_VERIFY_CHECKLOCKTIMEVERIFY
                  | ScriptFlags.SCRIPT_VERIFY_CHECKSEQUENCEVERIFY
                  | ScriptFlags.SCRIPT_VERIFY_WITNESS
                  | ScriptFlags.SCRIPT_VERIFY_TAPROOT);
        }
        put(outputs, tx);
      }
      return fr.acinq.bitcoin.Block.checkProofOfWork(block);
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static void put(
      Map<fr.acinq.bitcoin.OutPoint, fr.acinq.bitcoin.TxOut> outputs,
      fr.acinq.bitcoin.Transaction tx) {
    for (int i = 0; i < tx.txOut.size(); i++) {
      outputs.put(new fr.acinq.bitcoin.OutPoint(tx, i), tx.txOut.get(i));
    }
  }

  /** The good block with one random change, mended as far as the change itself allows. */
  private byte[] changed(Random random) {
    List<Transaction> all = new ArrayList<>(good.transactions());
    BlockHeader header = good.header();
    int some = 1 + random.nextInt(all.size() - 1);
    int kind = random.nextInt(12);
    switch (kind) {
      case 0 -> {
        byte[] raw = good.toBytes();
        raw[random.nextInt(raw.length)] ^= (byte) (1 << random.nextInt(8));
        return raw;
      }
      case 1 -> all.remove(random.nextInt(all.size()));
      case 2 -> all.add(some, all.get(random.nextInt(all.size())));
      case 3 -> Collections.swap(all, some, random.nextInt(all.size()));
      case 4 -> {
        return BlockDraft.worked(header, h -> changedHeader(h, random), all).toBytes();
      }
      case 5 -> all.set(some, flipped(all.get(some), random));
      case 6 -> all.set(0, flipped(all.get(0), random));
      case 7 -> all.set(some, withOutputs(all.get(some), random));
      case 8 -> all.set(0, withOutputs(all.get(0), random));
      case 9 -> all.set(some, withDoubledInput(all.get(some)));
      case 10 -> Collections.shuffle(all.subList(1, all.size()), random);
      default -> {
        return random.nextBoolean() ? good.toBytes() : new byte[random.nextInt(90)];
      }
    }
    if (all.isEmpty() || all.get(0).inputCount() == 0) {
      return good.toBytes();
    }
    return (random.nextInt(4) == 0
            ? BlockDraft.rooted(header, all)
            : BlockDraft.mended(header, all))
        .toBytes();
  }

  private static BlockHeader changedHeader(BlockHeader h, Random random) {
    int field = random.nextInt(5);
    return new BlockHeader(
        field == 0 ? random.nextInt(6) : h.version(),
        field == 1 ? new Hash(1, 2, 3, random.nextLong()) : h.previous(),
        field == 2 ? new Hash(1, 2, 3, random.nextLong()) : h.merkleRoot(),
        field == 3 ? h.timeSeconds() + random.nextInt(1 << 15) - (1 << 14) : h.timeSeconds(),
        field == 4 ? h.bits() - 1 - random.nextInt(3) : h.bits(),
        0);
  }

  private static Transaction flipped(Transaction transaction, Random random) {
    byte[] raw = transaction.toBytes();
    raw[random.nextInt(raw.length)] ^= (byte) (1 << random.nextInt(8));
    try {
      Transaction parsed = Transaction.parse(raw);
      // Amounts out of range can't be put together again by the draft.
      for (int i = 0; i < parsed.outputCount(); i++) {
        parsed.output(i);
      }
      return parsed.inputCount() == 0 ? transaction : parsed;
    } catch (MalformedException | ArithmeticException | IllegalArgumentException e) {
      return transaction;
    }
  }

  private static Transaction withOutputs(Transaction transaction, Random random) {
    List<TransferOutput> outputs = BlockDraft.outputs(transaction);
    int i = random.nextInt(outputs.size());
    long sat = outputs.get(i).amount().sat();
    long other = random.nextBoolean() ? sat / 2 : Math.min(sat * 2 + 1, Amount.MAX_SAT);
    outputs.set(i, new TransferOutput(Amount.ofSat(other), outputs.get(i).script()));
    return Transaction.build(
        transaction.version(), BlockDraft.inputs(transaction), outputs, transaction.lockTime());
  }

  private static Transaction withDoubledInput(Transaction transaction) {
    List<TransferInput> inputs = BlockDraft.inputs(transaction);
    inputs.add(inputs.get(0));
    return Transaction.build(
        transaction.version(), inputs, BlockDraft.outputs(transaction), transaction.lockTime());
  }

  /** Compares the verdicts on random blocks; fails at the first that nothing explains. */
  private Map<Reason, Integer> compare(Function<byte[], Optional<Reason>> judge) {
    Map<Reason, Integer> refused = new EnumMap<>(Reason.class);
    int accepted = 0;
    for (int seed = 0; seed < BLOCKS; seed++) {
      byte[] raw = changed(new Random(seed));
      Optional<Reason> ours = judge.apply(raw);
      boolean bitcoinj = bitcoinj(raw);
      boolean kmp = kmp(raw);
      String about = "seed " + seed + ": " + ours + ", bitcoinj " + bitcoinj + ", kmp " + kmp;
      if (ours.isEmpty()) {
        accepted++;
        assertThat(bitcoinj && kmp).as(about).isTrue();
      } else {
        refused.merge(ours.get(), 1, Integer::sum);
        assertThat(bitcoinj && kmp && !OURS_ALONE.contains(ours.get())).as(about).isFalse();
      }
    }
    assertThat(accepted).isGreaterThan(BLOCKS / 50);
    System.out.println(
        "random blocks: seeds 0 to " + (BLOCKS - 1) + ": " + accepted + " accepted, " + refused);
    return refused;
  }

  @Test
  void whatWeAcceptOthersAcceptAndWhatOnlyWeRefuseHasAName() {
    assertThat(compare(this::ours)).hasSizeGreaterThan(10);
  }

  /** The comparison finds a validator without any one of these rules. */
  @Test
  void aRuleThatIsMissingWouldBeFound() {
    for (Reason missing :
        List.of(
            Reason.HIGH_HASH,
            Reason.MERKLE_ROOT,
            Reason.COINBASE_MISSING,
            Reason.DUPLICATE_INPUT,
            Reason.BLOCK_SCRIPT_FAILED)) {
      assertThatThrownBy(() -> compare(raw -> ours(raw).filter(reason -> reason != missing)))
          .as(missing.name())
          .isInstanceOf(AssertionError.class);
    }
  }
}
