package network.tender.script;

import java.util.Locale;

/** Why an input may not spend its coin, by Bitcoin Core's names (script_error.h). */
public enum ScriptError {
  /** No native segwit template fits; general scripts are not accepted. */
  UNSUPPORTED_SCRIPT("general scripts are not accepted by this node"),
  /** Native segwit with something in the signature script. */
  WITNESS_MALLEATED("Witness requires empty scriptSig"),
  /** An item of the witness stack is longer than 520 bytes. */
  PUSH_SIZE("Push value size limit exceeded"),
  /** The public key is not the one whose hash locks the coin. */
  EQUALVERIFY("Script failed an OP_EQUALVERIFY operation"),
  /** The public key has no known form (hybrid, wrong size). */
  PUBKEYTYPE("Public key is neither compressed or uncompressed"),
  /** The witness stack has not the two items of P2WPKH. */
  WITNESS_PROGRAM_MISMATCH("Witness program hash mismatch"),
  /** The witness stack is empty. */
  WITNESS_PROGRAM_WITNESS_EMPTY("Witness program was passed an empty witness"),
  /** The public key of a segwit spend is not compressed. */
  WITNESS_PUBKEYTYPE("Using non-compressed keys in segwit"),
  /** The signature is not strict DER (BIP66). */
  SIG_DER("Non-canonical DER signature"),
  /** The signature's s is in the upper half (BIP146). */
  SIG_HIGH_S("Non-canonical signature: S value is unnecessarily high"),
  /** The signature's hash type is none of the defined ones. */
  SIG_HASHTYPE("Signature hash type missing or not understood"),
  /** The ECDSA signature does not verify (a non-empty one must: BIP146). */
  NULLFAIL("Signature must be zero for failed CHECK(MULTI)SIG operation"),
  /** The signature is empty. */
  EVAL_FALSE("Script evaluated without error but finished with a false/empty top stack element"),
  /** A taproot spend with an annex (BIP341), which nothing gives a meaning to yet. */
  TAPROOT_ANNEX("Taproot annexes are not accepted by this node"),
  /** The taproot signature has neither 64 nor 65 bytes. */
  SCHNORR_SIG_SIZE("Invalid Schnorr signature size"),
  /** The taproot signature's hash type is none of the defined ones. */
  SCHNORR_SIG_HASHTYPE("Invalid Schnorr signature hash type"),
  /** The taproot signature does not verify. */
  SCHNORR_SIG("Invalid Schnorr signature");

  private final String text;

  ScriptError(String text) {
    this.text = text;
  }

  /** Core's sentence for this error. */
  public String text() {
    return text;
  }

  /** This error as a stable code of our API: {@code sig-high-s}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
