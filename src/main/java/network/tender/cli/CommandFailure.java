package network.tender.cli;

/** A command can't do what was asked for: exit code 1 and one sentence that says what to do. */
final class CommandFailure extends RuntimeException {
  private final String code;

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
  }

  /** A failure with the exception behind it, which {@code --verbose} shows. */
  CommandFailure(String code, String sentence, Throwable cause) {
    super(sentence, cause);
    this.code = code;
  }

  String code() {
    return code;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
