package network.tender.merchant;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Writes how invoices stand, and what is told of that, by one statement: neither is ever without
 * the other.
 */
final class InvoiceTransitions {
  /** What a new event's row says of the transaction that writes it. */
  static final String WRITTEN_IN =
      "(SELECT ahead FROM event_clock) + pg_current_xact_id()::text::bigint";

  /** Ids of events are given in this order, because it is sorted before it is written. */
  private static final String WRITE =
      """
      WITH changed AS (
        UPDATE invoice i
        SET status = u.status, additional_status = u.additional_status,
          paid_in_time_sat = u.paid_in_time_sat, paid_sat = u.paid_sat
        FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
               AS u (id, status, additional_status, paid_in_time_sat, paid_sat)
        WHERE i.id = u.id
        RETURNING i.id, i.store_id, i.metadata)
      INSERT INTO invoice_event
        (written_in, store_id, invoice_id, type, event_millis, details, metadata)
      SELECT %s, c.store_id, c.id, e.type, e.at_millis, e.details::json, c.metadata
      FROM unnest($6::text[], $7::text[], $8::bigint[], $9::text[])
             WITH ORDINALITY AS e (invoice_id, type, at_millis, details, number)
        JOIN changed c ON c.id = e.invoice_id
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
    List<String> eventIds = new ArrayList<>();
    List<String> types = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    int next = 0;
    for (InvoiceTransition transition : transitions) {
      InvoiceChange change = transition.change();
      ids[next] = change.invoiceId();
      statuses[next] = change.after().status().text();
      additional[next] = change.after().additional().text();
      inTime[next] = change.after().paidInTime().sat();
      paid[next] = change.after().paid().sat();
      next++;
      for (InvoiceEvent event : transition.events()) {
        eventIds.add(change.invoiceId());
        types.add(event.type());
        times.add(transition.atMillis());
        texts.add(details.of(event, transition.address()));
      }
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
                .addArrayOfString(eventIds.toArray(String[]::new))
                .addArrayOfString(types.toArray(String[]::new))
                .addArrayOfLong(times.toArray(Long[]::new))
                .addArrayOfString(texts.toArray(String[]::new)))
        .mapEmpty();
  }
}
