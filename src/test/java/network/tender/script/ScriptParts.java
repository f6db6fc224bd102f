package network.tender.script;

import java.util.Arrays;
import java.util.Optional;
import network.tender.chain.Script;

/** Parts of script checks, for tests of other packages. */
public final class ScriptParts {
  private static final int TAPSCRIPT_LEAF = 0xc0;

  private ScriptParts() {}

  /** What the interpreter says of an input, even of one that has a faster way. */
  public static Optional<ScriptError> verifyByInterpreter(
      Curve curve, SpendContext context, int input, ScriptFlags flags, ScriptBudget budget) {
    return ScriptVerifier.verify(curve, context, input, flags, budget);
  }

  /**
   * A taproot output that commits to one script alone, and what proves it.
   *
   * @param output the output's script
   * @param control the control block of the script
   */
  @SuppressWarnings("ArrayRecordComponent") // only passed on
  public record Committed(Script output, byte[] control) {}

  /** Commits to a tapscript. */
  public static Committed commit(Curve curve, byte[] internalKey, byte[] script) {
    byte[] tweak = Taproot.tweak(internalKey, Taproot.leafHash(TAPSCRIPT_LEAF, script));
    byte[] outputKey = curve.addTweak(internalKey, tweak);
    byte[] control = internalKey.clone();
    control[0] = (byte) (TAPSCRIPT_LEAF | (outputKey[0] & 1));
    return new Committed(Script.p2tr(Arrays.copyOfRange(outputKey, 1, 33)), control);
  }

  /** A well-formed signature of any content, as DER, with a hash type behind it. */
  public static byte[] derSignature(byte[] rs, int hashType) {
    return Der.encode(rs, hashType);
  }
}
