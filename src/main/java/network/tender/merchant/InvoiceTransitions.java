package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;

/**
 * Writes how invoices stand, and what is told of that, by one statement: neither is ever without
 * the other.
 */
final class InvoiceTransitions {
  /** What a new event's row says of the transaction that writes it. */
  static final String WRITTEN_IN =
      "(SELECT ahead FROM event_clock) + pg_current_xact_id()::text::bigint";

  /**
   * Each invoice carries its own events, so that nothing has to be looked up. Their ids are given
   * in their order, because they are sorted before they are written.
   */
  private static final String WRITE =
      """
      WITH changed AS (
        UPDATE invoice i
        SET status = u.status, additional_status = u.additional_status,
          paid_in_time_sat = u.paid_in_time_sat, paid_sat = u.paid_sat
        FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
               $7::text[])
               AS u (id, status, additional_status, paid_in_time_sat, paid_sat, at_millis, events)
        WHERE i.id = u.id
        RETURNING i.id, i.store_id, i.metadata, u.at_millis, u.events)
      INSERT INTO invoice_event
        (written_in, store_id, invoice_id, type, event_millis, details, metadata)
      SELECT %s, c.store_id, c.id, e.event ->> 'type', c.at_millis, e.event -> 'details', c.metadata
      FROM changed c
        CROSS JOIN LATERAL json_array_elements(c.events::json)
          WITH ORDINALITY AS e (event, number)
      ORDER BY e.number
      """
          .formatted(WRITTEN_IN);

  private final EventDetails details;

  InvoiceTransitions(EventDetails details) {
    this.details = details;
  }

  /**
   * Writes steps of invoices whose rows the connection's transaction has locked.
   *
   * @param transitions one for each invoice at most
   */
  Future<Void> write(SqlConnection connection, Collection<InvoiceTransition> transitions) {
    if (transitions.isEmpty()) {
      return Future.succeededFuture();
    }
    int count = transitions.size();
    String[] ids = new String[count];
    String[] statuses = new String[count];
    String[] additional = new String[count];
    Long[] inTime = new Long[count];
    Long[] paid = new Long[count];
    Long[] times = new Long[count];
    String[] events = new String[count];
    int next = 0;
    for (InvoiceTransition transition : transitions) {
      InvoiceChange change = transition.change();
      ids[next] = change.invoiceId();
      statuses[next] = change.after().status().text();
      additional[next] = change.after().additional().text();
      inTime[next] = change.after().paidInTime().sat();
      paid[next] = change.after().paid().sat();
      times[next] = transition.atMillis();
      events[next] = details.list(transition.events(), transition.address());
      next++;
    }
    return connection
        .preparedQuery(WRITE)
        .execute(
            Tuple.tuple()
                .addArrayOfString(ids)
                .addArrayOfString(statuses)
                .addArrayOfString(additional)
                .addArrayOfLong(inTime)
                .addArrayOfLong(paid)
                .addArrayOfLong(times)
                .addArrayOfString(events))
        .mapEmpty();
  }
}
