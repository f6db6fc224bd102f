package network.tender.script;

/**
 * Rules of scripts that came after the first ones, by Bitcoin Core's names without {@code
 * SCRIPT_VERIFY_} (interpreter.h).
 */
public enum ScriptFlag {
  /** A script hash stands for its script (BIP16). */
  P2SH,
  /** Public keys and hash types have a known form. */
  STRICTENC,
  /** Signatures are strict DER (BIP66). */
  DERSIG,
  /** Signatures have a low s (BIP62 rule 5, BIP146). */
  LOW_S,
  /** CHECKMULTISIG's needless item is empty (BIP147). */
  NULLDUMMY,
  /** Signature scripts only push data (BIP62 rule 2). */
  SIGPUSHONLY,
  /** Pushes and numbers have their shortest form (BIP62 rules 3 and 4). */
  MINIMALDATA,
  /** NOP1, NOP4 to NOP10 are not used yet. */
  DISCOURAGE_UPGRADABLE_NOPS,
  /** One item is left in the end (BIP62 rule 6). */
  CLEANSTACK,
  /** Locks by height or time (BIP65). */
  CHECKLOCKTIMEVERIFY,
  /** Relative locks (BIP112). */
  CHECKSEQUENCEVERIFY,
  /** Segregated witness (BIP141, BIP143). */
  WITNESS,
  /** Witness versions without rules are not used yet. */
  DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM,
  /** IF takes an empty item or 1 in segwit version 0. */
  MINIMALIF,
  /** A signature that fails is empty (BIP146). */
  NULLFAIL,
  /** Keys in segwit version 0 are compressed. */
  WITNESS_PUBKEYTYPE,
  /** No CODESEPARATOR and no removed signatures without segwit. */
  CONST_SCRIPTCODE,
  /** Taproot and tapscript (BIP341, BIP342). */
  TAPROOT,
  /** Taproot leaf versions without rules are not used yet. */
  DISCOURAGE_UPGRADABLE_TAPROOT_VERSION,
  /** Tapscript's success operations are not used yet. */
  DISCOURAGE_OP_SUCCESS,
  /** Tapscript keys of other sizes are not used yet. */
  DISCOURAGE_UPGRADABLE_PUBKEYTYPE
}
