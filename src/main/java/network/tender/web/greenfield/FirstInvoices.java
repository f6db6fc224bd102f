package network.tender.web.greenfield;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.merchant.ExactJson;
import network.tender.merchant.Invoice;
import network.tender.merchant.InvoiceCursor;
import network.tender.merchant.InvoiceFilter;
import network.tender.merchant.Invoices;
import network.tender.merchant.ListPart;

/**
 * The first invoices of a list, which are all of it unless that is long: more than {@link
 * InvoiceFilter#MAX_TAKE}, or some megabytes.
 *
 * @param invoices those that were read, at most as many as are wanted
 * @param isAll true if they are what is wanted
 * @param next where the list goes on behind what is wanted, if that was read
 */
record FirstInvoices(List<Invoice> invoices, boolean isAll, Optional<InvoiceCursor> next) {
  private static final int MOST_CHARS = 4_000_000;

  /** So many are read together: of the largest ones, a few megabytes. */
  private static final int TOGETHER = 16;

  /** Where none is large, more of them. */
  private static final int TOGETHER_IF_SMALL = 500;

  private static final int SMALL_CHARS = 4_000;

  /**
   * Reads them.
   *
   * @param take how many are wanted; empty for all
   */
  static Future<FirstInvoices> read(
      Invoices invoices, String storeId, InvoiceFilter filter, Optional<Integer> take) {
    int most = Math.min(take.orElse(Integer.MAX_VALUE), InvoiceFilter.MAX_TAKE);
    return readOn(
        (after, count) ->
            invoices.part(
                storeId,
                after
                    .map(place -> filter.from(place, count))
                    .orElseGet(() -> filter.sized(filter.skip(), count))),
        new ArrayList<>(),
        Optional.empty(),
        0,
        most,
        take.isPresent() && take.get() <= InvoiceFilter.MAX_TAKE);
  }

  private interface Reading {
    Future<ListPart<Invoice>> read(Optional<InvoiceCursor> after, int count);
  }

  private static Future<FirstInvoices> readOn(
      Reading reading,
      List<Invoice> known,
      Optional<InvoiceCursor> after,
      long charsBefore,
      int most,
      boolean wantsNoMore) {
    boolean small = !known.isEmpty() && charsBefore / known.size() < SMALL_CHARS;
    // One more than is wanted tells whether there are more.
    int count = Math.min(most + 1 - known.size(), small ? TOGETHER_IF_SMALL : TOGETHER);
    return reading
        .read(after, count)
        .compose(
            part -> {
              known.addAll(part.items());
              long chars = charsBefore;
              for (Invoice invoice : part.items()) {
                chars += ExactJson.size(invoice.metadata());
              }
              if (known.size() > most) {
                return Future.succeededFuture(
                    wantsNoMore ? cutAt(known, most) : new FirstInvoices(known, false, none()));
              }
              if (part.next().isEmpty()) {
                return Future.succeededFuture(new FirstInvoices(known, true, none()));
              }
              return chars > MOST_CHARS
                  ? Future.succeededFuture(new FirstInvoices(known, false, none()))
                  : readOn(
                      reading, known, part.next().map(InvoiceCursor::at), chars, most, wantsNoMore);
            });
  }

  private static FirstInvoices cutAt(List<Invoice> known, int most) {
    List<Invoice> wanted = List.copyOf(known.subList(0, most));
    Optional<InvoiceCursor> next =
        wanted.isEmpty() ? none() : Optional.of(InvoiceCursor.after(wanted.get(most - 1)));
    return new FirstInvoices(wanted, true, next);
  }

  private static Optional<InvoiceCursor> none() {
    return Optional.empty();
  }
}
