package network.tender.script;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;

/**
 * Checks whether a transaction's inputs may spend their coins. What most transfers spend, P2WPKH
 * and taproot's key path, has a way of its own, which comes to the same verdicts as the interpreter
 * and in its order. Safe for any thread.
 */
public final class TransferVerifier {
  private final Curve curve;
  private final VerifiedTransfers verified;

  /** A verifier that uses this implementation of the curve and remembers nothing. */
  public TransferVerifier(Curve curve) {
    this(curve, VerifiedTransfers.none());
  }

  /** A verifier that does not check again what it has found good. */
  public TransferVerifier(Curve curve, VerifiedTransfers verified) {
    this.curve = curve;
    this.verified = verified;
  }

  /**
   * Checks every input by the ledger's rules, within the work that one transfer may cause.
   *
   * @param spent the outputs that the inputs spend, in the inputs' order, all of them
   */
  public ScriptVerdict verify(Transaction transaction, List<TransferOutput> spent) {
    if (!verified.isEnabled()) {
      return verify(transaction, spent, ScriptFlags.STANDARD, ScriptBudget.ofTransfer());
    }
    Hash name = verified.name(transaction, spent);
    if (verified.contains(name)) {
      return new ScriptVerdict.Valid();
    }
    ScriptVerdict verdict =
        verify(transaction, spent, ScriptFlags.STANDARD, ScriptBudget.ofTransfer());
    if (verdict.isValid()) {
      verified.add(name);
    }
    return verdict;
  }

  /**
   * Checks every input by some set of rules.
   *
   * @param spent the outputs that the inputs spend, in the inputs' order, all of them
   */
  public ScriptVerdict verify(
      Transaction transaction, List<TransferOutput> spent, ScriptFlags flags, ScriptBudget budget) {
    SpendContext context = new SpendContext(transaction, spent);
    for (int i = 0; i < transaction.inputCount(); i++) {
      Optional<ScriptError> error = verifyInput(context, i, flags, budget);
      if (error.isPresent()) {
        return new ScriptVerdict.Invalid(i, error.get());
      }
    }
    return new ScriptVerdict.Valid();
  }

  /** Checks one input; a caller may check the inputs of one context in parallel. */
  public Optional<ScriptError> verifyInput(
      SpendContext context, int input, ScriptFlags flags, ScriptBudget budget) {
    Script script = context.spent(input).script();
    if (!flags.equals(ScriptFlags.STANDARD) || !isKeySpend(context.transaction(), input, script)) {
      return ScriptVerifier.verify(curve, context, input, flags, budget);
    }
    try {
      budget.chargeCheck();
    } catch (ScriptFailedException e) {
      return Optional.of(e.error());
    }
    return script.type() == Script.Type.P2WPKH
        ? verifyP2wpkh(context, input, script)
        : verifyP2tr(context, input, script);
  }

  /** True if each input is checked with one signature at most, without running a script. */
  public static boolean areKeySpends(Transaction transaction, List<TransferOutput> spent) {
    for (int i = 0; i < transaction.inputCount(); i++) {
      if (!isKeySpend(transaction, i, spent.get(i).script())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isKeySpend(Transaction transaction, int input, Script script) {
    boolean keyOnly =
        switch (script.type()) {
          case P2WPKH -> true;
          case P2TR -> transaction.witnessCount(input) <= 1;
          case P2WSH, P2PKH, P2SH, P2PK, MULTISIG, OP_RETURN, EMPTY, UNKNOWN -> false;
        };
    // Both scripts are run before the witness is looked at. A signature script may fail by itself,
    // and a program may be false as an item.
    return keyOnly && transaction.scriptSig(input).isEmpty() && isTrueProgram(script);
  }

  private static boolean isTrueProgram(Script script) {
    for (int i = 2; i < script.length() - 1; i++) {
      if (script.byteAt(i) != 0) {
        return true;
      }
    }
    return false;
  }

  private Optional<ScriptError> verifyP2wpkh(SpendContext context, int input, Script script) {
    Transaction transaction = context.transaction();
    if (transaction.witnessCount(input) != 2) {
      return Optional.of(ScriptError.WITNESS_PROGRAM_MISMATCH);
    }
    List<byte[]> witness = transaction.witness(input);
    byte[] signature = witness.get(0);
    byte[] publicKey = witness.get(1);
    if (signature.length > ScriptInterpreter.MAX_ITEM_BYTES
        || publicKey.length > ScriptInterpreter.MAX_ITEM_BYTES) {
      return Optional.of(ScriptError.PUSH_SIZE);
    }
    if (!isHashOf(script, publicKey)) {
      return Optional.of(ScriptError.EQUALVERIFY);
    }
    if (signature.length == 0) {
      return Optional.of(checkKeyForm(publicKey).orElse(ScriptError.EVAL_FALSE));
    }
    if (!Der.isStrict(signature)) {
      return Optional.of(ScriptError.SIG_DER);
    }
    byte[] rs = Der.decode(signature);
    if (!Der.isLowS(rs)) {
      return Optional.of(ScriptError.SIG_HIGH_S);
    }
    int hashType = signature[signature.length - 1] & 0xff;
    int selection = hashType & ~SpendContext.ANYONE_CAN_PAY;
    if (selection < SpendContext.ALL || selection > SpendContext.SINGLE) {
      return Optional.of(ScriptError.SIG_HASHTYPE);
    }
    Optional<ScriptError> keyError = checkKeyForm(publicKey);
    if (keyError.isPresent()) {
      return keyError;
    }
    return curve.verifyEcdsa(rs, context.segwitHash(input, hashType), publicKey)
        ? Optional.empty()
        : Optional.of(ScriptError.NULLFAIL);
  }

  private static boolean isHashOf(Script script, byte[] publicKey) {
    byte[] hash = Hashing.hash160(publicKey);
    int program = script.offset() + 2;
    return Arrays.equals(hash, 0, 20, script.array(), program, program + 20);
  }

  private static Optional<ScriptError> checkKeyForm(byte[] publicKey) {
    if (!Points.isPublicKeyForm(publicKey)) {
      return Optional.of(ScriptError.PUBKEYTYPE);
    }
    return publicKey.length == 33 ? Optional.empty() : Optional.of(ScriptError.WITNESS_PUBKEYTYPE);
  }

  private Optional<ScriptError> verifyP2tr(SpendContext context, int input, Script script) {
    Transaction transaction = context.transaction();
    int count = transaction.witnessCount(input);
    if (count == 0) {
      return Optional.of(ScriptError.WITNESS_PROGRAM_WITNESS_EMPTY);
    }
    List<byte[]> witness = transaction.witness(input);
    byte[] signature = witness.get(0);
    int hashType = SpendContext.DEFAULT;
    if (signature.length == 65) {
      hashType = signature[64] & 0xff;
      if (hashType == SpendContext.DEFAULT) {
        return Optional.of(ScriptError.SCHNORR_SIG_HASHTYPE);
      }
      signature = Arrays.copyOf(signature, 64);
    } else if (signature.length != 64) {
      return Optional.of(ScriptError.SCHNORR_SIG_SIZE);
    }
    if (!context.hasTaprootHash(input, hashType)) {
      return Optional.of(ScriptError.SCHNORR_SIG_HASHTYPE);
    }
    byte[] outputKey = new byte[32];
    script.copyTo(2, outputKey, 0, 32);
    return curve.verifySchnorr(signature, context.taprootHash(input, hashType), outputKey)
        ? Optional.empty()
        : Optional.of(ScriptError.SCHNORR_SIG);
  }
}
