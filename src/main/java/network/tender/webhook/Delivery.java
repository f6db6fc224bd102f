package network.tender.webhook;

import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * An event on its way to a webhook, or there.
 *
 * @param id its own
 * @param originalId the first delivery of the same event to the same webhook; its own if it is that
 * @param webhookId where to
 * @param invoiceId which invoice's event
 * @param type the event's
 * @param state how far it is
 * @param attempts tries so far
 * @param createdMillis when it was made, Unix milliseconds
 * @param dueMillis when it is tried next, if it waits
 * @param sentMillis when it was tried last; empty if never
 * @param httpCode what the receiver answered last
 * @param error why that is no success, as a sentence
 */
public record Delivery(
    UUID id,
    UUID originalId,
    String webhookId,
    String invoiceId,
    String type,
    State state,
    int attempts,
    long createdMillis,
    long dueMillis,
    Optional<Long> sentMillis,
    Optional<Integer> httpCode,
    Optional<String> error) {
  /** How far a delivery is. */
  public enum State {
    /** It waits for its first try or the next one. */
    PENDING("Pending"),
    /** The receiver has it. */
    DELIVERED("Delivered"),
    /** The receiver has refused it, or it was to be tried only once. */
    REFUSED("Refused"),
    /** It was tried for days: a dead letter. */
    GIVEN_UP("GivenUp");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /** The name in the API and the database. */
    public String text() {
      return text;
    }

    /** Reads a name in any case. */
    public static Optional<State> parse(String text) {
      for (State state : values()) {
        if (state.text.toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT))) {
          return Optional.of(state);
        }
      }
      return Optional.empty();
    }
  }
}
