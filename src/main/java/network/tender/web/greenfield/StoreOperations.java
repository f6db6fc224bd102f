package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.chain.Amount;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.Rates;
import network.tender.merchant.Store;
import network.tender.merchant.StoreSettings;

/** Stores and rates. */
final class StoreOperations {
  private final Merchant merchant;

  StoreOperations(Merchant merchant) {
    this.merchant = merchant;
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .bind("getStores", this::list)
        .bind("createStore", this::create)
        .bind("getStore", this::get)
        .bind("updateStore", this::update)
        .bind("getStoreRates", this::rates);
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

  private Future<Optional<JsonNode>> list(Call call) {
    Set<String> named = call.key().storesAllowing(Permission.VIEW_STORE);
    boolean all = call.key().allows(Permission.VIEW_STORE);
    if (!all && named.isEmpty()) {
      throw RefusalException.missingPermission(Permission.VIEW_STORE);
    }
    Future<List<Store>> stores = all ? merchant.stores().list() : merchant.stores().list(named);
    return stores.map(
        found -> {
          ArrayNode list = JsonNodeFactory.instance.arrayNode();
          found.forEach(store -> list.add(json(store)));
          return Optional.of(list);
        });
  }

  private Future<Optional<JsonNode>> create(Call call) {
    call.require(Permission.MODIFY_STORE);
    StoreSettings settings = merge(StoreSettings.defaults(), call);
    return merchant.stores().create(settings).map(store -> Optional.of(json(store)));
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

  private Future<Optional<JsonNode>> rates(Call call) {
    return store(merchant, call, Permission.VIEW_STORE)
        .map(
            store -> {
              Rates rates = merchant.rates();
              List<String> pairs = call.queries("currencyPair");
              if (pairs.isEmpty()) {
                pairs = List.of(rates.coinCode() + "_" + store.settings().defaultCurrency());
              }
              ArrayNode list = JsonNodeFactory.instance.arrayNode();
              pairs.forEach(pair -> list.add(rate(rates, pair)));
              return Optional.of(list);
            });
  }

  private static ObjectNode rate(Rates rates, String pair) {
    String[] codes = pair.split("[_-]", -1);
    if (codes.length == 1) {
      Optional<String> quote = rates.currencyOfPair(pair);
      codes = new String[] {rates.coinCode(), quote.orElse("")};
    }
    Optional<String> base = codes.length == 2 ? rates.currency(codes[0]) : Optional.empty();
    Optional<String> quote = codes.length == 2 ? rates.currency(codes[1]) : Optional.empty();
    if (base.isEmpty() || quote.isEmpty()) {
      throw RefusalException.field(
          "currencyPair", "Must be two currencies, such as " + rates.coinCode() + "_USD.");
    }
    ObjectNode json = ExactJson.object();
    json.put("currencyPair", base.get() + "_" + quote.get());
    Optional<BigDecimal> perBase = rates.perCoin(base.get());
    Optional<BigDecimal> perQuote = rates.perCoin(quote.get());
    ArrayNode errors = JsonNodeFactory.instance.arrayNode();
    if (perBase.isPresent() && perQuote.isPresent()) {
      BigDecimal rate =
          perQuote.get().divide(perBase.get(), Amount.COIN_DIGITS * 2, RoundingMode.HALF_EVEN);
      json.put("rate", InvoiceJson.plain(rate));
    } else {
      json.putNull("rate");
      errors.add("The operator has configured no rate for this pair.");
    }
    json.set("errors", errors);
    return json;
  }
}
