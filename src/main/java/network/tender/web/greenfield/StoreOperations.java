package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.Store;
import network.tender.merchant.StoreLimitException;
import network.tender.merchant.StoreSettings;

/** Stores. */
final class StoreOperations {
  private final Merchant merchant;

  StoreOperations(Merchant merchant) {
    this.merchant = merchant;
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .bindList("getStores", this::list)
        .bind("createStore", this::create)
        .bind("getStore", this::get)
        .bind("updateStore", this::update)
        .bind("deleteStore", this::delete);
  }

  /** The store that the path names, for a caller who holds a policy on it. */
  static Future<Store> store(Merchant merchant, Call call, String policy) {
    String id = call.path("storeId");
    call.require(policy, id);
    return merchant
        .stores()
        .find(id)
        .map(
            found ->
                found.orElseThrow(
                    () ->
                        RefusalException.notFound("store-not-found", "The store was not found.")));
  }

  private static ObjectNode json(Store store) {
    ObjectNode json = ExactJson.object();
    json.put("id", store.id());
    json.setAll(store.settings().toJson());
    return json;
  }

  private Future<GreenfieldSurface.Listed> list(Call call) {
    boolean all = call.key().allowsEverywhere(Permission.VIEW_STORE);
    Set<String> named = call.key().storesAllowing(Permission.VIEW_STORE);
    if (named.isEmpty() && !call.key().allows(Permission.VIEW_STORE)) {
      throw RefusalException.missingPermission(Permission.VIEW_STORE);
    }
    return new LongList<Store>(
            call,
            after -> all ? merchant.stores().list(after) : merchant.stores().list(named, after),
            StoreOperations::json)
        .answer();
  }

  private Future<Optional<JsonNode>> create(Call call) {
    call.require(Permission.MODIFY_STORE);
    StoreSettings settings = merge(StoreSettings.defaults(), call);
    return merchant
        .stores()
        .create(settings, call.key().userId(), call.key().administrator())
        .<Optional<JsonNode>>map(store -> Optional.of(json(store)))
        .recover(
            error ->
                Future.failedFuture(
                    error instanceof StoreLimitException limit
                        ? RefusalException.forbidden("store-limit-reached", limit.sentence())
                        : error));
  }

  private Future<Optional<JsonNode>> get(Call call) {
    return store(merchant, call, Permission.VIEW_STORE).map(store -> Optional.of(json(store)));
  }

  private Future<Optional<JsonNode>> update(Call call) {
    return store(merchant, call, Permission.MODIFY_STORE)
        .compose(store -> merchant.stores().update(store, merge(store.settings(), call)))
        .map(store -> Optional.of(json(store)));
  }

  private StoreSettings merge(StoreSettings settings, Call call) {
    List<FieldError> errors = new ArrayList<>();
    StoreSettings merged = settings.merge(call.body(), merchant.rates(), errors);
    if (!errors.isEmpty()) {
      throw RefusalException.fields(errors);
    }
    return merged;
  }

  private Future<Optional<JsonNode>> delete(Call call) {
    return store(merchant, call, Permission.MODIFY_STORE)
        .compose(store -> merchant.stores().delete(store.id()))
        .map(gone -> Optional.empty());
  }
}
