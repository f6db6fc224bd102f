package network.tender.script;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Hashing;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;

/**
 * Checks the signatures of transactions: P2WPKH and taproot's key path, by Bitcoin Core's standard
 * rules and in the order of its interpreter, so that a refusal has the name Core would give it.
 * Safe for any thread.
 */
public final class TransferVerifier {
  /** The most bytes that a stack element of segwit version 0 may have. */
  private static final int MAX_ELEMENT_BYTES = 520;

  private static final int ANNEX_TAG = 0x50;

  private final Curve curve;

  /** A verifier that uses this implementation of the curve. */
  public TransferVerifier(Curve curve) {
    this.curve = curve;
  }

  /**
   * Checks every input.
   *
   * @param spent the outputs that the inputs spend, in the inputs' order, all of them
   */
  public ScriptVerdict verify(Transaction transaction, List<TransferOutput> spent) {
    SpendContext context = new SpendContext(transaction, spent);
    for (int i = 0; i < transaction.inputCount(); i++) {
      Optional<ScriptError> error = verifyInput(context, i);
      if (error.isPresent()) {
        return new ScriptVerdict.Invalid(i, error.get());
      }
    }
    return new ScriptVerdict.Valid();
  }

  /** Checks one input; a caller may check the inputs of one context in parallel. */
  public Optional<ScriptError> verifyInput(SpendContext context, int input) {
    Script script = context.spent(input).script();
    return switch (script.type()) {
      case P2WPKH -> verifyP2wpkh(context, input, script);
      case P2TR -> verifyP2tr(context, input, script);
      case P2WSH, P2PKH, P2SH, P2PK, OP_RETURN, EMPTY, UNKNOWN ->
          Optional.of(ScriptError.UNSUPPORTED_SCRIPT);
    };
  }

  private Optional<ScriptError> verifyP2wpkh(SpendContext context, int input, Script script) {
    Transaction transaction = context.transaction();
    if (!transaction.scriptSig(input).isEmpty()) {
      return Optional.of(ScriptError.WITNESS_MALLEATED);
    }
    if (transaction.witnessCount(input) != 2) {
      return Optional.of(ScriptError.WITNESS_PROGRAM_MISMATCH);
    }
    List<byte[]> witness = transaction.witness(input);
    byte[] signature = witness.get(0);
    byte[] publicKey = witness.get(1);
    if (signature.length > MAX_ELEMENT_BYTES || publicKey.length > MAX_ELEMENT_BYTES) {
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
    if (!transaction.scriptSig(input).isEmpty()) {
      return Optional.of(ScriptError.WITNESS_MALLEATED);
    }
    int count = transaction.witnessCount(input);
    if (count == 0) {
      return Optional.of(ScriptError.WITNESS_PROGRAM_WITNESS_EMPTY);
    }
    List<byte[]> witness = transaction.witness(input);
    if (count > 1) {
      byte[] last = witness.get(count - 1);
      return Optional.of(
          last.length > 0 && last[0] == ANNEX_TAG
              ? ScriptError.TAPROOT_ANNEX
              : ScriptError.UNSUPPORTED_SCRIPT);
    }
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
