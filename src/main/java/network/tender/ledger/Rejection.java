package network.tender.ledger;

import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.script.ScriptError;
import network.tender.script.ScriptVerdict;

/**
 * A refusal: an expected outcome, not an exception.
 *
 * @param reason why, from the closed list
 * @param detail one sentence for people that says what is wrong and what to do
 * @param conflict the transfer that this one lost to, for double spends
 * @param scriptError what the interpreter found, where a script or signature does not hold
 */
public record Rejection(
    Reason reason, String detail, Optional<Hash> conflict, Optional<ScriptError> scriptError) {
  /** A refusal that names no other transfer. */
  public static Rejection of(Reason reason, String detail) {
    return new Rejection(reason, detail, Optional.empty(), Optional.empty());
  }

  /** A refusal of a transfer whose coin another transfer has spent. */
  public static Rejection conflict(Reason reason, String detail, Hash winner) {
    return new Rejection(reason, detail, Optional.of(winner), Optional.empty());
  }

  /** A refusal of a transfer one of whose inputs may not spend its coin. */
  public static Rejection script(ScriptVerdict.Invalid invalid) {
    return script(
        invalid.error() == ScriptError.TOO_COSTLY ? Reason.TOO_COSTLY : Reason.SCRIPT_FAILED,
        invalid);
  }

  /** A refusal of a block, one of whose transfers may not spend its coin. */
  static Rejection blockScript(ScriptVerdict.Invalid invalid) {
    return script(Reason.BLOCK_SCRIPT_FAILED, invalid);
  }

  private static Rejection script(Reason reason, ScriptVerdict.Invalid invalid) {
    ScriptError error = invalid.error();
    return new Rejection(
        reason,
        error.code()
            + ": input "
            + invalid.input()
            + " may not spend its coin: "
            + error.text()
            + ".",
        Optional.empty(),
        Optional.of(error));
  }

  /** The reason as Bitcoin Core words it, with the script error in parentheses if there is one. */
  public String wireText() {
    return scriptError
        .map(error -> reason.wire() + " (" + error.text() + ")")
        .orElse(reason.wire());
  }
}
