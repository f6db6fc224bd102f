package network.tender.script;

import java.util.Locale;

/**
 * Why an input may not spend its coin, by Bitcoin Core's names (script_error.h) and sentences
 * (script_error.cpp).
 */
public enum ScriptError {
  /** The script ends with nothing, or with a false item, on the stack. */
  EVAL_FALSE("Script evaluated without error but finished with a false/empty top stack element"),
  /** VERIFY found a false item. */
  VERIFY("Script failed an OP_VERIFY operation"),
  /** EQUALVERIFY found two different items; with key hashes: not the key that locks the coin. */
  EQUALVERIFY("Script failed an OP_EQUALVERIFY operation"),
  /** CHECKMULTISIGVERIFY found too few signatures. */
  CHECKMULTISIGVERIFY("Script failed an OP_CHECKMULTISIGVERIFY operation"),
  /** CHECKSIGVERIFY found no valid signature. */
  CHECKSIGVERIFY("Script failed an OP_CHECKSIGVERIFY operation"),
  /** NUMEQUALVERIFY found two different numbers. */
  NUMEQUALVERIFY("Script failed an OP_NUMEQUALVERIFY operation"),
  /** A script of the older kinds is longer than 10,000 bytes. */
  SCRIPT_SIZE("Script is too big"),
  /** An item is longer than 520 bytes. */
  PUSH_SIZE("Push value size limit exceeded"),
  /** A script of the older kinds has more than 201 operations. */
  OP_COUNT("Operation limit exceeded"),
  /** More than 1,000 items on the two stacks. */
  STACK_SIZE("Stack size limit exceeded"),
  /** CHECKMULTISIG was asked for fewer than no, or more signatures than keys. */
  SIG_COUNT("Signature count negative or greater than pubkey count"),
  /** CHECKMULTISIG was given fewer than no, or more than 20 keys. */
  PUBKEY_COUNT("Pubkey count negative or limit exceeded"),
  /** An operation that is cut off or that nobody knows. */
  BAD_OPCODE("Opcode missing or not understood"),
  /** An operation that is switched off for ever. */
  DISABLED_OPCODE("Attempted to use a disabled opcode"),
  /** Too few items on the stack. */
  INVALID_STACK_OPERATION("Operation not valid with the current stack size"),
  /** Too few items on the second stack. */
  INVALID_ALTSTACK_OPERATION("Operation not valid with the current altstack size"),
  /** RETURN was reached. */
  OP_RETURN("OP_RETURN was encountered"),
  /** IF, ELSE and ENDIF do not match. */
  UNBALANCED_CONDITIONAL("Invalid OP_IF construction"),
  /** A lock below zero. */
  NEGATIVE_LOCKTIME("Negative locktime"),
  /** A lock of the script that the transfer's lock time or sequence does not meet. */
  UNSATISFIED_LOCKTIME("Locktime requirement not satisfied"),
  /** A number of more bytes than allowed, or with needless ones. */
  SCRIPTNUM("Script number overflowed or is non-minimally encoded"),
  /** The signature's hash type is none of the defined ones. */
  SIG_HASHTYPE("Signature hash type missing or not understood"),
  /** The signature is not strict DER (BIP66). */
  SIG_DER("Non-canonical DER signature"),
  /** A push that has a shorter form. */
  MINIMALDATA("Data push larger than necessary"),
  /** The signature script does more than push data. */
  SIG_PUSHONLY("Only push operators allowed in signatures"),
  /** The signature's s is in the upper half (BIP146). */
  SIG_HIGH_S("Non-canonical signature: S value is unnecessarily high"),
  /** The item that CHECKMULTISIG takes in vain is not empty (BIP147). */
  SIG_NULLDUMMY("Dummy CHECKMULTISIG argument must be zero"),
  /** The public key has no known form (hybrid, wrong size). */
  PUBKEYTYPE("Public key is neither compressed or uncompressed"),
  /** More than one item is left on the stack. */
  CLEANSTACK("Stack size must be exactly one after execution"),
  /** IF was given something other than an empty item or 1. */
  MINIMALIF("OP_IF/NOTIF argument must be minimal"),
  /** The ECDSA signature does not verify (a non-empty one must: BIP146). */
  NULLFAIL("Signature must be zero for failed CHECK(MULTI)SIG operation"),
  /** An operation that does nothing yet. */
  DISCOURAGE_UPGRADABLE_NOPS("NOPx reserved for soft-fork upgrades"),
  /** A witness version without rules yet. */
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM("Witness version reserved for soft-fork upgrades"),
  /** A taproot leaf version without rules yet. */
  DISCOURAGE_UPGRADABLE_TAPROOT_VERSION("Taproot version reserved for soft-fork upgrades"),
  /** A tapscript operation without rules yet, which lets everything pass. */
  DISCOURAGE_OP_SUCCESS("OP_SUCCESSx reserved for soft-fork upgrades"),
  /** A tapscript key of a form without rules yet. */
  DISCOURAGE_UPGRADABLE_PUBKEYTYPE("Public key version reserved for soft-fork upgrades"),
  /** A program of version 0 of neither 20 nor 32 bytes. */
  WITNESS_PROGRAM_WRONG_LENGTH("Witness program has incorrect length"),
  /** The witness stack is empty. */
  WITNESS_PROGRAM_WITNESS_EMPTY("Witness program was passed an empty witness"),
  /** The witness is not what the program commits to, or not the two items of P2WPKH. */
  WITNESS_PROGRAM_MISMATCH("Witness program hash mismatch"),
  /** Native segwit with something in the signature script. */
  WITNESS_MALLEATED("Witness requires empty scriptSig"),
  /** Wrapped segwit with more than the one push of its program in the signature script. */
  WITNESS_MALLEATED_P2SH("Witness requires only-redeemscript scriptSig"),
  /** A witness where nothing asks for one. */
  WITNESS_UNEXPECTED("Witness provided for non-witness script"),
  /** The public key of a segwit spend is not compressed. */
  WITNESS_PUBKEYTYPE("Using non-compressed keys in segwit"),
  /** The taproot signature has neither 64 nor 65 bytes. */
  SCHNORR_SIG_SIZE("Invalid Schnorr signature size"),
  /** The taproot signature's hash type is none of the defined ones. */
  SCHNORR_SIG_HASHTYPE("Invalid Schnorr signature hash type"),
  /** The taproot signature does not verify. */
  SCHNORR_SIG("Invalid Schnorr signature"),
  /** A control block of no possible length (BIP341). */
  TAPROOT_WRONG_CONTROL_SIZE("Invalid Taproot control block size"),
  /** More signature checks than the witness is long enough for (BIP342). */
  TAPSCRIPT_VALIDATION_WEIGHT("Too much signature validation relative to witness weight"),
  /** CHECKMULTISIG in tapscript. */
  TAPSCRIPT_CHECKMULTISIG("OP_CHECKMULTISIG(VERIFY) is not available in tapscript"),
  /** IF in tapscript was given something other than an empty item or 1. */
  TAPSCRIPT_MINIMALIF("OP_IF/NOTIF argument must be minimal in tapscript"),
  /** A tapscript key of no bytes. */
  TAPSCRIPT_EMPTY_PUBKEY("Empty public key in tapscript"),
  /** CODESEPARATOR in a script without segwit. */
  OP_CODESEPARATOR("Using OP_CODESEPARATOR in non-witness script"),
  /** A signature stands in the script that it signs. */
  SIG_FINDANDDELETE("Signature is found in scriptCode"),
  /** A check ended in a way that no rule explains; the transfer is refused. */
  UNKNOWN_ERROR("unknown error"),
  /**
   * Not of Core's list: the node's own limit on the work that one transfer may cause; see {@link
   * ScriptBudget}.
   */
  TOO_COSTLY("Checking the scripts takes more work than one transfer may cause");

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
