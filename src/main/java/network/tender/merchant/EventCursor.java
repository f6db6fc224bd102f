package network.tender.merchant;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a store's events. Everything behind it was not there yet, or not to be seen, when it
 * was handed out; nothing is ever added before it.
 *
 * @param writtenIn number of the transaction that wrote the event
 * @param id the event's number
 */
public record EventCursor(long writtenIn, long id) {
  /** Before the first event. */
  public static final EventCursor START = new EventCursor(0, 0);

  private static final Pattern TEXT = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

  /** Reads what {@link #text} has written. */
  public static Optional<EventCursor> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new EventCursor(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  /** The cursor as it is in the API: opaque to others. */
  public String text() {
    return writtenIn + "-" + id;
  }
}
