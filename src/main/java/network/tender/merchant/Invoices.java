package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import network.tender.chain.Script;
import network.tender.journal.ChainIndex;

/** Invoices in the database. What is read is as it stands now, expired to the millisecond. */
public final class Invoices {
  private static final int MAX_ATTEMPTS = 8;

  /** Most used addresses that one invoice passes by; the next one goes on from there. */
  private static final int MAX_USED_IN_A_ROW = 1_000;

  private static final int MAX_ORDER_ID_CHARS = 200;
  private static final String IS_SALE =
      "SELECT 1 FROM invoice WHERE id = $1 AND request_key IS NOT NULL";
  private static final String REQUEST_KEY_CONSTRAINT = "invoice_request_key";
  private static final String UNIQUE_VIOLATION = "23505";
  private static final int SWEEP_ROWS = 500;

  private static final String INSERT_INVOICE =
      """
      INSERT INTO invoice (id, store_id, amount, currency, rate, due_sat, tolerance_percent,
        status, additional_status, metadata, checkout, receipt, search_terms,
        created_millis, expiration_millis, monitoring_millis, request_key)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb, $11::text::jsonb,
        $12::text::jsonb, $13, $14, $15, $16, $17)
      """;

  /** Invoice and address in one statement: one round trip, both or none. */
  private static final String INSERT_WITH_ADDRESS =
      "WITH made AS ("
          + INSERT_INVOICE
          + ") INSERT INTO invoice_address (script, invoice_id, wallet_id, address_index)"
          + " VALUES ($18, $1, $19, $20)";

  private static final String NEXT_INDEX =
      "SELECT coalesce(max(address_index) + 1, 0) FROM invoice_address WHERE wallet_id = $1";

  private static final String FIND = InvoiceRows.SELECT + "WHERE i.id = $1";

  private static final String FIND_BY_KEY =
      InvoiceRows.SELECT + "WHERE i.store_id = $1 AND i.request_key = $2";

  private static final String LIST =
      InvoiceRows.SELECT
          + """
          WHERE i.store_id = $1
            AND ($2::text[] IS NULL OR i.order_id = ANY($2))
            AND ($3::text[] IS NULL OR $3 @> ARRAY[CASE
                  WHEN i.status = 'New' AND i.expiration_millis <= $4 THEN 'Expired'
                  ELSE i.status END])
            AND ($5::bigint IS NULL OR i.created_millis >= $5)
            AND ($6::bigint IS NULL OR i.created_millis <= $6)
            AND ($7::text IS NULL OR starts_with(i.id, $7) OR starts_with(i.order_id, $7)
                  OR EXISTS (SELECT FROM unnest(i.search_terms) t WHERE starts_with(t, $7)))
            AND ($8 OR NOT i.archived)
          ORDER BY i.created_millis DESC, i.id DESC
          OFFSET $9 LIMIT $10
          """;

  private static final String LOCK = FIND + " FOR UPDATE OF i";
  private static final String MARK =
      "UPDATE invoice SET status = $2, additional_status = $3 WHERE id = $1";
  private static final String SET_METADATA =
      "UPDATE invoice SET metadata = $2::text::jsonb WHERE id = $1";

  /** The rule of {@link InvoiceRules#clock} as SQL; the additional status stays. */
  private static final String SWEEP =
      """
      UPDATE invoice SET status = 'Expired' WHERE id IN (
        SELECT id FROM invoice WHERE status = 'New' AND expiration_millis <= $1
        ORDER BY expiration_millis LIMIT %d FOR UPDATE SKIP LOCKED)
      RETURNING id, store_id, status, additional_status, paid_in_time_sat, paid_sat
      """
          .formatted(SWEEP_ROWS);

  private final Pool pool;
  private final InstantSource clock;
  private final WatchedScripts watched;
  private final InvoiceEvents events;
  private final AddressIndexes indexes = new AddressIndexes();
  private volatile Optional<ChainIndex> chain = Optional.empty();

  /** Invoices in this database. */
  public Invoices(Pool pool, InstantSource clock, WatchedScripts watched, InvoiceEvents events) {
    this.pool = pool;
    this.clock = clock;
    this.watched = watched;
    this.events = events;
  }

  /**
   * From now on no invoice is given an address that the chain knows, because the merchant has used
   * it beside the node. Until then, as without an index, addresses are fresh among invoices only.
   */
  public void passByAddressesIn(ChainIndex index) {
    chain = Optional.of(index);
  }

  /**
   * What is written with a new invoice but not read back with it.
   *
   * @param searchTerms more texts to find it by
   * @param requestKey the same for every try to make this one invoice
   */
  record Extras(List<String> searchTerms, Optional<String> requestKey) {}

  /** Writes a new invoice that has nothing to pay and so no address. */
  Future<Invoice> insert(Invoice invoice, Extras extras) {
    return pool.preparedQuery(INSERT_INVOICE)
        .execute(tuple(invoice, extras, Optional.empty()))
        .map(inserted -> invoice)
        .recover(
            error ->
                isRepeated(error)
                    ? findByKey(invoice.storeId(), extras)
                    : Future.failedFuture(error));
  }

  /**
   * Writes a new invoice with the next unused address of a wallet. The address is watched before
   * the invoice can be seen, so that no payment to it is missed. If the request's key was used
   * before, the answer is the invoice made then.
   */
  Future<Invoice> insert(Invoice invoice, Extras extras, StoreWallet wallet, BigDecimal rate) {
    return insert(invoice, extras, wallet, rate, 1);
  }

  private Future<Invoice> insert(
      Invoice invoice, Extras extras, StoreWallet wallet, BigDecimal rate, int attempt) {
    return takeAddress(wallet, 0)
        .compose(
            address -> {
              int index = address.index();
              Script script = address.script();
              watched.add(script);
              Invoice.Target target = new Invoice.Target(rate, script, wallet.walletId(), index);
              Tuple values =
                  tuple(invoice, extras, Optional.of(rate))
                      .addBuffer(Buffer.buffer(script.toBytes()))
                      .addLong(wallet.walletId())
                      .addInteger(index);
              return pool.preparedQuery(INSERT_WITH_ADDRESS)
                  .execute(values)
                  .map(inserted -> invoice.with(target))
                  .recover(
                      error -> {
                        indexes.forget(wallet.walletId());
                        if (isRepeated(error)) {
                          return findByKey(invoice.storeId(), extras);
                        }
                        return isTaken(error) && attempt < MAX_ATTEMPTS
                            ? insert(invoice, extras, wallet, rate, attempt + 1)
                            : Future.failedFuture(error);
                      });
            });
  }

  private Future<Invoice> findByKey(String storeId, Extras extras) {
    return pool.preparedQuery(FIND_BY_KEY)
        .execute(Tuple.of(storeId, extras.requestKey().orElseThrow()))
        .map(rows -> firstNow(rows).orElseThrow());
  }

  private record Address(int index, Script script) {}

  private Future<Address> takeAddress(StoreWallet wallet, int passedBy) {
    return takeIndex(wallet.walletId())
        .compose(
            index -> {
              Script script = wallet.descriptor().scriptAt(index);
              return isInChain(script)
                  .compose(
                      used -> {
                        if (!used) {
                          return Future.succeededFuture(new Address(index, script));
                        }
                        return passedBy < MAX_USED_IN_A_ROW
                            ? takeAddress(wallet, passedBy + 1)
                            : Future.failedFuture(
                                "the wallet's next "
                                    + MAX_USED_IN_A_ROW
                                    + " addresses have all been used before");
                      });
            });
  }

  private Future<Boolean> isInChain(Script script) {
    return chain
        .map(
            index ->
                index.history(script.hash(), Optional.empty(), 1).map(places -> !places.isEmpty()))
        .orElseGet(() -> Future.succeededFuture(false));
  }

  private Future<Integer> takeIndex(long walletId) {
    OptionalInt known = indexes.take(walletId);
    if (known.isPresent()) {
      return Future.succeededFuture(known.getAsInt());
    }
    return pool.preparedQuery(NEXT_INDEX)
        .execute(Tuple.of(walletId))
        .compose(
            rows -> {
              indexes.learn(walletId, rows.iterator().next().getInteger(0));
              return takeIndex(walletId);
            });
  }

  private static boolean isTaken(Throwable error) {
    return error instanceof PgException pg && UNIQUE_VIOLATION.equals(pg.getSqlState());
  }

  private static boolean isRepeated(Throwable error) {
    return isTaken(error) && REQUEST_KEY_CONSTRAINT.equals(((PgException) error).getConstraint());
  }

  private static Tuple tuple(Invoice invoice, Extras extras, Optional<BigDecimal> rate) {
    return Tuple.tuple()
        .addString(invoice.id())
        .addString(invoice.storeId())
        .addValue(invoice.amount().orElse(null))
        .addString(invoice.currency())
        .addValue(rate.orElse(null))
        .addLong(invoice.terms().due().map(due -> due.sat()).orElse(null))
        .addValue(invoice.terms().tolerancePercent())
        .addString(invoice.state().status().text())
        .addString(invoice.state().additional().text())
        .addString(ExactJson.write(invoice.metadata()))
        .addString(ExactJson.write(InvoiceRows.writeCheckout(invoice.checkout())))
        .addString(ExactJson.write(invoice.receipt()))
        .addArrayOfString(extras.searchTerms().toArray(String[]::new))
        .addLong(invoice.createdMillis())
        .addLong(invoice.terms().expirationMillis())
        .addLong(invoice.monitoringMillis())
        .addString(extras.requestKey().orElse(null));
  }

  /** The invoice of an id. */
  public Future<Optional<Invoice>> find(String id) {
    return pool.preparedQuery(FIND).execute(Tuple.of(id)).map(this::firstNow);
  }

  private Optional<Invoice> firstNow(Iterable<Row> rows) {
    for (Row row : rows) {
      return Optional.of(InvoiceRows.read(row).at(clock.millis()));
    }
    return Optional.empty();
  }

  /** A store's invoices, newest first. */
  public Future<List<Invoice>> list(String storeId, InvoiceFilter filter) {
    long now = clock.millis();
    Tuple values =
        Tuple.tuple()
            .addString(storeId)
            .addArrayOfString(
                filter.orderIds().isEmpty()
                    ? null
                    : filter.orderIds().stream().map(Invoices::cut).toArray(String[]::new))
            .addArrayOfString(
                filter.statuses().isEmpty()
                    ? null
                    : filter.statuses().stream().map(InvoiceStatus::text).toArray(String[]::new))
            .addLong(now)
            .addLong(filter.fromMillis().orElse(null))
            .addLong(filter.toMillis().orElse(null))
            .addString(filter.text().orElse(null))
            .addBoolean(filter.includeArchived())
            .addLong((long) filter.skip())
            .addLong((long) Math.min(filter.take(), InvoiceFilter.MAX_TAKE));
    return pool.preparedQuery(LIST)
        .execute(values)
        .map(
            rows -> {
              List<Invoice> invoices = new ArrayList<>(rows.size());
              rows.forEach(row -> invoices.add(InvoiceRows.read(row).at(now)));
              return invoices;
            });
  }

  /** As the column {@code order_id} is cut. */
  private static String cut(String orderId) {
    int chars = orderId.codePointCount(0, orderId.length());
    return chars <= MAX_ORDER_ID_CHARS
        ? orderId
        : orderId.substring(0, orderId.offsetByCodePoints(0, MAX_ORDER_ID_CHARS));
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
   * Gives up a sale of the till that is open and has got no money. Whoever sees a checkout knows
   * its invoice and store, so what was asked for with an API key can't be given up without one.
   */
  Future<Marking> giveUp(String id) {
    return pool.preparedQuery(IS_SALE)
        .execute(Tuple.of(id))
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
              attempt.change().ifPresent(events::publish);
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
              Optional<Invoice> found = firstNow(rows);
              if (found.isEmpty()) {
                return Future.succeededFuture(Attempt.without(new Marking.NotFound()));
              }
              Invoice invoice = found.get();
              Optional<InvoiceState> marked =
                  condition.test(invoice)
                      ? InvoiceRules.marked(invoice.state(), status)
                      : Optional.empty();
              if (marked.isEmpty()) {
                return Future.succeededFuture(Attempt.without(new Marking.NotAllowed(invoice)));
              }
              InvoiceState state = marked.get();
              return connection
                  .preparedQuery(MARK)
                  .execute(Tuple.of(id, state.status().text(), state.additional().text()))
                  .map(
                      updated ->
                          new Attempt(
                              new Marking.Marked(invoice.with(state)),
                              Optional.of(
                                  new InvoiceChange(
                                      id, invoice.storeId(), invoice.state(), state))));
            });
  }

  /** Replaces an invoice's metadata. */
  public Future<Invoice> setMetadata(Invoice invoice, ObjectNode metadata) {
    return pool.preparedQuery(SET_METADATA)
        .execute(Tuple.of(invoice.id(), ExactJson.write(metadata)))
        .map(updated -> invoice.with(metadata));
  }

  /**
   * Writes down which open invoices have expired, a bounded number at a time.
   *
   * @return how many; if it is {@link #isFullSweep}, there may be more
   */
  Future<Integer> sweep() {
    return pool.preparedQuery(SWEEP)
        .execute(Tuple.of(clock.millis()))
        .map(
            rows -> {
              for (Row row : rows) {
                InvoiceState after = InvoiceRows.readState(row);
                events.publish(
                    new InvoiceChange(
                        row.getString("id"),
                        row.getString("store_id"),
                        after.with(InvoiceStatus.NEW, after.additional()),
                        after));
              }
              return rows.rowCount();
            });
  }

  /** True if a sweep ended at its limit. */
  static boolean isFullSweep(int rows) {
    return rows >= SWEEP_ROWS;
  }
}
