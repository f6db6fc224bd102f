package network.tender.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Points of sale in the database. */
public final class PosApps {
  private static final int MAX_NAME_CHARS = 50;
  private static final int CACHED = 1_000;

  /** How long another process's change may go unnoticed here. */
  private static final long CACHE_MILLIS = 5_000;

  /** Most of one store. */
  private static final int MAX_OF_STORE = 1_000;

  /** So many are read together; the items of one may be half a megabyte. */
  private static final int TOGETHER = 20;

  private static final String SELECT =
      "SELECT id, store_id, name, settings::text AS settings, items::text AS items, stock_millis,"
          + " created_millis"
          + " FROM app ";
  private static final String FIND = SELECT + "WHERE id = $1";
  private static final String IN_ORDER =
      "(created_millis, id) > ($1::bigint, $2) ORDER BY created_millis, id LIMIT " + TOGETHER;
  private static final String LIST = SELECT + "WHERE " + IN_ORDER;
  private static final String LIST_SOME = SELECT + "WHERE store_id = ANY($3) AND " + IN_ORDER;
  private static final String INSERT =
      "INSERT INTO app (id, store_id, name, settings, items, stock_millis, created_millis)"
          + " SELECT $1, $2, $3, $4::text::jsonb, $5::text::jsonb, $6, $7"
          + " WHERE (SELECT count(*) FROM app WHERE store_id = $2) < "
          + MAX_OF_STORE;
  private static final String UPDATE =
      "UPDATE app SET name = $2, settings = $3::text::jsonb, items = $4::text::jsonb,"
          + " stock_millis = $5 WHERE id = $1";
  private static final String DELETE = "DELETE FROM app WHERE id = $1";

  private final Pool pool;
  private final Rates rates;
  private final Ids ids;
  private final InstantSource clock;
  private final ExpiringCache<String, PosApp> cache;
  private final UnreadableRows unreadable;

  PosApps(Pool pool, Rates rates, Ids ids, InstantSource clock, MeterRegistry registry) {
    this.pool = pool;
    this.rates = rates;
    this.ids = ids;
    this.clock = clock;
    this.cache = new ExpiringCache<>(clock, CACHE_MILLIS, CACHED);
    this.unreadable = new UnreadableRows("app", registry);
  }

  /**
   * A point of sale as a request asks for it.
   *
   * @param errors gets what is wrong; if there is anything, the result is of no use
   */
  public PosApp draft(Store store, JsonNode request, List<FieldError> errors) {
    PosApp blank =
        new PosApp(
            ids.invoice(),
            store.id(),
            "",
            PosSettings.defaults(store.settings().defaultCurrency()),
            List.of(),
            clock.millis(),
            clock.millis());
    return merge(blank, request, errors);
  }

  /**
   * A point of sale with the changes of a request; missing and null keys change nothing.
   *
   * @param errors as in {@link #draft}
   */
  public PosApp merge(PosApp app, JsonNode request, List<FieldError> errors) {
    String name =
        LenientJson.text(LenientJson.get(request, "appName"))
            .or(() -> LenientJson.text(LenientJson.get(request, "name")))
            .orElse(app.name())
            .strip();
    if (name.isEmpty() || name.length() > MAX_NAME_CHARS) {
      errors.add(
          new FieldError(
              "AppName", "AppName must have 1 to %d characters.".formatted(MAX_NAME_CHARS)));
    }
    PosSettings settings = app.settings().merge(request, rates, errors);
    int digits = rates.digits(settings.currency());
    JsonNode template = LenientJson.get(request, "template");
    List<PosItem> items = app.items();
    if (!template.isNull()) {
      items = PosTemplate.read(template, digits, errors);
    } else if (items.stream()
        .flatMap(item -> item.price().stream())
        .anyMatch(price -> price.stripTrailingZeros().scale() > digits)) {
      errors.add(
          new FieldError(
              "Currency",
              "Its prices have at most %d decimals; send a template with it.".formatted(digits)));
    }
    long stockMillis = template.isNull() ? app.stockMillis() : clock.millis();
    return new PosApp(
        app.id(), app.storeId(), name, settings, items, stockMillis, app.createdMillis());
  }

  /** Makes a point of sale; false if its store has too many. */
  public Future<Boolean> insert(PosApp app) {
    return pool.preparedQuery(INSERT)
        .execute(
            Tuple.of(
                app.id(),
                app.storeId(),
                app.name(),
                ExactJson.write(app.settings().toJson()),
                ExactJson.write(items(app)),
                app.stockMillis(),
                app.createdMillis()))
        .map(rows -> rows.rowCount() > 0);
  }

  /** Replaces a point of sale; false if there is none any more. */
  public Future<Boolean> update(PosApp app) {
    return pool.preparedQuery(UPDATE)
        .execute(
            Tuple.of(
                app.id(),
                app.name(),
                ExactJson.write(app.settings().toJson()),
                ExactJson.write(items(app)),
                app.stockMillis()))
        .map(rows -> rows.rowCount() > 0)
        .onComplete(done -> cache.remove(app.id()));
  }

  /** Takes a point of sale away; its invoices stay. */
  public Future<Void> delete(PosApp app) {
    return pool.preparedQuery(DELETE)
        .execute(Tuple.of(app.id()))
        .<Void>mapEmpty()
        .onComplete(done -> cache.remove(app.id()));
  }

  /** The point of sale of an id; what changed elsewhere shows after five seconds at most. */
  public Future<Optional<PosApp>> find(String id) {
    Optional<PosApp> cached = cache.get(id);
    if (cached.isPresent()) {
      return Future.succeededFuture(cached);
    }
    long generation = cache.generation();
    return pool.preparedQuery(FIND)
        .execute(Tuple.of(id))
        .map(
            rows -> {
              for (Row row : rows) {
                PosApp app = read(row);
                cache.put(id, app, generation);
                return Optional.of(app);
              }
              return Optional.empty();
            });
  }

  /** Some of all points of sale, the oldest first, behind a place. */
  public Future<ListPart<PosApp>> list(ListPart.Place after) {
    return pool.preparedQuery(LIST)
        .execute(Tuple.of(after.createdMillis(), after.id()))
        .map(this::part);
  }

  /** Some of those of some stores, the oldest first, behind a place. */
  public Future<ListPart<PosApp>> list(Collection<String> storeIds, ListPart.Place after) {
    return pool.preparedQuery(LIST_SOME)
        .execute(
            Tuple.of(after.createdMillis(), after.id())
                .addArrayOfString(storeIds.toArray(String[]::new)))
        .map(this::part);
  }

  private ListPart<PosApp> part(RowSet<Row> rows) {
    return ListPart.of(rows, TOGETHER, this::readAll);
  }

  private static ArrayNode items(PosApp app) {
    ArrayNode list = ExactJson.object().arrayNode();
    app.items().forEach(item -> list.add(item.toJson()));
    return list;
  }

  private List<PosApp> readAll(Iterable<Row> rows) {
    return unreadable.readOthers(rows, PosApps::read);
  }

  private static PosApp read(Row row) {
    List<PosItem> items = new ArrayList<>();
    ExactJson.read(row.getString("items")).forEach(item -> items.add(PosItem.ofStored(item)));
    return new PosApp(
        row.getString("id"),
        row.getString("store_id"),
        row.getString("name"),
        PosSettings.ofStored(row.getString("settings"), ""),
        items,
        row.getLong("stock_millis"),
        row.getLong("created_millis"));
  }
}
