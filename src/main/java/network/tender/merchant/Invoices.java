package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import network.tender.journal.ChainIndex;
import network.tender.ledger.SealedBlock;

/** Invoices in the database. What is read is as it stands now, expired to the millisecond. */
public final class Invoices {
  private static final String IS_SALE =
      "SELECT 1 FROM invoice WHERE id = $1 AND request_key IS NOT NULL"
          + " AND app_id IS NOT DISTINCT FROM $2";
  private static final int SWEEP_ROWS = 500;

  private static final String FIND = InvoiceRows.SELECT + "WHERE i.id = $1";

  private static final String FIND_BY_KEY =
      InvoiceRows.SELECT + "WHERE i.store_id = $1 AND i.request_key = $2";

  private static final String LOCK = FIND + " FOR UPDATE OF i";
  private static final String SET_METADATA =
      "UPDATE invoice SET metadata = $2::text::jsonb WHERE id = $1";

  /** Of the row nothing else is touched: a block may be writing how the invoice stands. */
  private static final String ARCHIVE =
      "UPDATE invoice SET archived = true WHERE id = $1 AND NOT archived";

  private static final String UNARCHIVE =
      "UPDATE invoice SET archived = false WHERE id = $1 AND archived";

  /** What the clock may have run out of; whoever else has locked it will see to it. */
  private static final String EXPIRING =
      """
      SELECT id, store_id, due_sat, tolerance_percent, expiration_millis, status,
        additional_status, paid_in_time_sat, paid_sat
      FROM invoice WHERE status = 'New' AND expiration_millis <= $1
      ORDER BY expiration_millis LIMIT %d FOR UPDATE SKIP LOCKED
      """
          .formatted(SWEEP_ROWS);

  private final Pool pool;
  private final InstantSource clock;
  private final InvoiceEvents events;
  private final InvoiceTransitions transitions;
  private final InvoiceEventLog log;
  private final FreshAddresses addresses;
  private final InvoiceWriter writer;
  private final UnreadableRows unreadable;
  private final InvoiceWalks walks;

  /** Invoices in this database. */
  Invoices(
      Vertx vertx,
      Pool pool,
      InstantSource clock,
      WatchedScripts watched,
      InvoiceEvents events,
      EventDetails details,
      InvoiceEventLog log,
      MeterRegistry registry) {
    this.pool = pool;
    this.clock = clock;
    this.events = events;
    this.transitions = new InvoiceTransitions(details);
    this.log = log;
    this.addresses = new FreshAddresses(vertx, pool);
    this.unreadable = new UnreadableRows("invoice", registry);
    this.writer =
        new InvoiceWriter(
            vertx, pool, watched, addresses, details, log, System::nanoTime, registry);
    this.walks = new InvoiceWalks(this::part, registry);
  }

  /** Walks through lists that are too long to be read at once. */
  public InvoiceWalks walks() {
    return walks;
  }

  /**
   * From now on no invoice is given an address that the chain knows, because the merchant has used
   * it beside the node. Until then, as without an index, addresses are fresh among invoices only.
   */
  public void passByAddressesIn(ChainIndex index) {
    addresses.passByThoseIn(index);
  }

  /**
   * To be told of every block once it is durable and {@link #passByAddressesIn the index} knows it:
   * addresses that wait to be given to invoices may have been used in it.
   */
  public void onBlock(SealedBlock block) {
    addresses.onBlock(block);
  }

  /**
   * Writes a new invoice, durable when the Future is completed. If the request's key was used
   * before, the answer is the invoice made then. Fails with {@link
   * network.tender.settlement.BusyException} if too many are to be written already, and with {@link
   * IdempotentAnswers.AnsweredException} if its request was carried out before.
   */
  Future<Invoice> insert(InvoiceDraft draft) {
    return writer
        .write(draft)
        .compose(
            written ->
                written
                    .map(Future::succeededFuture)
                    .orElseGet(
                        () ->
                            draft.once().isPresent()
                                ? Future.failedFuture(new IdempotentAnswers.AnsweredException())
                                : findByKey(
                                    draft.invoice().storeId(), draft.requestKey().orElseThrow())));
  }

  private Future<Invoice> findByKey(String storeId, String requestKey) {
    return pool.preparedQuery(FIND_BY_KEY)
        .execute(Tuple.of(storeId, requestKey))
        .map(rows -> firstNow(rows).orElseThrow());
  }

  /** The invoice of an id. */
  public Future<Optional<Invoice>> find(String id) {
    return pool.preparedQuery(FIND).execute(Tuple.of(id)).map(this::firstNow);
  }

  /** The invoice of an id, if this account has made it as a cashier. */
  public Future<Optional<Invoice>> findSoldBy(String id, String accountId) {
    return pool.preparedQuery(FIND + " AND i.seller = $2")
        .execute(Tuple.of(id, accountId))
        .map(this::firstNow);
  }

  private Optional<Invoice> firstNow(Iterable<Row> rows) {
    for (Row row : rows) {
      return Optional.of(InvoiceRows.read(row).at(clock.millis()));
    }
    return Optional.empty();
  }

  /** A store's invoices, newest first. */
  public Future<List<Invoice>> list(String storeId, InvoiceFilter filter) {
    return part(storeId, filter).map(ListPart::items);
  }

  /** The same, and where the list goes on if there are as many as the filter takes. */
  public Future<ListPart<Invoice>> part(String storeId, InvoiceFilter filter) {
    return few(storeId, filter)
        .compose(
            few -> {
              long now = clock.millis();
              return ask(InvoiceListing.list(storeId, filter, few, now))
                  .map(
                      rows ->
                          ListPart.of(
                              rows,
                              filter.take(),
                              all ->
                                  unreadable.readOthers(
                                      all, row -> InvoiceRows.read(row).at(now))));
            });
  }

  /**
   * How many of a store's invoices pass a filter; what it says of places and of how many to list
   * does not count. Takes a tenth of a second for a million.
   */
  public Future<Long> count(String storeId, InvoiceFilter filter) {
    return few(storeId, filter)
        .compose(few -> ask(InvoiceListing.count(storeId, filter, few, clock.millis())))
        .map(Invoices::number);
  }

  /** Whether few invoices begin with the text of a filter. */
  private Future<Boolean> few(String storeId, InvoiceFilter filter) {
    if (filter.text().isEmpty() || !filter.orderIds().isEmpty()) {
      return Future.succeededFuture(false);
    }
    return ask(InvoiceListing.found(storeId, filter.text().get()))
        .map(rows -> number(rows) <= InvoiceListing.MAX_FOUND);
  }

  private Future<RowSet<Row>> ask(InvoiceListing listing) {
    return pool.preparedQuery(listing.statement()).execute(listing.tuple());
  }

  private static long number(RowSet<Row> rows) {
    return rows.iterator().next().getLong(0);
  }

  /** How setting a status by hand ended. */
  public sealed interface Marking {
    /**
     * It is set.
     *
     * @param invoice the invoice as it is now
     */
    record Marked(Invoice invoice) implements Marking {}

    /**
     * That is not allowed as it stands.
     *
     * @param invoice the unchanged invoice
     */
    record NotAllowed(Invoice invoice) implements Marking {}

    /** There is no such invoice. */
    record NotFound() implements Marking {}
  }

  /** Sets an invoice's status by hand, by the rules of {@link InvoiceRules#marked}. */
  public Future<Marking> mark(String id, InvoiceStatus status) {
    return mark(id, status, invoice -> true);
  }

  /**
   * Gives up a sale that is open and has got no money. Whoever sees a checkout knows its invoice
   * and store, so what was asked for with an API key can't be given up without one, nor can a sale
   * of one counter at another.
   *
   * @param appId the point of sale that has asked for it; empty for the store's till
   */
  Future<Marking> giveUp(String id, Optional<String> appId) {
    return pool.preparedQuery(IS_SALE)
        .execute(Tuple.of(id, appId.orElse(null)))
        .compose(
            rows -> {
              boolean sale = rows.size() > 0;
              return mark(
                  id,
                  InvoiceStatus.INVALID,
                  invoice ->
                      sale
                          && invoice.state().status() == InvoiceStatus.NEW
                          && invoice.state().paid().isZero());
            });
  }

  private Future<Marking> mark(String id, InvoiceStatus status, Predicate<Invoice> condition) {
    return pool.withTransaction(connection -> mark(connection, id, status, condition))
        .map(
            attempt -> {
              attempt.change().ifPresent(this::publish);
              return attempt.marking();
            });
  }

  /** A marking and what it changed, until the transaction is through. */
  private record Attempt(Marking marking, Optional<InvoiceChange> change) {
    static Attempt without(Marking marking) {
      return new Attempt(marking, Optional.empty());
    }
  }

  private Future<Attempt> mark(
      SqlConnection connection, String id, InvoiceStatus status, Predicate<Invoice> condition) {
    return connection
        .preparedQuery(LOCK)
        .execute(Tuple.of(id))
        .compose(
            rows -> {
              if (rows.size() == 0) {
                return Future.succeededFuture(Attempt.without(new Marking.NotFound()));
              }
              long now = clock.millis();
              Invoice stored = InvoiceRows.read(rows.iterator().next());
              Invoice invoice = stored.at(now);
              Optional<InvoiceStep> marked =
                  condition.test(invoice)
                      ? InvoiceRules.marked(stored.terms(), stored.state(), status, now)
                      : Optional.empty();
              if (marked.isEmpty()) {
                return Future.succeededFuture(Attempt.without(new Marking.NotAllowed(invoice)));
              }
              InvoiceState state = marked.get().state();
              InvoiceChange change = new InvoiceChange(id, stored.storeId(), stored.state(), state);
              return transitions
                  .write(
                      connection,
                      List.of(new InvoiceTransition(change, marked.get().events(), now, "")))
                  .map(
                      written ->
                          new Attempt(
                              new Marking.Marked(invoice.with(state)), Optional.of(change)));
            });
  }

  private void publish(InvoiceChange change) {
    events.publish(change);
    log.written(change.storeId());
  }

  /** Replaces an invoice's metadata. */
  public Future<Invoice> setMetadata(Invoice invoice, ObjectNode metadata) {
    return pool.preparedQuery(SET_METADATA)
        .execute(Tuple.of(invoice.id(), ExactJson.write(metadata)))
        .map(updated -> invoice.with(metadata));
  }

  /**
   * Puts an invoice away: lists leave it out unless they are asked for it. It is still paid,
   * expires and is told of like any other. One that is away stays so.
   */
  public Future<Void> archive(String id) {
    return pool.preparedQuery(ARCHIVE).execute(Tuple.of(id)).mapEmpty();
  }

  /**
   * Brings an invoice back that was put away.
   *
   * @return the invoice as it stands now; empty if it was not away
   */
  public Future<Optional<Invoice>> unarchive(String id) {
    return pool.preparedQuery(UNARCHIVE)
        .execute(Tuple.of(id))
        .compose(
            updated ->
                updated.rowCount() == 0 ? Future.succeededFuture(Optional.empty()) : find(id));
  }

  /**
   * Writes down which open invoices have expired, a bounded number at a time.
   *
   * @return how many; if it is {@link #isFullSweep}, there may be more
   */
  Future<Integer> sweep() {
    long now = clock.millis();
    return pool.withTransaction(
            connection ->
                connection
                    .preparedQuery(EXPIRING)
                    .execute(Tuple.of(now))
                    .compose(
                        rows -> {
                          List<InvoiceTransition> expired = new ArrayList<>();
                          rows.forEach(row -> expired.add(expired(row, now)));
                          return transitions.write(connection, expired).map(written -> expired);
                        }))
        .map(
            expired -> {
              expired.forEach(transition -> publish(transition.change()));
              return expired.size();
            });
  }

  private static InvoiceTransition expired(Row row, long nowMillis) {
    InvoiceState before = InvoiceRows.readState(row);
    InvoiceStep step = InvoiceRules.clock(InvoiceRows.readTerms(row), before, nowMillis);
    return new InvoiceTransition(
        new InvoiceChange(row.getString("id"), row.getString("store_id"), before, step.state()),
        step.events(),
        nowMillis,
        "");
  }

  /** True if a sweep ended at its limit. */
  static boolean isFullSweep(int rows) {
    return rows >= SWEEP_ROWS;
  }
}
