package network.tender.webhook;

import java.util.Optional;

/**
 * What became of one try.
 *
 * @param kind what it means
 * @param httpCode what the receiver answered; empty if it did not
 * @param error why that is no success, as a sentence
 */
record Outcome(Kind kind, Optional<Integer> httpCode, Optional<String> error) {
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int FIRST_SERVER_ERROR = 500;

  /** What an outcome means. */
  enum Kind {
    /** The receiver has it. */
    DELIVERED("delivered"),
    /** The receiver does not want it, or it must not be sent: another try would change nothing. */
    REFUSED("refused"),
    /** The receiver has answered that something went wrong; it may go better later. */
    FAILED("failed"),
    /** No answer; it may come later. */
    UNREACHABLE("unreachable");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** The word in metrics. */
    String label() {
      return label;
    }
  }

  /** Another try may go better. */
  boolean isRetryable() {
    return kind == Kind.FAILED || kind == Kind.UNREACHABLE;
  }

  static Outcome answered(int status) {
    if (status >= 200 && status < 300) {
      return new Outcome(Kind.DELIVERED, Optional.of(status), Optional.empty());
    }
    boolean later =
        status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS || status >= FIRST_SERVER_ERROR;
    String error =
        status >= 300 && status < 400
            ? "The receiver answered %d; redirects are not followed.".formatted(status)
            : "The receiver answered %d.".formatted(status);
    return new Outcome(later ? Kind.FAILED : Kind.REFUSED, Optional.of(status), Optional.of(error));
  }

  static Outcome unreachable(String error) {
    return new Outcome(Kind.UNREACHABLE, Optional.empty(), Optional.of(error));
  }

  static Outcome refused(String error) {
    return new Outcome(Kind.REFUSED, Optional.empty(), Optional.of(error));
  }
}
