package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Network;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;
import network.tender.ledger.Policy;
import network.tender.ledger.Reason;
import network.tender.ledger.Rules;
import network.tender.ledger.TransferJudge;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Rules that Bitcoin Core's own vectors do not show and that another program gets wrong: our
 * verdict is Core's, the other's is not, and the list of deviations knows the case.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KmpDeviationTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] SECRET = Hashing.sha256(new byte[] {7});
  private static final byte[] KEY = RandomSpend.CURVE.publicKey(SECRET);
  private static final Amount AMOUNT = Amount.ofSat(5_000);

  private final Set<KmpDeviation> shown = EnumSet.noneOf(KmpDeviation.class);

  /** Each deviation that the comparison lets pass has a case here. */
  @AfterAll
  void everyDeviationIsShown() {
    assertThat(shown).containsExactlyInAnyOrder(KmpDeviation.values());
  }

  private static Transaction spend(Script scriptSig, List<byte[]> witness) {
    return Transaction.build(
        2,
        List.of(new TransferInput(new Outpoint(Hash.ZERO, 0), scriptSig, 0, witness)),
        List.of(new TransferOutput(Amount.ofSat(4_000), Script.EMPTY)),
        0);
  }

  private static ScriptFlags flags(ScriptFlag... flags) {
    return ScriptFlags.of(List.of(flags));
  }

  /** Fails unless we say this, bitcoin-kmp says the opposite, and this is known to be why. */
  private void show(
      KmpDeviation deviation,
      Optional<ScriptError> ours,
      Script locking,
      Script scriptSig,
      List<byte[]> witness,
      ScriptFlags flags) {
    List<TransferOutput> spent = List.of(new TransferOutput(AMOUNT, locking));
    Transaction spend = spend(scriptSig, witness);
    Optional<Disagreement> disagreement =
        Disagreement.between(
            ScriptJudge.tender(), ScriptJudge.bitcoinKmp(), spend, spent, 0, flags);
    assertThat(ScriptJudge.tender().judge(spend, spent, 0, flags).error()).isEqualTo(ours);
    assertThat(disagreement).as("bitcoin-kmp has come to agree").isPresent();
    assertThat(KmpDeviation.explanation(disagreement.orElseThrow()))
        .as(disagreement.toString())
        .contains(deviation);
    shown.add(deviation);
  }

  private static Script text(String script) {
    return CoreScript.parse(script);
  }

  private static String hex(byte[] bytes) {
    return "0x" + HEX.formatHex(bytes);
  }

  /** The push of an item, as text. */
  private static String push(byte[] bytes) {
    return hex(Script.push(bytes).toBytes());
  }

  private static Script push(String hex) {
    return Script.push(HEX.parseHex(hex));
  }

  private static Script p2sh(Script redeem) {
    return Script.p2sh(Hashing.hash160(redeem.toBytes()));
  }

  private static byte[] uncompressed() {
    return CustomNamedCurves.getByName("secp256k1").getCurve().decodePoint(KEY).getEncoded(false);
  }

  private static byte[] hybrid() {
    byte[] hybrid = uncompressed();
    hybrid[0] = (byte) (6 | (hybrid[64] & 1));
    return hybrid;
  }

  @Test
  void theShortestSignatureIsNoSpecialCase() {
    show(
        KmpDeviation.SHORT_SIGNATURE,
        Optional.empty(),
        text(push(KEY) + " CHECKSIG NOT"),
        push("300602010102010101"),
        List.of(),
        flags(ScriptFlag.DERSIG, ScriptFlag.LOW_S));
  }

  @Test
  void aSignatureWithANumberAboveTheOrderIsFalseAndNoFailure() {
    byte[] order = BigIntegers.asUnsignedByteArray(32, Secrets.ORDER);
    byte[] one = BigIntegers.asUnsignedByteArray(32, BigInteger.ONE);
    for (byte[] numbers : List.of(RandomSpend.join(order, one), RandomSpend.join(one, order))) {
      show(
          KmpDeviation.NUMBER_ABOVE_ORDER,
          Optional.empty(),
          text(push(KEY) + " CHECKSIG NOT"),
          Script.push(Der.encode(numbers, 1)),
          List.of(),
          flags(ScriptFlag.DERSIG));
    }
  }

  @Test
  void withoutTheRuleForDerAnyBytesAreASignatureThatIsFalse() {
    for (String signature : List.of("ff01", "3003020101" + "01", "3080", "300602010103010101")) {
      show(
          KmpDeviation.NOT_DER,
          Optional.empty(),
          text(push(KEY) + " CHECKSIG NOT"),
          push(signature),
          List.of(),
          ScriptFlags.NONE);
    }
  }

  /** What the bytes say of their length is never allocated. */
  @Test
  void aSignatureThatClaimsToBeHugeCostsNothing() {
    show(
        KmpDeviation.NOT_DER,
        Optional.empty(),
        text(push(KEY) + " CHECKSIG NOT"),
        push("3006" + "0284ffffffff" + "01" + "01"),
        List.of(),
        ScriptFlags.NONE);
  }

  @Test
  void theFormOfAKeyIsCheckedEvenIfItsSignatureIsEmpty() {
    Script empty = Script.of(new byte[1]);
    show(
        KmpDeviation.KEY_OF_EMPTY_SIGNATURE,
        Optional.of(ScriptError.PUBKEYTYPE),
        text(push(hybrid()) + " CHECKSIG NOT"),
        empty,
        List.of(),
        flags(ScriptFlag.STRICTENC));
    show(
        KmpDeviation.KEY_OF_EMPTY_SIGNATURE,
        Optional.of(ScriptError.PUBKEYTYPE),
        text("1 " + push(hybrid()) + " 1 CHECKMULTISIG NOT"),
        text("0 0"),
        List.of(),
        flags(ScriptFlag.STRICTENC));
    byte[] none = new byte[0];
    Script single = text(push(uncompressed()) + " CHECKSIG NOT");
    Script multiple = text("1 " + push(uncompressed()) + " 1 CHECKMULTISIG NOT");
    for (List<byte[]> witness :
        List.of(List.of(none, single.toBytes()), List.of(none, none, multiple.toBytes()))) {
      show(
          KmpDeviation.KEY_OF_EMPTY_SIGNATURE,
          Optional.of(ScriptError.WITNESS_PUBKEYTYPE),
          Script.p2wsh(Hashing.sha256(witness.get(witness.size() - 1))),
          Script.EMPTY,
          witness,
          flags(ScriptFlag.WITNESS, ScriptFlag.WITNESS_PUBKEYTYPE));
    }
  }

  /** The wrapped programs below, each with what spends it and the push of the program. */
  private record Wrapped(Script locking, Script program, List<byte[]> witness) {
    static Wrapped keyHash() {
      Script program = Script.p2wpkh(Hashing.hash160(KEY));
      Script locking = p2sh(program);
      Transaction draft = spend(Script.EMPTY, List.of(new byte[1]));
      byte[] hash =
          new SpendContext(draft, List.of(new TransferOutput(AMOUNT, locking)))
              .segwitHash(0, SpendContext.keyHashScript(program), SpendContext.ALL);
      byte[] signature = Der.encode(RandomSpend.CURVE.signEcdsa(SECRET, hash), SpendContext.ALL);
      return new Wrapped(locking, program, List.of(signature, KEY));
    }

    static Wrapped scriptHash() {
      byte[] script = {0x51};
      Script program = Script.p2wsh(Hashing.sha256(script));
      return new Wrapped(p2sh(program), program, List.of(script));
    }
  }

  @Test
  void aWrappedProgramIsPushedOnceInItsShortestFormAndAlone() {
    for (Wrapped wrapped : List.of(Wrapped.keyHash(), Wrapped.scriptHash())) {
      byte[] program = wrapped.program().toBytes();
      String size = HEX.toHexDigits((byte) program.length);
      for (String malleated :
          List.of(
              "1 " + push(program),
              "0 " + push(program),
              push(program) + " " + push(program),
              "0x4c 0x%s %s".formatted(size, hex(program)),
              "0x4d 0x%s00 %s".formatted(size, hex(program)),
              "0x4e 0x%s000000 %s".formatted(size, hex(program)))) {
        for (ScriptFlags flags : List.of(flags(ScriptFlag.WITNESS), ScriptFlags.CONSENSUS)) {
          show(
              KmpDeviation.WRAPPED_PROGRAM_WITH_MORE,
              Optional.of(ScriptError.WITNESS_MALLEATED_P2SH),
              wrapped.locking(),
              text(malleated),
              wrapped.witness(),
              flags);
        }
      }
    }
  }

  /** Here all agree. */
  @Test
  void otherMalleationsOfAWrappedProgramAreRefusedToo() {
    for (Wrapped wrapped : List.of(Wrapped.keyHash(), Wrapped.scriptHash())) {
      String program = push(wrapped.program().toBytes());
      Map<String, Optional<ScriptError>> outcomes =
          Map.of(
              program,
              Optional.empty(),
              "NOP " + program,
              Optional.of(ScriptError.SIG_PUSHONLY),
              program + " NOP",
              Optional.of(ScriptError.SIG_PUSHONLY),
              program + " 1",
              Optional.of(ScriptError.EVAL_FALSE),
              "",
              Optional.of(ScriptError.INVALID_STACK_OPERATION));
      outcomes.forEach(
          (scriptSig, expected) -> {
            Transaction spend = spend(text(scriptSig), wrapped.witness());
            List<TransferOutput> spent = List.of(new TransferOutput(AMOUNT, wrapped.locking()));
            assertThat(ScriptJudge.tender().judge(spend, spent, 0, ScriptFlags.CONSENSUS).error())
                .as(scriptSig)
                .isEqualTo(expected);
            assertThat(
                    ScriptJudge.bitcoinKmp().judge(spend, spent, 0, ScriptFlags.CONSENSUS).valid())
                .isEqualTo(expected.isEmpty());
          });
    }
  }

  @Test
  void minusOneIsNoWitnessVersion() {
    Script redeem = text("-1 0x02 0xabcd");
    show(
        KmpDeviation.NEGATIVE_VERSION,
        Optional.of(ScriptError.WITNESS_UNEXPECTED),
        p2sh(redeem),
        Script.push(redeem.toBytes()),
        List.of(new byte[] {1}),
        ScriptFlags.CONSENSUS);
    show(
        KmpDeviation.NEGATIVE_VERSION,
        Optional.of(ScriptError.CLEANSTACK),
        p2sh(redeem),
        Script.push(redeem.toBytes()),
        List.of(),
        flags(ScriptFlag.CLEANSTACK));
    show(
        KmpDeviation.NEGATIVE_VERSION,
        Optional.empty(),
        p2sh(redeem),
        Script.push(redeem.toBytes()),
        List.of(),
        flags(ScriptFlag.WITNESS, ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM));
  }

  @Test
  void aLongerPushMakesNoWitnessProgram() {
    Script redeem = text("0 0x4c 0x14 0x" + "ab".repeat(20));
    show(
        KmpDeviation.LONGER_PROGRAM_PUSH,
        Optional.empty(),
        p2sh(redeem),
        Script.push(redeem.toBytes()),
        List.of(),
        ScriptFlags.CONSENSUS);
    Script unknown = text("2 0x4c 0x14 0x" + "ab".repeat(20));
    show(
        KmpDeviation.LONGER_PROGRAM_PUSH,
        Optional.of(ScriptError.WITNESS_UNEXPECTED),
        p2sh(unknown),
        Script.push(unknown.toBytes()),
        List.of(new byte[] {1}),
        ScriptFlags.CONSENSUS);
  }

  @Test
  void anEmptySignatureIsSeenInTheScriptItSigns() {
    show(
        KmpDeviation.EMPTY_SIGNATURE_IN_CODE,
        Optional.of(ScriptError.SIG_FINDANDDELETE),
        text("0 DROP " + push(KEY) + " CHECKSIG NOT"),
        Script.of(new byte[1]),
        List.of(),
        flags(ScriptFlag.CONST_SCRIPTCODE));
  }

  @Test
  void behindAScriptHashThereIsNoAnchor() {
    Script anchor = text("1 0x02 0x4e73");
    ScriptFlags discouraged =
        flags(ScriptFlag.WITNESS, ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM);
    show(
        KmpDeviation.WRAPPED_ANCHOR,
        Optional.of(ScriptError.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM),
        p2sh(anchor),
        Script.push(anchor.toBytes()),
        List.of(),
        discouraged);
  }

  @Test
  void anAnchorMayHaveAWitnessByConsensus() {
    Script anchor = text("1 0x02 0x4e73");
    show(
        KmpDeviation.ANCHOR_WITH_WITNESS,
        Optional.empty(),
        anchor,
        Script.EMPTY,
        List.of(new byte[] {1}),
        ScriptFlags.CONSENSUS);
    show(
        KmpDeviation.ANCHOR_WITH_WITNESS,
        Optional.empty(),
        p2sh(anchor),
        Script.push(anchor.toBytes()),
        List.of(new byte[] {1}),
        ScriptFlags.CONSENSUS);
  }

  @Test
  void aLockWhoseRuleIsOffIsNoDiscouragedOperation() {
    for (String lock : List.of("CHECKLOCKTIMEVERIFY", "CHECKSEQUENCEVERIFY")) {
      show(
          KmpDeviation.LOCK_AS_NOP,
          Optional.empty(),
          text("1 " + lock),
          Script.EMPTY,
          List.of(),
          flags(ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS));
    }
  }

  @Test
  void flagsBringThoseWithThemWithoutWhichTheyMeanNothing() {
    assertThat(flags(ScriptFlag.WITNESS)).isEqualTo(flags(ScriptFlag.P2SH, ScriptFlag.WITNESS));
    assertThat(flags(ScriptFlag.CLEANSTACK))
        .isEqualTo(flags(ScriptFlag.P2SH, ScriptFlag.WITNESS, ScriptFlag.CLEANSTACK));
  }

  /** Bitcoin-kmp's check of a whole transaction passes over inputs that spend nothing. */
  @Test
  void anInputThatSpendsNothingIsRefusedBeforeItsScript() {
    Outpoint coin = new Outpoint(new Hash(1, 2, 3, 4), 0);
    Transaction spend =
        Transaction.build(
            2,
            List.of(TransferInput.unsigned(coin), TransferInput.unsigned(Outpoint.NULL)),
            List.of(new TransferOutput(AMOUNT, Script.EMPTY)),
            0);
    TransferOutput free = new TransferOutput(AMOUNT, Script.of(new byte[] {0x51}));
    TransferOutput locked = new TransferOutput(AMOUNT, Script.of(new byte[] {0}));
    TransferJudge judge =
        new TransferJudge(
            new Rules(Network.regtest(), Policy.DEFAULT), new TransferVerifier(RandomSpend.CURVE));
    assertThat(judge.judge(spend, Map.of(coin, free, Outpoint.NULL, free), ScriptFlags.NONE))
        .hasValueSatisfying(
            rejection -> assertThat(rejection.reason()).isEqualTo(Reason.NULL_PREVOUT));

    var theirs = fr.acinq.bitcoin.Transaction.read(spend.toBytes());
    assertThatCode(() -> theirs.correctlySpends(theirCoins(theirs, free, locked), 0))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> theirs.correctlySpends(theirCoins(theirs, locked, locked), 0))
        .isInstanceOf(RuntimeException.class);
  }

  private static Map<fr.acinq.bitcoin.OutPoint, fr.acinq.bitcoin.TxOut> theirCoins(
      fr.acinq.bitcoin.Transaction spend, TransferOutput... outputs) {
    Map<fr.acinq.bitcoin.OutPoint, fr.acinq.bitcoin.TxOut> coins = new HashMap<>();
    for (int i = 0; i < outputs.length; i++) {
      coins.put(
          spend.txIn.get(i).outPoint,
          new fr.acinq.bitcoin.TxOut(
              new fr.acinq.bitcoin.Satoshi(outputs[i].amount().sat()),
              new fr.acinq.bitcoin.ByteVector(outputs[i].script().toBytes())));
    }
    return coins;
  }

  /** The deviations let pass only what they describe. */
  @Test
  void aDisagreementOfAnotherKindHasNoExplanation() {
    Transaction spend = spend(text("1 1"), List.of());
    List<TransferOutput> spent =
        List.of(new TransferOutput(AMOUNT, text(push(Arrays.copyOf(KEY, 33)) + " CHECKSIG NOT")));
    Disagreement disagreement =
        new Disagreement(
            spend,
            spent,
            0,
            ScriptFlags.STANDARD,
            ScriptJudge.Opinion.VALID,
            ScriptJudge.Opinion.refused(new IllegalStateException("for no reason")));
    assertThat(KmpDeviation.explanation(disagreement)).isEmpty();
  }
}
