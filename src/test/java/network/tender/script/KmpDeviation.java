package network.tender.script;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import network.tender.chain.Opcode;
import network.tender.chain.Script;

/**
 * What bitcoin-kmp 0.29.0 does otherwise than Bitcoin Core, and so otherwise than this node. Each
 * is shown by a case of its own, and only what one of them describes is let pass where the two are
 * compared.
 */
enum KmpDeviation {
  /** The check for a low s fails with an exception on a signature of few bytes. */
  SHORT_SIGNATURE(
      d ->
          d.onlyTheyRefuse("invalid signature size")
              && d.flags().has(ScriptFlag.LOW_S)
              && d.items().stream().anyMatch(item -> item.length < 64 && Der.isStrict(item))),

  /** A signature one of whose numbers is no number of the group fails with an exception. */
  NUMBER_ABOVE_ORDER(
      d ->
          d.ours().valid()
              && d.items().stream()
                  .anyMatch(item -> Der.isStrict(item) && isNoSignature(Der.decode(item)))),

  /** Where DER is not asked for, a signature that is none fails with an exception. */
  NOT_DER(
      d ->
          readsNoLaxSignature(d)
              && Stream.of(ScriptFlag.DERSIG, ScriptFlag.LOW_S, ScriptFlag.STRICTENC)
                  .noneMatch(d.flags()::has)
              && d.items().stream().anyMatch(item -> item.length > 0 && !Der.isStrict(item))),

  /** Nothing is asked of a key whose signature is empty. */
  KEY_OF_EMPTY_SIGNATURE(
      d ->
          d.onlyWeRefuse(ScriptError.PUBKEYTYPE, ScriptError.WITNESS_PUBKEYTYPE)
              && d.items().stream().anyMatch(item -> item.length == 0)
              && d.isValidWithout(ScriptFlag.STRICTENC, ScriptFlag.WITNESS_PUBKEYTYPE)),

  /**
   * A wrapped program may come with other pushes, or by a longer push. (The rules that are left out
   * here are those of {@link #KEY_OF_EMPTY_SIGNATURE} and {@link #WRAPPED_ANCHOR}, which may come
   * with it.)
   */
  WRAPPED_PROGRAM_WITH_MORE(
      d ->
          d.onlyWeRefuse(ScriptError.WITNESS_MALLEATED_P2SH)
              && d.isValidWith(
                  Script.push(d.program().toBytes()),
                  ScriptFlag.STRICTENC,
                  ScriptFlag.WITNESS_PUBKEYTYPE,
                  ScriptFlag.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM)),

  /** Behind a script hash, -1 is taken for the version of a witness program. */
  NEGATIVE_VERSION(
      d ->
          (d.onlyWeRefuse(ScriptError.WITNESS_UNEXPECTED, ScriptError.CLEANSTACK)
                  || d.onlyTheyRefuse("Witness version -1 reserved"))
              && d.redeemScript()
                  .filter(script -> script.byteAt(0) == Opcode.OP_1NEGATE)
                  .isPresent()),

  /** Behind a script hash, a program may be pushed in a longer form. */
  LONGER_PROGRAM_PUSH(
      d ->
          (d.ours().valid()
                  || d.onlyWeRefuse(ScriptError.WITNESS_UNEXPECTED, ScriptError.CLEANSTACK))
              && d.redeemScript().filter(KmpDeviation::isLongerProgram).isPresent()),

  /**
   * The push of an empty signature is not seen in the script it signs. (Here too {@link
   * #KEY_OF_EMPTY_SIGNATURE} may come with it.)
   */
  EMPTY_SIGNATURE_IN_CODE(
      d ->
          d.onlyWeRefuse(ScriptError.SIG_FINDANDDELETE)
              && d.items().stream().anyMatch(item -> item.length == 0)
              && d.isValidWithout(
                  ScriptFlag.CONST_SCRIPTCODE,
                  ScriptFlag.STRICTENC,
                  ScriptFlag.WITNESS_PUBKEYTYPE)),

  /** Pay-to-anchor is known behind a script hash too, where it is not. */
  WRAPPED_ANCHOR(
      d ->
          d.onlyWeRefuse(ScriptError.DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM)
              && d.redeemScript().filter(d::isAnchor).isPresent()),

  /** Pay-to-anchor is spent without a witness only. */
  ANCHOR_WITH_WITNESS(d -> d.ours().valid() && d.isAnchor(d.program()) && !d.witness().isEmpty()),

  /** The two operations for locks are discouraged while their rules are off. */
  LOCK_AS_NOP(
      d ->
          d.onlyTheyRefuse("use of upgradable NOP is discouraged")
              && ((!d.flags().has(ScriptFlag.CHECKLOCKTIMEVERIFY)
                      && d.anyScriptHas(Opcode.CHECKLOCKTIMEVERIFY))
                  || (!d.flags().has(ScriptFlag.CHECKSEQUENCEVERIFY)
                      && d.anyScriptHas(Opcode.CHECKSEQUENCEVERIFY))));

  @SuppressWarnings("ImmutableEnumChecker") // The predicates have no state.
  private final Predicate<Disagreement> predicate;

  KmpDeviation(Predicate<Disagreement> predicate) {
    this.predicate = predicate;
  }

  /** True if this is why the two disagree. */
  boolean explains(Disagreement disagreement) {
    return predicate.test(disagreement);
  }

  /** Why the two disagree, if it is known. */
  static Optional<KmpDeviation> explanation(Disagreement disagreement) {
    return Stream.of(values()).filter(deviation -> deviation.explains(disagreement)).findFirst();
  }

  private static boolean isNoSignature(byte[] numbers) {
    return Arrays.equals(numbers, new byte[numbers.length]);
  }

  /** The exceptions with which its reading of a signature that is not strict DER ends. */
  private static boolean readsNoLaxSignature(Disagreement disagreement) {
    return Stream.of(
            "Failed requirement.",
            "invalid signature size",
            NegativeArraySizeException.class.getName(),
            IndexOutOfBoundsException.class.getName(),
            OutOfMemoryError.class.getName())
        .anyMatch(disagreement::onlyTheyRefuse);
  }

  private static boolean isLongerProgram(Script script) {
    if (script.length() < 4 || script.length() > 43 || script.byteAt(1) != Opcode.PUSHDATA1) {
      return false;
    }
    int version = script.byteAt(0);
    return (version == Opcode.OP_0 || (version >= Opcode.OP_1NEGATE && version <= Opcode.OP_16))
        && script.byteAt(2) == script.length() - 3;
  }
}
