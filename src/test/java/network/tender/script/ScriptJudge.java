package network.tender.script;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.TxOut;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import org.bitcoinj.script.Script.VerifyFlag;
import org.slf4j.LoggerFactory;

/** Whoever can say whether an input may spend its output: this node, and two other programs. */
@FunctionalInterface
interface ScriptJudge {
  /**
   * What a judge says.
   *
   * @param valid true if the input may spend
   * @param error which rule it breaks, if the judge is ours
   * @param text the judge's own words
   */
  record Opinion(boolean valid, Optional<ScriptError> error, String text) {
    static final Opinion VALID = new Opinion(true, Optional.empty(), "valid");

    static Opinion of(Optional<ScriptError> error) {
      return error.map(e -> new Opinion(false, error, e.name())).orElse(VALID);
    }

    static Opinion refused(Throwable theirs) {
      return new Opinion(false, Optional.empty(), String.valueOf(theirs));
    }
  }

  /** Judges one input of a transaction, given what all its inputs spend. */
  Opinion judge(Transaction transaction, List<TransferOutput> spent, int input, ScriptFlags flags);

  /** This node, by the way that transfers take. */
  static ScriptJudge tender() {
    TransferVerifier verifier = new TransferVerifier(RandomSpend.CURVE);
    return (transaction, spent, input, flags) ->
        Opinion.of(
            verifier.verifyInput(
                new SpendContext(transaction, spent), input, flags, ScriptBudget.unlimited()));
  }

  /** This node, always by the interpreter. */
  static ScriptJudge interpreter() {
    return (transaction, spent, input, flags) ->
        Opinion.of(
            ScriptVerifier.verify(
                RandomSpend.CURVE,
                new SpendContext(transaction, spent),
                input,
                flags,
                ScriptBudget.unlimited()));
  }

  /** A judge that does not know one of the rules. */
  default ScriptJudge without(ScriptFlag flag) {
    return (transaction, spent, input, flags) -> {
      EnumSet<ScriptFlag> fewer = EnumSet.noneOf(ScriptFlag.class);
      fewer.addAll(flags.flags());
      fewer.remove(flag);
      if (flag == ScriptFlag.P2SH) {
        fewer.remove(ScriptFlag.WITNESS);
      }
      if (flag == ScriptFlag.P2SH || flag == ScriptFlag.WITNESS) {
        fewer.remove(ScriptFlag.CLEANSTACK);
      }
      return judge(transaction, spent, input, ScriptFlags.of(fewer));
    };
  }

  /** A judge to whom all amounts are the same. */
  default ScriptJudge withoutAmounts() {
    return (transaction, spent, input, flags) ->
        judge(
            transaction,
            spent.stream().map(output -> new TransferOutput(Amount.ZERO, output.script())).toList(),
            input,
            flags);
  }

  /** bitcoin-kmp, which knows every flag. */
  static ScriptJudge bitcoinKmp() {
    return (transaction, spent, input, flags) -> {
      List<TxOut> outputs = new ArrayList<>();
      for (TransferOutput output : spent) {
        outputs.add(
            new TxOut(
                new Satoshi(output.amount().sat()), new ByteVector(output.script().toBytes())));
      }
      try {
        var theirs = fr.acinq.bitcoin.Transaction.read(transaction.toBytes());
        var context =
            new fr.acinq.bitcoin.Script.Context(theirs, input, outputs.get(input).amount, outputs);
        boolean valid =
            new fr.acinq.bitcoin.Script.Runner(context, kmpFlags(flags))
                .verifyScripts(
                    theirs.txIn.get(input).signatureScript,
                    outputs.get(input).publicKeyScript,
                    theirs.txIn.get(input).witness);
        return valid
            ? Opinion.VALID
            : new Opinion(false, Optional.empty(), "the stack is not true");
      } catch (Exception | OutOfMemoryError e) {
        // It says no by exceptions of every kind.
        return Opinion.refused(e);
      }
    };
  }

  private static int kmpFlags(ScriptFlags flags) {
    int mask = 0;
    for (ScriptFlag flag : flags.flags()) {
      mask |= KmpFlags.of(flag);
    }
    return mask;
  }

  /** Bitcoin-kmp's numbers, by Core's names. */
  final class KmpFlags {
    private KmpFlags() {}

    static int of(ScriptFlag flag) {
      try {
        return fr.acinq.bitcoin.ScriptFlags.class
            .getField("SCRIPT_VERIFY_" + flag.name())
            .getInt(null);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("bitcoin-kmp has no flag " + flag, e);
      }
    }
  }

  /** The flags by which bitcoinj's interpreter does as Core does. */
  Map<ScriptFlag, VerifyFlag> BITCOINJ_FLAGS =
      Map.of(
          ScriptFlag.P2SH, VerifyFlag.P2SH,
          ScriptFlag.NULLDUMMY, VerifyFlag.NULLDUMMY,
          ScriptFlag.MINIMALDATA, VerifyFlag.MINIMALDATA,
          ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS, VerifyFlag.DISCOURAGE_UPGRADABLE_NOPS,
          ScriptFlag.CHECKLOCKTIMEVERIFY, VerifyFlag.CHECKLOCKTIMEVERIFY,
          ScriptFlag.CHECKSEQUENCEVERIFY, VerifyFlag.CHECKSEQUENCEVERIFY);

  /**
   * Bitcoinj's interpreter, which knows the rules before segwit. Its way for key hashes is not
   * used: it takes nothing but what it would sign itself.
   */
  @SuppressWarnings("deprecation")
  static ScriptJudge bitcoinj() {
    // It logs every signature that does not hold.
    ((Logger) LoggerFactory.getLogger(org.bitcoinj.script.Script.class)).setLevel(Level.OFF);
    return (transaction, spent, input, flags) -> {
      Set<VerifyFlag> theirs = EnumSet.noneOf(VerifyFlag.class);
      for (ScriptFlag flag : flags.flags()) {
        VerifyFlag known = BITCOINJ_FLAGS.get(flag);
        if (known == null) {
          throw new IllegalArgumentException("bitcoinj has no rule " + flag);
        }
        theirs.add(known);
      }
      try {
        var read =
            org.bitcoinj.core.Transaction.read(ByteBuffer.wrap(transaction.toStrippedBytes()));
        Script locking = spent.get(input).script();
        org.bitcoinj.script.Script.parse(transaction.scriptSig(input).toBytes())
            .correctlySpends(
                read, (long) input, org.bitcoinj.script.Script.parse(locking.toBytes()), theirs);
        return Opinion.VALID;
      } catch (RuntimeException e) {
        return Opinion.refused(e);
      }
    };
  }
}
