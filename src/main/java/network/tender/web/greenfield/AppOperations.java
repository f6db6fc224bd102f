package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.PosApp;
import network.tender.merchant.PosSales;

/** Points of sale: {@code /apps/pos/{appId}} and what is sold there. */
final class AppOperations {
  private static final int USUAL_DAYS = 7;
  private static final int USUAL_ITEMS = 10;
  private static final int MAX_ITEMS = 1_000;
  private static final long MILLIS_PER_SECOND = 1_000;
  private static final DateTimeFormatter LABEL =
      DateTimeFormatter.ofPattern("MMM dd", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  private final Merchant merchant;

  AppOperations(Merchant merchant) {
    this.merchant = merchant;
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .bind("createPointOfSaleApp", this::create)
        .bind("getPointOfSaleApp", this::get)
        .bind("updatePointOfSaleApp", this::update)
        .bindList("getApps", this::listAll)
        .bindList("getStoreApps", this::list)
        .bind("getApp", this::getBase)
        .bind("deleteApp", this::delete)
        .bind("getAppSales", this::sales)
        .bind("getAppTopItems", this::topItems);
  }

  private Future<Optional<JsonNode>> create(Call call) {
    return StoreOperations.store(merchant, call, Permission.MODIFY_STORE)
        .compose(
            store -> {
              List<FieldError> errors = new ArrayList<>();
              PosApp app = merchant.posApps().draft(store, call.body(), errors);
              refuse(errors);
              return merchant
                  .posApps()
                  .insert(app)
                  .map(
                      made -> {
                        if (!made) {
                          throw RefusalException.business(
                              "app-limit-reached",
                              "The store has as many apps as it may; delete some.");
                        }
                        return Optional.of(json(app));
                      });
            });
  }

  private Future<Optional<JsonNode>> update(Call call) {
    return app(call, Permission.MODIFY_STORE)
        .compose(
            app -> {
              List<FieldError> errors = new ArrayList<>();
              PosApp changed = merchant.posApps().merge(app, call.body(), errors);
              refuse(errors);
              return merchant
                  .posApps()
                  .update(changed)
                  .compose(
                      done -> {
                        if (!done) {
                          throw notFound();
                        }
                        return merchant.posSales().withStock(changed);
                      })
                  .map(left -> Optional.of(json(left)));
            });
  }

  private static void refuse(List<FieldError> errors) {
    if (!errors.isEmpty()) {
      throw RefusalException.fields(errors);
    }
  }

  private Future<Optional<JsonNode>> get(Call call) {
    return app(call, Permission.VIEW_STORE)
        .compose(app -> merchant.posSales().withStock(app))
        .map(app -> Optional.of(json(app)));
  }

  private Future<Optional<JsonNode>> getBase(Call call) {
    return app(call, Permission.VIEW_STORE).map(app -> Optional.of(base(app)));
  }

  private Future<Optional<JsonNode>> delete(Call call) {
    return app(call, Permission.MODIFY_STORE)
        .compose(app -> merchant.posApps().delete(app))
        .map(deleted -> Optional.empty());
  }

  private Future<GreenfieldSurface.Listed> listAll(Call call) {
    boolean all = call.key().allowsEverywhere(Permission.VIEW_STORE);
    Set<String> named = call.key().storesAllowing(Permission.VIEW_STORE);
    if (named.isEmpty() && !call.key().allows(Permission.VIEW_STORE)) {
      throw RefusalException.missingPermission(Permission.VIEW_STORE);
    }
    return bases(
        call,
        after -> all ? merchant.posApps().list(after) : merchant.posApps().list(named, after));
  }

  private Future<GreenfieldSurface.Listed> list(Call call) {
    return StoreOperations.store(merchant, call, Permission.VIEW_STORE)
        .compose(
            store -> bases(call, after -> merchant.posApps().list(List.of(store.id()), after)));
  }

  private static Future<GreenfieldSurface.Listed> bases(
      Call call, LongList.Reading<PosApp> reading) {
    return new LongList<>(call, reading, AppOperations::base).answer();
  }

  private Future<Optional<JsonNode>> sales(Call call) {
    int days =
        call.number("numberOfDays", 1, PosSales.MAX_DAYS).orElse((long) USUAL_DAYS).intValue();
    return app(call, Permission.VIEW_STORE)
        .compose(app -> merchant.posSales().byDay(app, days))
        .map(
            found -> {
              ObjectNode json = ExactJson.object();
              json.put("salesCount", found.stream().mapToLong(PosSales.Day::units).sum());
              ArrayNode series = json.putArray("series");
              for (PosSales.Day day : found) {
                series
                    .addObject()
                    .put("date", day.startMillis() / MILLIS_PER_SECOND)
                    .put("label", LABEL.format(Instant.ofEpochMilli(day.startMillis())))
                    .put("salesCount", day.units());
              }
              return Optional.of(json);
            });
  }

  private Future<Optional<JsonNode>> topItems(Call call) {
    int offset = call.number("offset", 0, Integer.MAX_VALUE).orElse(0L).intValue();
    int count = call.number("count", 0, MAX_ITEMS).orElse((long) USUAL_ITEMS).intValue();
    return app(call, Permission.VIEW_STORE)
        .compose(
            app ->
                merchant
                    .posSales()
                    .byItem(app, offset, count)
                    .map(
                        found -> {
                          ArrayNode list = JsonNodeFactory.instance.arrayNode();
                          String currency = app.settings().currency();
                          for (PosSales.ItemSales item : found) {
                            String total =
                                InvoiceJson.plain(merchant.rates().round(item.total(), currency));
                            list.addObject()
                                .put("itemCode", item.itemId())
                                .put("title", item.title())
                                .put("salesCount", item.units())
                                .put("total", total)
                                .put("totalFormatted", total + " " + currency);
                          }
                          return Optional.of(list);
                        }));
  }

  /**
   * The app that the path names, for a caller who holds a policy on its store; who holds it on no
   * store at all is not told which apps there are.
   */
  private Future<PosApp> app(Call call, String policy) {
    return merchant
        .posApps()
        .find(call.path("appId"))
        .map(
            found -> {
              if (found.isPresent()) {
                call.require(policy, found.get().storeId());
                return found.get();
              }
              if (call.key().allows(policy) || !call.key().storesAllowing(policy).isEmpty()) {
                throw notFound();
              }
              throw RefusalException.missingPermission(policy);
            });
  }

  private static RefusalException notFound() {
    return RefusalException.notFound("app-not-found", "The app with specified ID was not found");
  }

  private static ObjectNode base(PosApp app) {
    ObjectNode json = ExactJson.object();
    json.put("id", app.id());
    json.put("storeId", app.storeId());
    json.put("name", app.name());
    json.put("appName", app.name());
    json.put("appType", PosApp.TYPE);
    json.put("created", app.createdMillis() / MILLIS_PER_SECOND);
    json.put("archived", app.settings().archived());
    return json;
  }

  private static ObjectNode json(PosApp app) {
    ObjectNode json = base(app);
    json.setAll(app.settings().toJson());
    ArrayNode items = json.putArray("items");
    app.items().forEach(item -> items.add(item.toJson()));
    return json;
  }
}
