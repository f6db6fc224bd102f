package network.tender.merchant;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which invoices of a store to list, newest first.
 *
 * @param orderIds only those with one of these order numbers; empty for any
 * @param statuses only those that stand so now; empty for any
 * @param fromMillis only those made then or later, Unix milliseconds
 * @param toMillis only those made then or earlier, Unix milliseconds
 * @param text only those whose id, order number or search terms start so
 * @param includeArchived also those put away
 * @param skip how many to pass over
 * @param take how many to list at most, up to {@link #MAX_TAKE}, and one more to see if there is
 *     one
 * @param after only those behind this place
 * @param seller only those that this account has made as a cashier
 */
public record InvoiceFilter(
    List<String> orderIds,
    Set<InvoiceStatus> statuses,
    Optional<Long> fromMillis,
    Optional<Long> toMillis,
    Optional<String> text,
    boolean includeArchived,
    int skip,
    int take,
    Optional<InvoiceCursor> after,
    Optional<String> seller) {
  /** Most invoices that are read at once. */
  public static final int MAX_TAKE = 1_000;

  /** All of a store's invoices, as many as are read at once. */
  public static final InvoiceFilter ALL =
      new InvoiceFilter(
          List.of(),
          Set.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false,
          0,
          MAX_TAKE,
          Optional.empty(),
          Optional.empty());

  /** Makes the collections unmodifiable. */
  public InvoiceFilter {
    orderIds = List.copyOf(orderIds);
    statuses = Set.copyOf(statuses);
  }

  /** The same of one seller only, or of all. */
  public InvoiceFilter soldBy(Optional<String> account) {
    return new InvoiceFilter(
        orderIds,
        statuses,
        fromMillis,
        toMillis,
        text,
        includeArchived,
        skip,
        take,
        after,
        account);
  }

  /** The same behind a place: what there is before it is passed over already. */
  public InvoiceFilter from(InvoiceCursor place, int most) {
    return new InvoiceFilter(
        orderIds,
        statuses,
        fromMillis,
        toMillis,
        text,
        includeArchived,
        0,
        most,
        Optional.of(place),
        seller);
  }

  /** The same with other numbers to pass over and to list. */
  public InvoiceFilter sized(int newSkip, int newTake) {
    return new InvoiceFilter(
        orderIds,
        statuses,
        fromMillis,
        toMillis,
        text,
        includeArchived,
        newSkip,
        newTake,
        after,
        seller);
  }
}
