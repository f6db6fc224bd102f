package network.tender.cli;

/**
 * A command can't do what was asked for: one sentence that says what to do, and exit code 1, or 2
 * if the command line itself is wrong.
 */
final class CommandFailure extends RuntimeException {
  private final String code;
  private final boolean wrongUsage;

  /**
   * A failure.
   *
   * @param code a stable code for programs, lower case with hyphens; a node's own code if it
   *     refused
   * @param sentence what is wrong and what to do about it
   */
  CommandFailure(String code, String sentence) {
    super(sentence);
    this.code = code;
    this.wrongUsage = false;
  }

  /** A failure with the exception behind it, which {@code --verbose} shows. */
  CommandFailure(String code, String sentence, Throwable cause) {
    super(sentence, cause);
    this.code = code;
    this.wrongUsage = false;
  }

  private CommandFailure(String code, String sentence, boolean wrongUsage) {
    super(sentence);
    this.code = code;
    this.wrongUsage = wrongUsage;
  }

  /**
   * A command line that can't be meant, where the options' own types don't say so.
   *
   * @param code as of other failures
   * @param sentence what is wrong and what to do about it
   */
  static CommandFailure wrongUsage(String code, String sentence) {
    return new CommandFailure(code, sentence, true);
  }

  /** True if the command line itself is wrong. */
  boolean isWrongUsage() {
    return wrongUsage;
  }

  String code() {
    return code;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
