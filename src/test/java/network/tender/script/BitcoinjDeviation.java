package network.tender.script;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import network.tender.chain.Opcode;

/**
 * What the interpreter of bitcoinj 0.17 does otherwise than Bitcoin Core, by the rules that it
 * knows at all. Each is shown by a case of its own.
 */
enum BitcoinjDeviation {
  /** The two operations for locks are discouraged while their rules are off. */
  LOCK_AS_NOP(
      d ->
          d.onlyTheyRefuse("Script used a reserved opcode")
              && d.flags().has(ScriptFlag.DISCOURAGE_UPGRADABLE_NOPS)
              && ((!d.flags().has(ScriptFlag.CHECKLOCKTIMEVERIFY)
                      && d.anyScriptHas(Opcode.CHECKLOCKTIMEVERIFY))
                  || (!d.flags().has(ScriptFlag.CHECKSEQUENCEVERIFY)
                      && d.anyScriptHas(Opcode.CHECKSEQUENCEVERIFY)))),

  /** A transaction with a value below zero, which the rules refuse elsewhere, cannot be read. */
  NEGATIVE_VALUE(d -> d.onlyTheyRefuse("negative values not allowed")),

  /** A signature that is DER only as OpenSSL once read it verifies nothing. */
  LAX_SIGNATURE(
      d -> d.ours().valid() && d.items().stream().anyMatch(BitcoinjDeviation::isLaxSignature));

  @SuppressWarnings("ImmutableEnumChecker") // The predicates have no state.
  private final Predicate<Disagreement> predicate;

  BitcoinjDeviation(Predicate<Disagreement> predicate) {
    this.predicate = predicate;
  }

  /** Why the two disagree, if it is known. */
  static Optional<BitcoinjDeviation> explanation(Disagreement disagreement) {
    return Stream.of(values())
        .filter(deviation -> deviation.predicate.test(disagreement))
        .findFirst();
  }

  private static boolean isLaxSignature(byte[] item) {
    return item.length > 0
        && !Der.isStrict(item)
        && Der.decodeLax(Arrays.copyOf(item, item.length - 1)).isPresent();
  }
}
