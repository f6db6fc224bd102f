package network.tender.script;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A set of {@link ScriptFlag}s that is consistent in itself and quick to ask. Immutable. */
public final class ScriptFlags {
  /** The first rules alone. */
  public static final ScriptFlags NONE = of(List.of());

  /** What every block of a chain keeps on which all soft forks are active from the start. */
  public static final ScriptFlags CONSENSUS =
      of(
          EnumSet.of(
              ScriptFlag.P2SH,
              ScriptFlag.DERSIG,
              ScriptFlag.NULLDUMMY,
              ScriptFlag.CHECKLOCKTIMEVERIFY,
              ScriptFlag.CHECKSEQUENCEVERIFY,
              ScriptFlag.WITNESS,
              ScriptFlag.TAPROOT));

  /**
   * What a transfer keeps to be taken in: all rules that Core applies to its mempool. They remove
   * what a third party could change in a transfer, so they are rules of the ledger here.
   */
  public static final ScriptFlags STANDARD = of(EnumSet.complementOf(notStandard()));

  private final Set<ScriptFlag> flags;

  private ScriptFlags(EnumSet<ScriptFlag> flags) {
    this.flags = Collections.unmodifiableSet(flags);
  }

  /** SIGPUSHONLY is a rule about whole transfers in Core, not one of its mempool's flags. */
  private static EnumSet<ScriptFlag> notStandard() {
    return EnumSet.of(ScriptFlag.SIGPUSHONLY);
  }

  /** These flags and those without which they have no meaning, as Core's own tests fill them up. */
  public static ScriptFlags of(Collection<ScriptFlag> flags) {
    EnumSet<ScriptFlag> all = EnumSet.noneOf(ScriptFlag.class);
    all.addAll(flags);
    if (all.contains(ScriptFlag.CLEANSTACK)) {
      all.add(ScriptFlag.WITNESS);
    }
    if (all.contains(ScriptFlag.WITNESS)) {
      all.add(ScriptFlag.P2SH);
    }
    return new ScriptFlags(all);
  }

  /** True if a flag is set. */
  public boolean has(ScriptFlag flag) {
    return flags.contains(flag);
  }

  /** The flags, in the order of their list. */
  public Set<ScriptFlag> flags() {
    return flags;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScriptFlags that && flags.equals(that.flags);
  }

  @Override
  public int hashCode() {
    return flags.hashCode();
  }

  @Override
  public String toString() {
    return flags.toString();
  }
}
