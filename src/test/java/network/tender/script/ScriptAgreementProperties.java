package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/**
 * On random transactions and random sets of rules this node has the verdict of two other programs,
 * but for what {@link KmpDeviation} and {@link BitcoinjDeviation} name; and its quick way for key
 * spends has the verdict and the error of its interpreter.
 */
class ScriptAgreementProperties {
  private static final ScriptJudge TENDER = ScriptJudge.tender();
  private static final ScriptJudge INTERPRETER = ScriptJudge.interpreter();
  private static final ScriptJudge BITCOIN_KMP = ScriptJudge.bitcoinKmp();
  private static final ScriptJudge BITCOINJ = ScriptJudge.bitcoinj();

  /** More transactions than are ever needed until a judge that is wrong is found out. */
  private static final int ENOUGH = 6_000;

  /** A third of the transactions are changed after they were signed. */
  private static Optional<RandomSpend> someSpend(Random random) {
    RandomSpend spend = RandomSpend.signed(random);
    return random.nextInt(3) == 0 ? spend.mutated(random) : Optional.of(spend);
  }

  /** Half of the transactions are changed after they were signed. */
  private static Optional<RandomSpend> someKeySpend(Random random) {
    RandomSpend spend = RandomSpend.signedByKeys(random);
    return random.nextBoolean() ? spend.mutated(random) : Optional.of(spend);
  }

  /** Those of a random set of rules that bitcoinj knows. */
  private static ScriptFlags bitcoinjFlags(Random random) {
    EnumSet<ScriptFlag> flags = EnumSet.noneOf(ScriptFlag.class);
    flags.addAll(RandomSpend.flags(random).flags());
    flags.retainAll(ScriptJudge.BITCOINJ_FLAGS.keySet());
    return ScriptFlags.of(flags);
  }

  private static List<Disagreement> disagreements(
      ScriptJudge ours, ScriptJudge theirs, RandomSpend spend, ScriptFlags flags) {
    List<Disagreement> disagreements = new ArrayList<>();
    for (int i = 0; i < spend.spent().size(); i++) {
      Disagreement.between(ours, theirs, spend.transaction(), spend.spent(), i, flags)
          .ifPresent(disagreements::add);
    }
    return disagreements;
  }

  private static void collect(RandomSpend spend, ScriptFlags flags) {
    for (int i = 0; i < spend.spent().size(); i++) {
      boolean valid = INTERPRETER.judge(spend.transaction(), spend.spent(), i, flags).valid();
      Statistics.label("inputs")
          .collect(valid ? "valid" : "refused")
          .coverage(
              coverage -> {
                coverage.check("valid").percentage(percentage -> percentage > 30);
                coverage.check("refused").percentage(percentage -> percentage > 5);
              });
    }
  }

  @Property(tries = 1_000)
  void ourVerdictIsThatOfBitcoinKmp(@ForAll long seed) {
    Random random = new Random(seed);
    Optional<RandomSpend> spend = someSpend(random);
    ScriptFlags flags = RandomSpend.flags(random);
    if (spend.isPresent()) {
      collect(spend.get(), flags);
      assertThat(disagreements(TENDER, BITCOIN_KMP, spend.get(), flags))
          .allMatch(disagreement -> KmpDeviation.explanation(disagreement).isPresent());
    }
  }

  @Property(tries = 1_000)
  void ourVerdictIsThatOfBitcoinj(@ForAll long seed) {
    Random random = new Random(seed);
    Optional<RandomSpend> spend = someSpend(random);
    ScriptFlags flags = bitcoinjFlags(random);
    if (spend.isPresent()) {
      collect(spend.get(), flags);
      assertThat(disagreements(TENDER, BITCOINJ, spend.get(), flags))
          .allMatch(disagreement -> BitcoinjDeviation.explanation(disagreement).isPresent());
    }
  }

  @Property(tries = 1_000)
  void theQuickWayForKeySpendsIsThatOfTheInterpreter(@ForAll long seed) {
    Optional<RandomSpend> spend = someKeySpend(new Random(seed));
    if (spend.isPresent()) {
      collect(spend.get(), ScriptFlags.STANDARD);
      assertSameOpinions(TENDER, INTERPRETER, spend.get());
    }
  }

  private static void assertSameOpinions(ScriptJudge a, ScriptJudge b, RandomSpend spend) {
    for (int i = 0; i < spend.spent().size(); i++) {
      assertThat(a.judge(spend.transaction(), spend.spent(), i, ScriptFlags.STANDARD))
          .as("input %d of %s", i, spend)
          .isEqualTo(b.judge(spend.transaction(), spend.spent(), i, ScriptFlags.STANDARD));
    }
  }

  /** Judges each of which is wrong in one thing; a comparison must find all of them out. */
  private static Map<String, ScriptJudge> wrongJudges(Set<ScriptFlag> flags) {
    Map<String, ScriptJudge> judges = new LinkedHashMap<>();
    flags.forEach(flag -> judges.put("without " + flag, TENDER.without(flag)));
    return judges;
  }

  @Example
  void bitcoinKmpFindsOutWhoeverDoesNotKnowOneOfTheRules() {
    Map<String, ScriptJudge> wrong = wrongJudges(EnumSet.allOf(ScriptFlag.class));
    wrong.put("without amounts", TENDER.withoutAmounts());
    int tries = 0;
    for (; tries < ENOUGH && !wrong.isEmpty(); tries++) {
      Random random = new Random(tries);
      Optional<RandomSpend> spend = someSpend(random);
      ScriptFlags flags = RandomSpend.flags(random);
      spend.ifPresent(
          some -> removeFoundOut(wrong, BITCOIN_KMP, KmpDeviation::explanation, some, flags));
    }
    assertThat(wrong.keySet()).as("not found out").isEmpty();
    System.out.println("canaries: bitcoin-kmp found all out by " + tries + " transactions");
  }

  @Example
  void bitcoinjFindsOutWhoeverDoesNotKnowOneOfItsRules() {
    Map<String, ScriptJudge> wrong = wrongJudges(ScriptJudge.BITCOINJ_FLAGS.keySet());
    int tries = 0;
    for (; tries < ENOUGH && !wrong.isEmpty(); tries++) {
      Random random = new Random(tries);
      Optional<RandomSpend> spend = someSpend(random);
      ScriptFlags flags = bitcoinjFlags(random);
      spend.ifPresent(
          some -> removeFoundOut(wrong, BITCOINJ, BitcoinjDeviation::explanation, some, flags));
    }
    assertThat(wrong.keySet()).as("not found out").isEmpty();
    System.out.println("canaries: bitcoinj found all out by " + tries + " transactions");
  }

  @Example
  void theInterpreterFindsOutAQuickWayThatDoesNotKnowOneOfItsRules() {
    for (ScriptFlag flag : List.of(ScriptFlag.LOW_S, ScriptFlag.NULLFAIL, ScriptFlag.STRICTENC)) {
      ScriptJudge wrong = TENDER.without(flag);
      int tries = 0;
      while (tries < ENOUGH
          && !someKeySpend(new Random(tries)).map(some -> differs(wrong, some)).orElse(false)) {
        tries++;
      }
      assertThat(tries).as("without %s", flag).isLessThan(ENOUGH);
    }
  }

  private static boolean differs(ScriptJudge wrong, RandomSpend spend) {
    try {
      assertSameOpinions(wrong, INTERPRETER, spend);
      return false;
    } catch (AssertionError e) {
      return true;
    }
  }

  private static void removeFoundOut(
      Map<String, ScriptJudge> wrong,
      ScriptJudge theirs,
      Function<Disagreement, Optional<?>> explanations,
      RandomSpend spend,
      ScriptFlags flags) {
    wrong
        .values()
        .removeIf(
            judge ->
                disagreements(judge, theirs, spend, flags).stream()
                    .anyMatch(explanations.andThen(Optional::isEmpty)::apply));
  }
}
