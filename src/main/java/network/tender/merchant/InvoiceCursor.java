package network.tender.merchant;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the order of a store's invoices, newest first: behind the invoice that was made then
 * and has this id. It stays where it is when invoices are added.
 *
 * @param createdMillis Unix milliseconds
 * @param id of the invoice
 */
public record InvoiceCursor(long createdMillis, String id) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,15}) ([A-Za-z0-9]{1,64})");

  /** Behind an invoice. */
  public static InvoiceCursor after(Invoice invoice) {
    return new InvoiceCursor(invoice.createdMillis(), invoice.id());
  }

  /** Behind the last invoice of a part. */
  public static InvoiceCursor at(ListPart.Place place) {
    return new InvoiceCursor(place.createdMillis(), place.id());
  }

  /** In a form that callers need not understand. */
  public String text() {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((createdMillis + " " + id).getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads what {@link #text} has written. */
  public static Optional<InvoiceCursor> parse(String text) {
    try {
      String clear = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.ISO_8859_1);
      Matcher matcher = FORM.matcher(clear);
      return matcher.matches()
          ? Optional.of(new InvoiceCursor(Long.parseLong(matcher.group(1)), matcher.group(2)))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
