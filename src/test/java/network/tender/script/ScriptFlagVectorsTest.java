package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import network.tender.Vectors;
import org.junit.jupiter.api.Test;

/**
 * A flag can only forbid. On Bitcoin Core's own cases: with fewer flags what is valid stays valid,
 * with more flags what is invalid stays invalid; and the flags that the files name are the decisive
 * ones, none too many and none missing.
 */
class ScriptFlagVectorsTest {
  private static final TransferVerifier VERIFIER =
      new TransferVerifier(Curve.load(Curve.Provider.AUTO));

  private static boolean isValid(CoreVector vector, Set<ScriptFlag> flags) {
    return VERIFIER
        .verify(
            vector.transaction(), vector.spent(), ScriptFlags.of(flags), ScriptBudget.unlimited())
        .isValid();
  }

  private static EnumSet<ScriptFlag> with(Set<ScriptFlag> flags, ScriptFlag flag) {
    EnumSet<ScriptFlag> more = EnumSet.of(flag);
    more.addAll(flags);
    return more;
  }

  /** The flags without one, and without those that mean nothing without it. */
  private static EnumSet<ScriptFlag> without(Set<ScriptFlag> flags, ScriptFlag flag) {
    EnumSet<ScriptFlag> fewer = EnumSet.noneOf(ScriptFlag.class);
    fewer.addAll(flags);
    fewer.remove(flag);
    if (!fewer.contains(ScriptFlag.P2SH)) {
      fewer.remove(ScriptFlag.WITNESS);
    }
    if (!fewer.contains(ScriptFlag.WITNESS)) {
      fewer.remove(ScriptFlag.CLEANSTACK);
    }
    return fewer;
  }

  @Test
  void validTransactionsStayValidWithoutAnyOneFlag() {
    int checked = 0;
    for (CoreVector vector : CoreVector.validTransactions()) {
      for (ScriptFlag flag : vector.flags()) {
        assertThat(isValid(vector, without(vector.flags(), flag)))
            .as("without %s: %s", flag, vector.name())
            .isTrue();
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(2_000);
    Vectors.report("tx_valid.json", checked, "judgements with one flag less");
  }

  @Test
  void validTransactionsFailByEachFlagThatTheFileLeavesOut() {
    int checked = 0;
    for (CoreVector vector : CoreVector.validTransactions()) {
      EnumSet<ScriptFlag> excluded = EnumSet.allOf(ScriptFlag.class);
      excluded.removeAll(vector.flags());
      for (ScriptFlag flag : excluded) {
        EnumSet<ScriptFlag> stillExcluded = without(excluded, flag);
        if (stillExcluded.size() == excluded.size()) {
          continue;
        }
        EnumSet<ScriptFlag> flags = EnumSet.complementOf(stillExcluded);
        assertThat(isValid(vector, flags)).as("with %s: %s", flag, vector.name()).isFalse();
        checked++;
      }
    }
    Vectors.report("tx_valid.json", checked, "judgements with an excluded flag");
    assertThat(checked).isGreaterThan(0);
  }

  private static List<CoreVector> failingScripts() {
    List<CoreVector> vectors = new ArrayList<>(CoreVector.invalidTransactions());
    vectors.removeIf(vector -> vector.expected().equals(CoreVector.BAD_STRUCTURE));
    assertThat(vectors).hasSize(84);
    return vectors;
  }

  @Test
  void invalidTransactionsStayInvalidWithAnyOneFlagMore() {
    int checked = 0;
    for (CoreVector vector : failingScripts()) {
      for (ScriptFlag flag : ScriptFlag.values()) {
        assertThat(isValid(vector, with(vector.flags(), flag)))
            .as("with %s: %s", flag, vector.name())
            .isFalse();
        checked++;
      }
    }
    Vectors.report("tx_invalid.json", checked, "judgements with one flag more");
    assertThat(checked).isEqualTo(84 * ScriptFlag.values().length);
  }

  @Test
  void invalidTransactionsAreValidWithoutAnyOneOfTheFlagsThatTheFileNames() {
    int checked = 0;
    for (CoreVector vector : failingScripts()) {
      for (ScriptFlag flag : vector.flags()) {
        assertThat(isValid(vector, without(vector.flags(), flag)))
            .as("without %s: %s", flag, vector.name())
            .isTrue();
        checked++;
      }
    }
    Vectors.report("tx_invalid.json", checked, "judgements with one of their flags less");
    assertThat(checked).isGreaterThan(0);
  }

  @Test
  void scriptTestsKeepTheirVerdictWithFewerFlagsIfValidAndWithMoreIfNot() {
    int checked = 0;
    for (CoreVector vector : CoreVector.scriptTests()) {
      boolean valid = vector.expected().equals(CoreVector.OK);
      for (ScriptFlag flag : ScriptFlag.values()) {
        Set<ScriptFlag> complete = ScriptFlags.of(vector.flags()).flags();
        Set<ScriptFlag> flags = valid ? without(complete, flag) : with(complete, flag);
        assertThat(isValid(vector, flags)).as("%s: %s", flag, vector.name()).isEqualTo(valid);
        checked++;
      }
    }
    Vectors.report("script_tests.json", checked, "judgements with one flag less or more");
    assertThat(checked).isEqualTo(1_222 * ScriptFlag.values().length);
  }
}
