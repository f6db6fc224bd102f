package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.Optional;
import network.tender.merchant.LenientJson;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.Store;
import network.tender.merchant.StoreRole;
import network.tender.merchant.StoreUsers;

/** Who works in a store, and the roles that there are. */
final class StoreUserOperations {
  private final Merchant merchant;

  StoreUserOperations(Merchant merchant) {
    this.merchant = merchant;
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .bindList("getStoreUsers", this::list)
        .bind("addStoreUser", this::add)
        .bind("updateStoreUser", this::update)
        .bind("removeStoreUser", this::remove)
        .bind("getStoreRoles", this::storeRoles)
        .bind("getServerRoles", this::serverRoles);
  }

  private Future<Store> store(Call call) {
    return StoreOperations.store(merchant, call, Permission.MODIFY_STORE);
  }

  private static ObjectNode json(StoreUsers.StoreUser user) {
    ObjectNode json = UserOperations.json(user.account());
    // Versions before 2.0 named these two differently.
    json.put("userId", user.account().id());
    json.put("role", user.role().text());
    json.put("storeRole", user.role().text());
    return json;
  }

  private Future<GreenfieldSurface.Listed> list(Call call) {
    return store(call)
        .compose(
            store ->
                LongList.inTurn(
                    call,
                    () ->
                        merchant
                            .storeUsers()
                            .list(store.id())
                            .compose(
                                users -> LongList.whole(call, users, StoreUserOperations::json))));
  }

  /** The role that is asked for; a missing one is none that could be guessed. */
  private static StoreRole role(Fields fields) {
    if (fields.get("storeRole").isNull() && fields.get("role").isNull()) {
      fields.error("StoreRole", "Is missing.");
    }
    String expected = "Must be Owner, Manager, Employee, Guest or Cashier.";
    Optional<StoreRole> role =
        fields
            .read("storeRole", "StoreRole", expected, StoreUserOperations::role)
            .or(() -> fields.read("role", "StoreRole", expected, StoreUserOperations::role));
    fields.finish();
    return role.orElseThrow(() -> RefusalException.field("StoreRole", expected));
  }

  private static Optional<StoreRole> role(JsonNode value) {
    return LenientJson.text(value).flatMap(StoreRole::parse);
  }

  private Future<Optional<JsonNode>> add(Call call) {
    return store(call)
        .compose(
            store -> {
              JsonNode body = call.body();
              StoreRole role = role(Fields.of(body));
              String who =
                  LenientJson.text(LenientJson.get(body, "id"))
                      .or(() -> LenientJson.text(LenientJson.get(body, "userId")))
                      .or(() -> LenientJson.text(LenientJson.get(body, "email")))
                      .orElseThrow(
                          () ->
                              RefusalException.field(
                                  "Id", "The id or the email address of a user is needed."));
              return UserOperations.account(merchant, who)
                  .compose(account -> merchant.storeUsers().add(store.id(), account.id(), role));
            })
        .map(StoreUserOperations::done);
  }

  private Future<Optional<JsonNode>> update(Call call) {
    return store(call)
        .compose(
            store -> {
              StoreRole role = role(Fields.of(call.body()));
              return UserOperations.account(merchant, call)
                  .compose(account -> merchant.storeUsers().update(store.id(), account.id(), role));
            })
        .map(StoreUserOperations::done);
  }

  private Future<Optional<JsonNode>> remove(Call call) {
    if (!call.key().allows(Permission.MODIFY_STORE, call.path("storeId"))
        && call.key().allows(Permission.MODIFY_PROFILE)) {
      return leave(call);
    }
    return store(call)
        .compose(
            store ->
                UserOperations.account(merchant, call)
                    .compose(account -> merchant.storeUsers().remove(store.id(), account.id())))
        .map(StoreUserOperations::done);
  }

  /** Nobody has to stay where others have taken them. */
  private Future<Optional<JsonNode>> leave(Call call) {
    String who = call.path("idOrEmail");
    return merchant
        .accounts()
        .find(call.key().userId())
        .map(
            found ->
                found
                    .filter(self -> who.equals(self.id()) || who.equalsIgnoreCase(self.email()))
                    .orElseThrow(() -> RefusalException.missingPermission(Permission.MODIFY_STORE)))
        .compose(self -> merchant.storeUsers().remove(call.path("storeId"), self.id()))
        .map(StoreUserOperations::done);
  }

  private static Optional<JsonNode> done(StoreUsers.Change change) {
    return switch (change) {
      case DONE -> Optional.empty();
      case DUPLICATE ->
          throw RefusalException.conflict(
              "duplicate-store-user-role", "The user is already in this store, or it is full.");
      case TOO_MANY_STORES ->
          throw RefusalException.conflict(
              "user-in-too-many-stores",
              "The user is in %d stores of others, and has to leave one of them first."
                  .formatted(StoreUsers.MAX_GIVEN));
      case LAST_OWNER ->
          throw RefusalException.conflict(
              "store-user-role-orphaned", "The store would have no owner any more.");
      case NOT_FOUND ->
          throw RefusalException.notFound("user-not-found", "The user is not in this store.");
    };
  }

  private Future<Optional<JsonNode>> storeRoles(Call call) {
    return store(call).map(store -> Optional.of(roles()));
  }

  private Future<Optional<JsonNode>> serverRoles(Call call) {
    call.require(Permission.MODIFY_SERVER);
    return Future.succeededFuture(Optional.of(roles()));
  }

  private static ArrayNode roles() {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (StoreRole role : StoreRole.values()) {
      ObjectNode json = list.addObject();
      json.put("id", role.text());
      json.put("role", role.text());
      role.policies().forEach(json.putArray("permissions")::add);
      json.put("isServerRole", true);
    }
    return list;
  }
}
