package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import network.tender.settlement.BusyException;

/** What points of sale sell: makes invoices for it, lists and counts it. */
public final class PosSales {
  /** Most sales that a cashier is shown. */
  public static final int MAX_RECENT = 50;

  /** Longest time that is counted, in days. */
  public static final int MAX_DAYS = 366;

  /** Longest key of a sale. */
  public static final int MAX_KEY_CHARS = 64;

  /** Most sales of what is counted that wait for others. */
  private static final int MAX_WAITING = 500;

  private static final long MILLIS_PER_DAY = 86_400_000;

  /** The newest so many sales are counted by item; a shop that sells more has a till of its own. */
  private static final int MAX_COUNTED = 200_000;

  private static final String RECENT =
      InvoiceRows.SELECT
          + "WHERE i.app_id = $1 AND i.cashier = $2 ORDER BY i.created_millis DESC LIMIT $3";

  /** Sales of an app that are paid, with their carts; merchants may write anything into those. */
  private static final String PAID =
      """
      SELECT i.created_millis / %d AS day, i.metadata -> 'itemCode' AS item_code,
        CASE WHEN jsonb_typeof(i.metadata -> 'posData' -> 'cart') = 'array'
          THEN i.metadata -> 'posData' -> 'cart' ELSE '[]' END AS cart
      FROM invoice i
      WHERE i.app_id = $1 AND i.status IN ('Processing', 'Settled') AND i.created_millis >= $2
      ORDER BY i.created_millis DESC LIMIT %d
      """
          .formatted(MILLIS_PER_DAY, MAX_COUNTED);

  /** Within the bounds that inventories are counted in. */
  private static final String COUNT =
      "CASE WHEN jsonb_typeof(l -> 'count') = 'number'"
          + " THEN greatest(0, least(1000000, (l ->> 'count')::numeric)) ELSE 1 END";

  /** Within the bounds of an item's price. */
  private static final String PRICE =
      "CASE WHEN jsonb_typeof(l -> 'price') = 'number'"
          + " THEN greatest(0, least(999999999999, (l ->> 'price')::numeric)) ELSE 0 END";

  /**
   * What is paid or may still be paid, of items whose number is counted. A sale that is tried again
   * does not count itself.
   */
  private static final String TAKEN =
      """
      SELECT item, sum(units)::bigint AS units, sum(moves)::bigint AS moves FROM (
        SELECT item, units, 1 AS moves FROM app_stock_move WHERE app_id = $1 AND stock_millis = $2
        UNION ALL
        SELECT s.item, s.units, 0 FROM invoice i CROSS JOIN LATERAL sold_items(i.metadata) s
        WHERE i.app_id = $1 AND i.status = 'New' AND i.paid_sat = 0 AND i.created_millis >= $2
          AND i.expiration_millis > $4 AND (i.cashier IS NOT NULL OR i.created_millis > $5)
          AND i.request_key <> $3
        UNION ALL
        SELECT s.item, -s.units, 0 FROM invoice i CROSS JOIN LATERAL sold_items(i.metadata) s
        WHERE i.store_id = $6 AND i.request_key = $3 AND i.created_millis >= $2
          AND is_sold(i.status, i.paid_sat)
      ) AS taken WHERE item = ANY($7) GROUP BY item
      """;

  /** Makes one of the many rows of an item; none that others remove or write is lost. */
  private static final String ADD_UP =
      """
      WITH gone AS (DELETE FROM app_stock_move WHERE app_id = $1 RETURNING stock_millis, item, units)
      INSERT INTO app_stock_move (app_id, stock_millis, item, units)
      SELECT $1, stock_millis, item, sum(units) FROM gone WHERE stock_millis >= $2
      GROUP BY stock_millis, item HAVING sum(units) <> 0
      """;

  /** So many rows more than items are added up. */
  private static final long MANY_MOVES = 200;

  /** So long things are kept for somebody who has ordered without a cashier and not paid. */
  static final long KEPT_MILLIS = 5 * 60_000;

  /** Most that somebody without a cashier gets of a counted thing in one order. */
  static final int MAX_KEPT = 10;

  private static final String BY_DAY =
      """
      SELECT day, sum(GREATEST(1, (SELECT coalesce(sum(%s), 1)
        FROM jsonb_array_elements(cart) l)))::bigint AS units
      FROM (%s) paid GROUP BY day ORDER BY day
      """
          .formatted(COUNT, PAID);

  private static final String BY_ITEM =
      """
      SELECT l ->> 'id' AS item, max(l ->> 'title') AS title, sum(%s)::bigint AS units,
        sum((%s) * (%s)) AS total
      FROM (%s) paid CROSS JOIN LATERAL jsonb_array_elements(cart) l
      WHERE jsonb_typeof(l -> 'id') = 'string'
      GROUP BY 1 ORDER BY units DESC, total DESC, item OFFSET $3 LIMIT $4
      """
          .formatted(COUNT, COUNT, PRICE, PAID);

  private static final String CASHIER_OF =
      "SELECT cashier FROM invoice WHERE id = $1 AND app_id = $2";

  /** What became of an order. */
  public sealed interface Sold {
    /**
     * The invoice can be paid.
     *
     * @param view as the customer sees it
     */
    record Made(InvoiceView view) implements Sold {}

    /**
     * It can't be sold so.
     *
     * @param code stable, lower case with hyphens
     * @param sentence what is wrong and what to do
     */
    record Refused(String code, String sentence) implements Sold {}
  }

  /**
   * How much was sold on a day.
   *
   * @param startMillis when the day begins (UTC), Unix milliseconds
   * @param units how many things
   */
  public record Day(long startMillis, long units) {}

  /**
   * How much was sold of an item.
   *
   * @param itemId the item
   * @param title what it was called
   * @param units how many
   * @param total for how much
   */
  public record ItemSales(String itemId, String title, long units, BigDecimal total) {}

  private final Pool pool;
  private final Rates rates;
  private final Stores stores;
  private final InvoiceIssuer issuer;
  private final Invoices invoices;
  private final InvoiceViews views;
  private final InstantSource clock;

  /**
   * Sales of what is counted, by app: each waits for the one before, so that none is sold twice.
   */
  private final Map<String, Future<?>> counted = new ConcurrentHashMap<>();

  private final AtomicInteger waiting = new AtomicInteger();

  /** A point of sale for whose page the database is being asked. */
  private record Shown(PosApp app, Future<PosApp> stock) {}

  private final Map<String, Shown> shown = new ConcurrentHashMap<>();

  /** Points of sale whose moves are being added up. */
  private final Set<String> addedUp = ConcurrentHashMap.newKeySet();

  PosSales(
      Pool pool,
      Rates rates,
      Stores stores,
      InvoiceIssuer issuer,
      Invoices invoices,
      InvoiceViews views,
      InstantSource clock) {
    this.pool = pool;
    this.rates = rates;
    this.stores = stores;
    this.issuer = issuer;
    this.invoices = invoices;
    this.views = views;
    this.clock = clock;
  }

  /**
   * Who has signed in and sells.
   *
   * @param name names the seller, without a colon
   * @param account id of the seller's account, if that sees no other sales than its own
   */
  public record Seller(String name, Optional<String> account) {}

  /**
   * Makes an invoice for an order.
   *
   * @param cashier who sells it; empty if nobody has signed in
   * @param key the same for every try to make this one sale: asked again with the same order, the
   *     answer is the invoice made before
   * @param returnUrl where customers go when paid, unless the settings name another place
   */
  public Future<Sold> sell(
      PosApp app,
      PosOrder order,
      Optional<Seller> cashier,
      String key,
      Optional<String> returnUrl) {
    return sell(app, order, cashier, key, returnUrl, Optional.empty());
  }

  /**
   * Makes an invoice for an order, once.
   *
   * @param cashier as with the other, like the following
   * @param once the request for it, if there is one whose answer is written with the invoice; fails
   *     with {@link IdempotentAnswers.AnsweredException} if it was carried out before
   */
  public Future<Sold> sell(
      PosApp app,
      PosOrder order,
      Optional<Seller> cashier,
      String key,
      Optional<String> returnUrl,
      Optional<SaleOnce> once) {
    if (app.settings().archived()) {
      return refused("app-archived", "This point of sale is closed.");
    }
    String requestKey =
        "app:%s:%s:%s".formatted(app.id(), cashier.map(Seller::name).orElse(""), key);
    boolean counts =
        order.entries().stream()
            .flatMap(entry -> entry.itemId().flatMap(app::item).stream())
            .anyMatch(item -> item.inventory().isPresent());
    if (counts && cashier.isEmpty() && takesTooMany(app, order)) {
      return refused(
          "too-many-at-once", "Take at most %d of a thing, or ask a cashier.".formatted(MAX_KEPT));
    }
    if (!counts) {
      return reckon(app, order, cashier, requestKey, returnUrl, once);
    }
    return oneAfterTheOther(
        app.id(),
        () ->
            withStock(app, requestKey)
                .compose(left -> reckon(left, order, cashier, requestKey, returnUrl, once)));
  }

  /** Orders that nobody need ever pay may not take all that there is. */
  private static boolean takesTooMany(PosApp app, PosOrder order) {
    Map<String, Long> wanted = new HashMap<>();
    for (PosOrder.Entry entry : order.entries()) {
      entry
          .itemId()
          .filter(id -> app.item(id).flatMap(PosItem::inventory).isPresent())
          .ifPresent(id -> wanted.merge(id, (long) entry.count(), Long::sum));
    }
    return wanted.values().stream().anyMatch(count -> count > MAX_KEPT);
  }

  private <T> Future<T> oneAfterTheOther(String appId, Supplier<Future<T>> work) {
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      return Future.failedFuture(new BusyException());
    }
    Promise<T> promise = Promise.promise();
    Future<T> mine = promise.future();
    Future<?> before = counted.put(appId, mine);
    Future<?> turn = before == null ? Future.succeededFuture() : before.otherwiseEmpty();
    turn.compose(done -> work.get()).onComplete(promise);
    return mine.onComplete(
        done -> {
          waiting.decrementAndGet();
          counted.remove(appId, mine);
        });
  }

  /** How many sales of what is counted wait or are being made: for a metric. */
  int waiting() {
    return waiting.get();
  }

  /** A point of sale with what is left of the items whose number is counted. */
  public Future<PosApp> withStock(PosApp app) {
    return withStock(app, "");
  }

  /**
   * The same for a page that anybody may ask for: all who ask while the database is being asked get
   * that one answer.
   */
  public Future<PosApp> withStockForPage(PosApp app) {
    Promise<PosApp> promise = Promise.promise();
    Shown mine = new Shown(app, promise.future());
    Shown asked = shown.putIfAbsent(app.id(), mine);
    if (asked != null && asked.app().equals(app)) {
      return asked.stock();
    }
    withStock(app)
        .onComplete(
            answer -> {
              shown.remove(app.id(), mine);
              promise.handle(answer);
            });
    return mine.stock();
  }

  /**
   * The same for a sale, whose own invoice of an earlier try does not count.
   *
   * @param requestKey the sale's
   */
  private Future<PosApp> withStock(PosApp app, String requestKey) {
    if (!app.countsStock()) {
      return Future.succeededFuture(app);
    }
    String[] items =
        app.items().stream()
            .filter(item -> item.inventory().isPresent())
            .map(PosItem::id)
            .toArray(String[]::new);
    long now = clock.millis();
    Tuple values =
        Tuple.of(app.id(), app.stockMillis(), requestKey, now, now - KEPT_MILLIS, app.storeId())
            .addArrayOfString(items);
    return pool.preparedQuery(TAKEN)
        .execute(values)
        .map(
            rows -> {
              Map<String, Long> sold = new HashMap<>();
              long extra = 0;
              for (Row row : rows) {
                sold.put(row.getString(0), row.getLong(1));
                extra += Math.max(0, row.getLong(2) - 1);
              }
              if (extra > MANY_MOVES) {
                addUp(app);
              }
              return app.without(sold);
            });
  }

  /** Nobody waits for it; if it fails, the next who reads so many rows tries again. */
  private void addUp(PosApp app) {
    if (addedUp.add(app.id())) {
      pool.preparedQuery(ADD_UP)
          .execute(Tuple.of(app.id(), app.stockMillis()))
          .onComplete(done -> addedUp.remove(app.id()));
    }
  }

  private Future<Sold> reckon(
      PosApp app,
      PosOrder order,
      Optional<Seller> cashier,
      String requestKey,
      Optional<String> returnUrl,
      Optional<SaleOnce> once) {
    int digits = rates.digits(app.settings().currency());
    PosBill.Reckoned reckoned = PosBill.of(app, order, digits, cashier.isPresent());
    if (reckoned instanceof PosBill.Reckoned.Refused refused) {
      return refused(refused.code(), refused.sentence());
    }
    PosBill bill = ((PosBill.Reckoned.Priced) reckoned).bill();
    return stores
        .find(app.storeId())
        .compose(
            store ->
                store.filter(known -> !known.settings().archived()).isEmpty()
                    ? refused("app-archived", "This point of sale is closed.")
                    : issue(
                        app,
                        store.get(),
                        bill,
                        order,
                        cashier.flatMap(Seller::account),
                        requestKey,
                        returnUrl,
                        once));
  }

  private Future<Sold> issue(
      PosApp app,
      Store store,
      PosBill bill,
      PosOrder order,
      Optional<String> account,
      String requestKey,
      Optional<String> returnUrl,
      Optional<SaleOnce> once) {
    ObjectNode metadata = ExactJson.object();
    bill.itemId().ifPresent(id -> metadata.put("itemCode", id));
    order
        .description()
        .or(() -> Optional.of(bill.description()))
        .filter(text -> !text.isEmpty())
        .ifPresent(text -> metadata.put("itemDesc", text));
    returnUrl.ifPresent(url -> metadata.put("orderUrl", url));
    metadata.set("posData", bill.toJson());
    InvoiceRequest request =
        InvoiceRequest.of(BigDecimal.ZERO, Optional.of(app.settings().currency()))
            .with(metadata, Optional.of(requestKey))
            .with(
                app.settings().redirectUrl(),
                app.settings().redirectAutomatically(),
                List.of(app.id()))
            .withAmount(bill.total());
    return issuer
        .issue(store, request, account, once.map(sale -> views.once(sale, store)))
        .map(
            issued -> {
              if (issued instanceof InvoiceIssuer.Issued.Refused refused) {
                return new Sold.Refused("charge-refused", refused.sentence());
              }
              Invoice invoice = ((InvoiceIssuer.Issued.Made) issued).invoice();
              return isFor(invoice, bill, currency(app))
                  ? new Sold.Made(views.of(invoice, store))
                  : new Sold.Refused(
                      "idempotency-key-reused",
                      "This sale was sent before with other contents. Charge again.");
            });
  }

  private String currency(PosApp app) {
    String code = app.settings().currency();
    return rates.currency(code).orElse(code);
  }

  /** True if an invoice of an earlier try is for the same things and the same sum. */
  private static boolean isFor(Invoice invoice, PosBill bill, String currency) {
    return invoice.currency().equals(currency)
        && invoice.amount().isPresent() == bill.total().isPresent()
        && bill.total()
            .filter(total -> total.compareTo(invoice.amount().orElseThrow()) != 0)
            .isEmpty()
        && bill.hasCartOf(invoice.metadata().path("posData"));
  }

  private static Future<Sold> refused(String code, String sentence) {
    return Future.succeededFuture(new Sold.Refused(code, sentence));
  }

  /** What became of giving up an invoice. */
  public sealed interface Cancelled {
    /**
     * It can't be paid any more, unless it has got money or had ended before.
     *
     * @param view the invoice after that
     */
    record Done(InvoiceView view) implements Cancelled {}

    /** A cashier has made it, who must sign in for that. */
    record OfCashier() implements Cancelled {}

    /** The point of sale has no such invoice. */
    record NotFound() implements Cancelled {}
  }

  /**
   * Gives up an invoice of a point of sale; one that has got money or has ended stays as it is.
   * Whoever pays sees an invoice's id, so what a cashier asks for only that cashier gives up.
   *
   * @param cashier who asks; empty if nobody has signed in
   */
  public Future<Cancelled> cancel(PosApp app, String invoiceId, Optional<String> cashier) {
    return pool.preparedQuery(CASHIER_OF)
        .execute(Tuple.of(invoiceId, app.id()))
        .compose(
            rows -> {
              if (rows.size() == 0) {
                return Future.succeededFuture(new Cancelled.NotFound());
              }
              Optional<String> maker = Optional.ofNullable(rows.iterator().next().getString(0));
              if (maker.isPresent() && !maker.equals(cashier)) {
                return Future.succeededFuture(new Cancelled.OfCashier());
              }
              return invoices
                  .giveUp(invoiceId, Optional.of(app.id()))
                  .compose(done -> views.find(invoiceId))
                  .map(
                      view ->
                          view.<Cancelled>map(Cancelled.Done::new)
                              .orElseGet(Cancelled.NotFound::new));
            });
  }

  /** A cashier's own sales at a point of sale, the newest first. */
  public Future<List<InvoiceView>> recent(PosApp app, String cashier) {
    long now = clock.millis();
    return stores
        .find(app.storeId())
        .compose(
            store ->
                store.isEmpty()
                    ? Future.succeededFuture(List.of())
                    : pool.preparedQuery(RECENT)
                        .execute(Tuple.of(app.id(), cashier, MAX_RECENT))
                        .map(
                            rows -> {
                              List<InvoiceView> sales = new ArrayList<>(rows.size());
                              for (Row row : rows) {
                                sales.add(views.of(InvoiceRows.read(row).at(now), store.get()));
                              }
                              return sales;
                            }));
  }

  /**
   * How much was sold on each of the last days, today included, the oldest first.
   *
   * @param days 1 to {@link #MAX_DAYS}
   */
  public Future<List<Day>> byDay(PosApp app, int days) {
    long today = clock.millis() / MILLIS_PER_DAY;
    long first = today - days + 1;
    return pool.preparedQuery(BY_DAY)
        .execute(Tuple.of(app.id(), first * MILLIS_PER_DAY))
        .map(
            rows -> {
              TreeMap<Long, Long> units = new TreeMap<>();
              for (long day = first; day <= today; day++) {
                units.put(day, 0L);
              }
              rows.forEach(row -> units.put(row.getLong(0), row.getLong(1)));
              return units.entrySet().stream()
                  .map(day -> new Day(day.getKey() * MILLIS_PER_DAY, day.getValue()))
                  .toList();
            });
  }

  /** How much was sold of each item, those sold most first. */
  public Future<List<ItemSales>> byItem(PosApp app, int offset, int count) {
    return pool.preparedQuery(BY_ITEM)
        .execute(Tuple.of(app.id(), 0L, offset, count))
        .map(
            rows -> {
              List<ItemSales> sales = new ArrayList<>(rows.size());
              for (Row row : rows) {
                String id = row.getString("item");
                String soldAs = Optional.ofNullable(row.getString("title")).orElse(id);
                sales.add(
                    new ItemSales(
                        id,
                        app.item(id).map(PosItem::title).orElse(soldAs),
                        row.getLong("units"),
                        row.getBigDecimal("total")));
              }
              return sales;
            });
  }
}
