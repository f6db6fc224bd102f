package network.tender.merchant;

import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The question for a store's invoices, newest first. Only what is asked for is in the statement: a
 * condition that may be switched off by a parameter would keep the database from its indexes.
 */
final class InvoiceListing {
  private static final int MAX_ORDER_ID_CHARS = 200;
  private static final String NEWEST_FIRST = " ORDER BY i.created_millis DESC, i.id DESC";

  private final List<String> conditions = new ArrayList<>();
  private final Tuple tuple = Tuple.tuple();
  private final String statement;

  /**
   * A question.
   *
   * @param seller only those that this cashier has made
   * @param nowMillis the time that statuses are told for, Unix milliseconds
   */
  InvoiceListing(String storeId, InvoiceFilter filter, Optional<String> seller, long nowMillis) {
    conditions.add("i.store_id = " + text(storeId));
    seller.ifPresent(account -> conditions.add("i.seller = " + text(account)));
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
    filter
        .text()
        .map(this::text)
        .ifPresent(
            start ->
                conditions.add(
                    "(starts_with(i.id, %1$s) OR starts_with(i.order_id, %1$s) OR EXISTS (SELECT FROM unnest(i.search_terms) t WHERE starts_with(t, %1$s)))"
                        .formatted(start)));
    if (!filter.includeArchived()) {
      conditions.add("NOT i.archived");
    }
    int take = Math.min(filter.take(), InvoiceFilter.MAX_TAKE);
    String page = " OFFSET " + number(filter.skip()) + " LIMIT " + number(take);
    statement =
        InvoiceRows.COLUMNS
            + "FROM ("
            + (filter.orderIds().isEmpty() ? all() : ofOrders(filter, take))
            + NEWEST_FIRST
            + page
            + ") i"
            + NEWEST_FIRST;
  }

  private String all() {
    return "SELECT i.* FROM invoice i WHERE " + String.join(" AND ", conditions);
  }

  /** The newest of each order; the newest of all are among them. */
  private String ofOrders(InvoiceFilter filter, int take) {
    String[] orders =
        filter.orderIds().stream().map(InvoiceListing::cut).distinct().toArray(String[]::new);
    String wanted = texts(orders);
    conditions.add("i.order_id = o.order_id");
    return "SELECT i.* FROM unnest("
        + wanted
        + ") AS o (order_id) CROSS JOIN LATERAL ("
        + all()
        + NEWEST_FIRST
        + " LIMIT "
        + number((long) filter.skip() + take)
        + ") i";
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
