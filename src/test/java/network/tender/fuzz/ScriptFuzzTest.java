package network.tender.fuzz;

import static network.tender.fuzz.FuzzRig.require;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import network.tender.chain.Opcode;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.fuzz.RandomSpend.Item;
import network.tender.fuzz.RandomSpend.Lock;
import network.tender.script.Curve;
import network.tender.script.ScriptBudget;
import network.tender.script.ScriptError;
import network.tender.script.ScriptFlags;
import network.tender.script.ScriptParts;
import network.tender.script.ScriptVerdict;
import network.tender.script.SpendContext;
import network.tender.script.TransferVerifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any spend by any scripts gets one verdict: the same when asked again, by the fast way and by the
 * interpreter, with a budget that is not used up and without one; and who keeps more rules keeps
 * fewer.
 */
class ScriptFuzzTest {
  private static final CountingCurve COUNTING = new CountingCurve();
  private static final Curve REAL_CURVE = Curve.load(Curve.Provider.AUTO);

  /** As the first byte of an input: the real curve, which is slower, is asked. */
  private static final int REAL_CURVE_MARK = 0xff;

  private interface InputVerifier {
    Optional<ScriptError> verify(
        TransferVerifier verifier,
        SpendContext context,
        int input,
        ScriptFlags flags,
        ScriptBudget budget);
  }

  private static final InputVerifier REAL = TransferVerifier::verifyInput;

  /** Has another name for a malformed signature, in the fast way alone. */
  private static final InputVerifier PLANTED =
      (verifier, context, input, flags, budget) ->
          verifier
              .verifyInput(context, input, flags, budget)
              .map(error -> error == ScriptError.SIG_DER ? ScriptError.NULLFAIL : error);

  static List<byte[]> seeds() {
    byte[] signature = bytes(number(Item.DER_SIGNATURE), 2, 1, 1);
    byte[] schnorr = bytes(number(Item.SCHNORR_SIGNATURE), 2, 0);
    byte[] key = bytes(number(Item.KEY), 0);
    byte[] pushKey = concat(bytes(RandomSpend.PUSH_ITEM), key);
    byte[] pushXonly = bytes(RandomSpend.PUSH_ITEM, number(Item.XONLY_KEY), 0);
    byte[] checkSig = concat(pushKey, bytes(Opcode.CHECKSIG));
    byte[] multisig = concat(bytes(0x51), pushKey, pushKey, bytes(0x52, Opcode.CHECKMULTISIG));
    byte[] raw = bytes(number(Item.BYTES), 3, 0x30, 1, 1);
    byte[] empty = bytes(number(Item.EMPTY));
    byte[] one = bytes(number(Item.ONE));
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(seed(Lock.P2WPKH, bytes(), signature, key));
    seeds.add(seed(Lock.P2WPKH, bytes(), raw, key));
    seeds.add(seed(Lock.P2WPKH, bytes(), empty, key));
    seeds.add(seed(Lock.P2TR_KEY, bytes(7), schnorr));
    seeds.add(seed(Lock.P2SH_P2WPKH, bytes(), signature, key));
    for (Lock lock : List.of(Lock.BARE, Lock.P2SH, Lock.P2WSH, Lock.P2SH_P2WSH)) {
      seeds.add(seed(lock, checkSig, signature));
      seeds.add(seed(lock, multisig, empty, signature));
      seeds.add(
          seed(
              lock,
              concat(
                  bytes(Opcode.IF, 0x53, Opcode.CHECKLOCKTIMEVERIFY, Opcode.ELSE, 0x52),
                  bytes(Opcode.CHECKSEQUENCEVERIFY, Opcode.ENDIF)),
              one));
    }
    seeds.add(seed(Lock.P2TR_SCRIPT, concat(pushXonly, bytes(Opcode.CHECKSIG)), schnorr));
    seeds.add(
        seed(
            Lock.P2TR_SCRIPT,
            concat(bytes(0), pushXonly, bytes(Opcode.CHECKSIGADD, 0x51, Opcode.NUMEQUAL)),
            schnorr));
    seeds.add(overBudget());
    return seeds;
  }

  /** Signatures that fail against many keys, in each of eight inputs, by the rules of blocks. */
  private static byte[] overBudget() {
    byte[] key = bytes(RandomSpend.PUSH_ITEM, number(Item.KEY), 0);
    byte[] keys =
        concat(
            concat(key, bytes(Opcode.DUP, Opcode.OP_2DUP)),
            bytes(RandomSpend.REPEAT, 5, 1, Opcode.OP_3DUP, Opcode.DUP));
    byte[] signature = bytes(RandomSpend.PUSH_ITEM, number(Item.DER_SIGNATURE), 1, 1, 1);
    byte[] check = bytes(RandomSpend.PUSH_ITEM, number(Item.BYTES), 1, 20, Opcode.CHECKMULTISIG);
    byte[] round = concat(bytes(0), signature, bytes(0x51), keys, check, bytes(Opcode.DROP));
    byte[] script = concat(bytes(RandomSpend.REPEAT, 6, round.length), round, bytes(0x51));
    byte[] spends = new byte[0];
    for (int i = 0; i < 8; i++) {
      spends = concat(spends, spend(Lock.P2WSH, script));
    }
    return concat(bytes(0, 1, 0xff, 0xff, 0xff, 0x47, 5, 0, 0, 0), spends);
  }

  private static byte[] seed(Lock lock, byte[] script, byte[]... items) {
    byte[] head = bytes(0, 0, 0xff, 0xff, 0xff, 0x48, 5, 0, 0, 0);
    return concat(head, spend(lock, script, items));
  }

  private static byte[] spend(Lock lock, byte[] script, byte[]... items) {
    byte[] head = bytes(3, 0, 0, 0, RandomSpend.LOCKS.indexOf(lock), script.length);
    return concat(head, script, bytes(items.length), concat(items));
  }

  private static int number(Item item) {
    return RandomSpend.ITEMS.indexOf(item);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(all::writeBytes);
    return all.toByteArray();
  }

  @MethodSource("seeds")
  @FuzzTest
  void script(byte[] input) {
    check(FuzzRig.PLANTED ? PLANTED : REAL, input);
  }

  @Test
  void rigFindsAPlantedBug() {
    FuzzRig.assertFindsPlantedBug(
        seeds(), input -> check(REAL, input), input -> check(PLANTED, input));
  }

  /** Else the search would begin far from what matters. */
  @Test
  void seedsAreValidSpendsAndOneIsTooCostly() {
    Map<String, Integer> verdicts = new TreeMap<>();
    for (byte[] seed : seeds()) {
      InputBytes input = new InputBytes(seed);
      input.next();
      RandomSpend spend = RandomSpend.of(input, COUNTING);
      ScriptVerdict verdict =
          new TransferVerifier(COUNTING)
              .verify(spend.transaction(), spend.spent(), spend.flags(), ScriptBudget.ofTransfer());
      String name = verdict instanceof ScriptVerdict.Invalid no ? no.error().name() : "VALID";
      verdicts.merge(name, 1, Integer::sum);
    }
    assertThat(verdicts)
        .isEqualTo(Map.of("VALID", 17, "SIG_DER", 1, "EVAL_FALSE", 1, "TOO_COSTLY", 1));
  }

  private static void check(InputVerifier inputVerifier, byte[] bytes) {
    InputBytes input = new InputBytes(bytes);
    Curve curve = input.next() == REAL_CURVE_MARK ? REAL_CURVE : COUNTING;
    RandomSpend spend = RandomSpend.of(input, curve);
    Transaction transaction = spend.transaction();
    List<TransferOutput> spent = spend.spent();
    ScriptFlags flags = spend.flags();
    TransferVerifier verifier = new TransferVerifier(curve);
    COUNTING.takeCalls();

    ScriptBudget budget = ScriptBudget.ofTransfer();
    ScriptVerdict verdict = verifier.verify(transaction, spent, flags, budget);
    int calls = COUNTING.takeCalls();
    require(calls <= ScriptBudget.MAX_CHECKS, "more signatures checked than the budget has");
    require(calls <= budget.usedChecks(), "signatures checked that were not charged");

    boolean tooCostly =
        verdict instanceof ScriptVerdict.Invalid invalid
            && invalid.error() == ScriptError.TOO_COSTLY;
    ScriptBudget unlimited = ScriptBudget.unlimited();
    ScriptVerdict whole = verifier.verify(transaction, spent, flags, unlimited);
    if (tooCostly) {
      require(unlimited.usedChecks() > ScriptBudget.MAX_CHECKS, "too costly, but cheap");
      ScriptVerdict again = verifier.verify(transaction, spent, flags, ScriptBudget.ofTransfer());
      require(again.equals(verdict), "another verdict when asked again");
    } else {
      require(whole.equals(verdict), "another verdict when asked again");
      require(unlimited.usedChecks() == budget.usedChecks(), "other costs when asked again");
      require(budget.usedChecks() <= ScriptBudget.MAX_CHECKS, "over the budget");
    }
    if (whole.isValid() && !spend.fewer().equals(flags)) {
      require(
          verifier.verify(transaction, spent, spend.fewer(), ScriptBudget.unlimited()).isValid(),
          "valid by more rules, but not by fewer");
    }
    if (flags.equals(ScriptFlags.STANDARD)) {
      checkWays(inputVerifier, verifier, curve, transaction, spent);
    }
  }

  /** The way for common inputs and the interpreter come to the same verdict. */
  private static void checkWays(
      InputVerifier inputVerifier,
      TransferVerifier verifier,
      Curve curve,
      Transaction transaction,
      List<TransferOutput> spent) {
    SpendContext context = null;
    for (int i = 0; i < transaction.inputCount(); i++) {
      Script.Type type = spent.get(i).script().type();
      if (type != Script.Type.P2WPKH
          && (type != Script.Type.P2TR || transaction.witnessCount(i) > 1)) {
        continue; // only the interpreter knows it
      }
      if (context == null) {
        context = new SpendContext(transaction, spent);
      }
      Optional<ScriptError> fast =
          inputVerifier.verify(
              verifier, context, i, ScriptFlags.STANDARD, ScriptBudget.unlimited());
      Optional<ScriptError> general =
          ScriptParts.verifyByInterpreter(
              curve, context, i, ScriptFlags.STANDARD, ScriptBudget.unlimited());
      require(
          fast.equals(general), () -> "the fast way says " + fast + ", the interpreter " + general);
    }
  }
}
