package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.Optional;
import network.tender.chain.Address;
import network.tender.chain.MalformedException;
import network.tender.merchant.ExactJson;
import network.tender.merchant.LenientJson;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.Store;
import network.tender.merchant.StoreWallet;
import network.tender.script.OutputDescriptor;

/** The payment methods of stores: one, the network's coin on its chain. */
final class WalletOperations {
  private static final int MAX_LABEL_CHARS = 200;
  private static final int MAX_PREVIEW = 100;

  private final Merchant merchant;
  private final PaymentMethodIds ids;
  private final String methodId;

  WalletOperations(Merchant merchant) {
    this.merchant = merchant;
    this.ids = new PaymentMethodIds(merchant.network());
    this.methodId = merchant.network().paymentMethodId();
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .bind("getStorePaymentMethods", this::list)
        .bind("getStorePaymentMethod", this::get)
        .bind("updateStorePaymentMethod", this::put)
        .bind("deleteStorePaymentMethod", this::delete)
        .bind("getWalletPreview", this::preview)
        .bindQuestion("createWalletPreview", this::previewOf);
  }

  private Future<Optional<JsonNode>> list(Call call) {
    return StoreOperations.store(merchant, call, Permission.VIEW_STORE)
        .map(store -> Optional.of(list(call, store)));
  }

  private ArrayNode list(Call call, Store store) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    boolean withConfig = withConfig(call, store);
    boolean onlyEnabled = call.flag("onlyEnabled");
    store
        .wallet()
        .filter(wallet -> wallet.enabled() || !onlyEnabled)
        .ifPresent(wallet -> list.add(json(wallet, withConfig)));
    return list;
  }

  private static boolean withConfig(Call call, Store store) {
    return call.flag("includeConfig") && call.key().allows(Permission.MODIFY_STORE, store.id());
  }

  private ObjectNode json(StoreWallet wallet, boolean withConfig) {
    ObjectNode json = ExactJson.object();
    json.put("paymentMethodId", methodId);
    // The name by which versions before 2.0 told coins apart; their clients still read it.
    json.put("cryptoCode", merchant.network().coinCode());
    json.put("enabled", wallet.enabled());
    if (withConfig) {
      json.set("config", wallet.config());
    } else {
      json.putNull("config");
    }
    return json;
  }

  private static RefusalException noMethod() {
    return RefusalException.notFound(
        "paymentmethod-not-found", "The payment method is not set up for this store.");
  }

  private Future<Optional<JsonNode>> get(Call call) {
    return StoreOperations.store(merchant, call, Permission.VIEW_STORE)
        .map(
            store -> {
              String id = call.path("paymentMethodId");
              // Lists of versions before 2.0; an old module hides itself if they fail.
              if (id.equalsIgnoreCase("OnChain")) {
                return Optional.of(list(call, store));
              }
              if (id.equalsIgnoreCase("LightningNetwork")) {
                return Optional.of(JsonNodeFactory.instance.arrayNode());
              }
              demandChain(id);
              StoreWallet wallet = store.wallet().orElseThrow(WalletOperations::noMethod);
              return Optional.of(json(wallet, withConfig(call, store)));
            });
  }

  private void demandChain(String id) {
    if (!ids.isChain(id)) {
      throw RefusalException.notFound(
          "paymentmethod-not-found", "The only payment method here is " + methodId + ".");
    }
  }

  private Future<Optional<JsonNode>> put(Call call) {
    return StoreOperations.store(merchant, call, Permission.MODIFY_STORE)
        .compose(
            store -> {
              demandChain(call.path("paymentMethodId"));
              JsonNode body = call.body();
              Fields fields = Fields.of(body);
              Optional<Boolean> enabled = fields.flag("enabled", "Enabled");
              fields.finish();
              Optional<Config> config = config(body);
              if (config.isEmpty() && store.wallet().isEmpty()) {
                throw RefusalException.field(
                    "Config", "An extended public key or an output descriptor is needed.");
              }
              Future<Void> set =
                  config.isPresent()
                      ? merchant
                          .stores()
                          .setWallet(
                              store.id(),
                              config.get().descriptor(),
                              enabled.orElse(true),
                              config.get().json())
                      : enabled.isPresent()
                          ? merchant.stores().setWalletEnabled(store.id(), enabled.get())
                          : Future.succeededFuture();
              return set.compose(done -> merchant.stores().find(store.id()));
            })
        .map(
            found ->
                found
                    .flatMap(Store::wallet)
                    .map(wallet -> (JsonNode) json(wallet, true))
                    .or(
                        () -> {
                          throw noMethod();
                        }));
  }

  /**
   * A key that was understood.
   *
   * @param descriptor what it means
   * @param json as it is kept and given back
   */
  private record Config(OutputDescriptor descriptor, ObjectNode json) {}

  /** The key in a request: text, object, or in the body itself as before 2.0; empty if none. */
  private Optional<Config> config(JsonNode body) {
    JsonNode config = LenientJson.get(body, "config");
    if (config.isNull() && !LenientJson.get(body, "derivationScheme").isNull()) {
      config = body;
    }
    if (config.isNull()) {
      return Optional.empty();
    }
    Optional<String> label = Optional.empty();
    Optional<String> origin = Optional.empty();
    Optional<String> key;
    if (config.isObject()) {
      JsonNode first = LenientJson.get(config, "accountKeySettings").path(0);
      key = LenientJson.text(LenientJson.get(config, "derivationScheme"));
      if (key.isEmpty()) {
        key = LenientJson.text(LenientJson.get(config, "accountDerivation"));
      }
      label = LenientJson.text(LenientJson.get(config, "label"));
      origin = LenientJson.text(LenientJson.get(config, "accountKeyPath")).or(() -> origin(first));
    } else {
      key = LenientJson.text(config);
    }
    if (key.isEmpty()) {
      throw RefusalException.field(
          "Config", "Must be an extended public key, or an object with derivationScheme.");
    }
    if (label.isPresent() && label.get().length() > MAX_LABEL_CHARS) {
      throw RefusalException.field(
          "Config.Label", "Must have at most %d characters.".formatted(MAX_LABEL_CHARS));
    }
    try {
      OutputDescriptor descriptor = merchant.stores().parseKey(key.get());
      if (origin.isPresent()) {
        descriptor = descriptor.withAccountKeyPath(origin.get());
      }
      return Optional.of(new Config(descriptor, json(descriptor, label)));
    } catch (MalformedException e) {
      // The sentence never repeats what was entered, which may be a secret.
      throw RefusalException.field("Config", "Invalid key: " + e.getMessage() + ".");
    }
  }

  private static Optional<String> origin(JsonNode settings) {
    Optional<String> fingerprint = LenientJson.text(LenientJson.get(settings, "rootFingerprint"));
    Optional<String> path = LenientJson.text(LenientJson.get(settings, "accountKeyPath"));
    return fingerprint.isPresent() && path.isPresent()
        ? Optional.of(fingerprint.get() + "/" + path.get())
        : Optional.empty();
  }

  private static ObjectNode json(OutputDescriptor descriptor, Optional<String> label) {
    ObjectNode json = ExactJson.object();
    json.put("accountDerivation", descriptor.derivationScheme());
    json.put("derivationScheme", descriptor.derivationScheme());
    json.put("label", label.orElse(null));
    json.put("accountKeyPath", descriptor.accountKeyPath().orElse(null));
    ObjectNode settings = json.putArray("accountKeySettings").addObject();
    String path = descriptor.accountKeyPath().orElse("");
    int slash = path.indexOf('/');
    settings.put("rootFingerprint", slash < 0 ? null : path.substring(0, slash));
    settings.put("accountKeyPath", slash < 0 ? null : path.substring(slash + 1));
    settings.put("accountKey", descriptor.accountKey());
    return json;
  }

  private Future<Optional<JsonNode>> delete(Call call) {
    return StoreOperations.store(merchant, call, Permission.MODIFY_STORE)
        .compose(
            store -> {
              demandChain(call.path("paymentMethodId"));
              if (store.wallet().isEmpty()) {
                throw noMethod();
              }
              return merchant.stores().removeWallet(store.id());
            })
        .map(removed -> Optional.empty());
  }

  private Future<Optional<JsonNode>> preview(Call call) {
    return StoreOperations.store(merchant, call, Permission.VIEW_WALLET)
        .map(
            store -> {
              demandChain(call.path("paymentMethodId"));
              StoreWallet wallet = store.wallet().orElseThrow(WalletOperations::noMethod);
              return Optional.of(addresses(call, wallet.descriptor()));
            });
  }

  private Future<Optional<JsonNode>> previewOf(Call call) {
    return StoreOperations.store(merchant, call, Permission.VIEW_WALLET)
        .map(
            store -> {
              demandChain(call.path("paymentMethodId"));
              Config config =
                  config(call.body())
                      .orElseThrow(
                          () ->
                              RefusalException.field(
                                  "Config",
                                  "An extended public key or an output descriptor is needed."));
              return Optional.of(addresses(call, config.descriptor()));
            });
  }

  private ObjectNode addresses(Call call, OutputDescriptor descriptor) {
    int offset = call.number("offset", 0, 1_000_000_000).orElse(0L).intValue();
    int count =
        call.number("count", 1, MAX_PREVIEW)
            .or(() -> call.number("amount", 1, MAX_PREVIEW))
            .orElse(10L)
            .intValue();
    ObjectNode json = ExactJson.object();
    ArrayNode list = json.putArray("addresses");
    for (int index = offset; index < offset + count; index++) {
      list.addObject()
          .put("keyPath", StoreWallet.keyPath(descriptor, index))
          .put("index", index)
          .put(
              "address", Address.format(descriptor.scriptAt(index), merchant.network()).orElse(""));
    }
    return json;
  }
}
