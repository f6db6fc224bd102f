package network.tender.merchant;

import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A question about a store's invoices. Only what is asked for is in the statement: a condition that
 * may be switched off by a parameter would keep the database from its indexes.
 */
final class InvoiceListing {
  /**
   * So many that begin with a text are looked up and put in order; if there are more, the newest
   * invoices are searched for it, which finds some soon.
   */
  static final int MAX_FOUND = 10_000;

  private static final int MAX_ORDER_ID_CHARS = 200;
  private static final String NEWEST_FIRST = " ORDER BY i.created_millis DESC, i.id DESC";

  private final List<String> conditions = new ArrayList<>();
  private final Tuple tuple = Tuple.tuple();
  private final String statement;

  private interface Form {
    String statement(InvoiceListing listing);
  }

  private InvoiceListing(Form form) {
    statement = form.statement(this);
  }

  /**
   * The invoices, newest first.
   *
   * @param seller only those that this cashier has made
   * @param few true if few invoices begin with the filter's text
   * @param nowMillis the time that statuses are told for, Unix milliseconds
   */
  static InvoiceListing list(
      String storeId, InvoiceFilter filter, Optional<String> seller, boolean few, long nowMillis) {
    return new InvoiceListing(
        listing -> {
          String store = listing.filter(storeId, filter, filter.includeArchived(), few, nowMillis);
          seller.ifPresent(
              account -> listing.conditions.add("i.seller = " + listing.text(account)));
          filter.after().ifPresent(listing::after);
          // One more than an answer may hold tells whether there are more.
          int take = Math.min(filter.take(), InvoiceFilter.MAX_TAKE + 1);
          String page =
              " OFFSET " + listing.number(filter.skip()) + " LIMIT " + listing.number(take);
          return InvoiceRows.COLUMNS
              + "FROM ("
              + (filter.orderIds().isEmpty()
                  ? listing.all("SELECT i.*", store, filter, few)
                  : listing.ofOrders(filter, take))
              + NEWEST_FIRST
              + page
              + ") i"
              + NEWEST_FIRST;
        });
  }

  /**
   * How many invoices there are, wherever the filter begins and ends.
   *
   * @param seller as for {@link #list}
   * @param few as for {@link #list}
   * @param nowMillis as for {@link #list}
   */
  static InvoiceListing count(
      String storeId, InvoiceFilter filter, Optional<String> seller, boolean few, long nowMillis) {
    return new InvoiceListing(
        listing -> {
          boolean all = filter.includeArchived() || isPlain(filter);
          String store = listing.filter(storeId, filter, all, few, nowMillis);
          seller.ifPresent(
              account -> listing.conditions.add("i.seller = " + listing.text(account)));
          if (!filter.orderIds().isEmpty()) {
            listing.conditions.add("i.order_id = ANY(" + listing.texts(orders(filter)) + ")");
          }
          String seen = listing.all("SELECT count(*)", store, filter, few);
          return filter.includeArchived() || !isPlain(filter)
              ? seen
              : "SELECT (%s) - (%s AND i.archived)".formatted(seen, seen);
        });
  }

  /** True if an index alone tells how many there are: then those put away are counted apart. */
  private static boolean isPlain(InvoiceFilter filter) {
    return filter.orderIds().isEmpty() && filter.statuses().isEmpty() && filter.text().isEmpty();
  }

  /** How many invoices begin with a text, up to {@link #MAX_FOUND} + 1 by each of their texts. */
  static InvoiceListing found(String storeId, String text) {
    return new InvoiceListing(
        listing ->
            "SELECT count(*) FROM ("
                + listing.beginning(
                    listing.text(storeId), text, " LIMIT " + listing.number(MAX_FOUND + 1L))
                + ") f");
  }

  /** Adds the conditions that every form has; where the store's id is among the parameters. */
  private String filter(
      String storeId, InvoiceFilter filter, boolean archivedToo, boolean few, long nowMillis) {
    String store = text(storeId);
    conditions.add("i.store_id = " + store);
    if (!filter.statuses().isEmpty()) {
      String[] statuses =
          filter.statuses().stream().map(InvoiceStatus::text).toArray(String[]::new);
      conditions.add(
          "CASE WHEN i.status = 'New' AND i.expiration_millis <= %s THEN 'Expired' ELSE i.status END = ANY(%s)"
              .formatted(number(nowMillis), texts(statuses)));
    }
    filter
        .fromMillis()
        .ifPresent(millis -> conditions.add("i.created_millis >= " + number(millis)));
    filter.toMillis().ifPresent(millis -> conditions.add("i.created_millis <= " + number(millis)));
    if (!isLookedUp(filter, few)) {
      filter
          .text()
          .map(this::text)
          .ifPresent(
              start ->
                  conditions.add(
                      "(starts_with(i.id, %1$s) OR starts_with(i.order_id, %1$s) OR EXISTS (SELECT FROM unnest(i.search_terms) t WHERE starts_with(t, %1$s)))"
                          .formatted(start)));
    }
    if (!archivedToo) {
      conditions.add("NOT i.archived");
    }
    return store;
  }

  private static boolean isLookedUp(InvoiceFilter filter, boolean few) {
    return few && filter.text().isPresent() && filter.orderIds().isEmpty();
  }

  private void after(InvoiceCursor cursor) {
    conditions.add(
        "(i.created_millis, i.id) < (%s, %s)"
            .formatted(number(cursor.createdMillis()), text(cursor.id())));
  }

  private String all(String selected, String store, InvoiceFilter filter, boolean few) {
    String from =
        isLookedUp(filter, few)
            ? " FROM ("
                + beginning(store, filter.text().orElseThrow(), "")
                + ") f JOIN invoice i ON i.id = f.id"
            : " FROM invoice i";
    return selected + from + " WHERE " + String.join(" AND ", conditions);
  }

  /** The ids of those that begin with a text, each once; every part has an index of its own. */
  private String beginning(String store, String text, String limit) {
    return """
        (SELECT id FROM invoice WHERE store_id = %1$s AND starts_with(id, %2$s)%3$s)
        UNION
        (SELECT id FROM invoice WHERE store_id = %1$s AND starts_with(order_id, %2$s)%3$s)
        UNION
        (SELECT invoice_id FROM invoice_search_term
          WHERE store_id = %1$s AND starts_with(term, %2$s)%3$s)"""
        .formatted(store, text(text), limit);
  }

  /** The newest of each order; the newest of all are among them. */
  private String ofOrders(InvoiceFilter filter, int take) {
    String wanted = texts(orders(filter));
    conditions.add("i.order_id = o.order_id");
    return "SELECT i.* FROM unnest("
        + wanted
        + ") AS o (order_id) CROSS JOIN LATERAL ("
        + all("SELECT i.*", "", filter, false)
        + NEWEST_FIRST
        + " LIMIT "
        + number((long) filter.skip() + take)
        + ") i";
  }

  private static String[] orders(InvoiceFilter filter) {
    return filter.orderIds().stream().map(InvoiceListing::cut).distinct().toArray(String[]::new);
  }

  /** As the column {@code order_id} is cut. */
  private static String cut(String orderId) {
    int chars = orderId.codePointCount(0, orderId.length());
    return chars <= MAX_ORDER_ID_CHARS
        ? orderId
        : orderId.substring(0, orderId.offsetByCodePoints(0, MAX_ORDER_ID_CHARS));
  }

  private String text(String value) {
    tuple.addString(value);
    return "$" + tuple.size() + "::text";
  }

  private String texts(String[] values) {
    tuple.addArrayOfString(values);
    return "$" + tuple.size() + "::text[]";
  }

  private String number(long value) {
    tuple.addLong(value);
    return "$" + tuple.size() + "::bigint";
  }

  String statement() {
    return statement;
  }

  Tuple tuple() {
    return tuple;
  }
}
