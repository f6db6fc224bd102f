package network.tender.bench;

/** A measurement can't be made, or its result can't be trusted. */
public final class BenchException extends RuntimeException {
  private final String code;

  /**
   * A failure.
   *
   * @param code stable, lower case with hyphens
   * @param sentence what is wrong and what to do about it
   */
  BenchException(String code, String sentence) {
    super(sentence);
    this.code = code;
  }

  /** A failure with the exception behind it. */
  BenchException(String code, String sentence, Throwable cause) {
    super(sentence, cause);
    this.code = code;
  }

  /** The stable code. */
  public String code() {
    return code;
  }

  /** What is wrong and what to do about it. */
  public String sentence() {
    return String.valueOf(getMessage());
  }

  /** Whoever waited was interrupted. */
  static BenchException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new BenchException("interrupted", "Interrupted before the measurement was complete.", e);
  }
}
