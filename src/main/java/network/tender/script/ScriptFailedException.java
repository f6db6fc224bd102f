package network.tender.script;

/**
 * Ends the run of a script from wherever it is; never leaves this package. It has no stack trace,
 * since a bad script is nothing unusual.
 */
final class ScriptFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ScriptError error;

  ScriptFailedException(ScriptError error) {
    super(error.name(), null, false, false);
    this.error = error;
  }

  ScriptError error() {
    return error;
  }

  /** Fails with {@code error} unless a condition holds. */
  static void require(boolean condition, ScriptError error) {
    if (!condition) {
      throw new ScriptFailedException(error);
    }
  }
}
