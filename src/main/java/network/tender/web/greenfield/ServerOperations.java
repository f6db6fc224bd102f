package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.merchant.Account;
import network.tender.merchant.ApiKey;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;

/** Health, the server, API keys, users. */
final class ServerOperations {
  /** Clients gate features by the version of BTCPay Server whose API this is. */
  private static final String API_VERSION = "2.4.1";

  private static final int MAX_LABEL_CHARS = 200;
  private static final int MAX_PERMISSIONS = 100;
  private static final int MAX_PERMISSION_CHARS = 200;

  private final Merchant merchant;
  private final NodeStatus node;

  ServerOperations(Merchant merchant, NodeStatus node) {
    this.merchant = merchant;
    this.node = node;
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .open("getHealth", this::health)
        .bind("getServerInfo", this::info)
        .bind("getCurrentApiKey", this::currentKey)
        .bind("deleteCurrentApiKey", this::deleteCurrentKey)
        .bind("createApiKey", this::createKey)
        .bind("deleteApiKey", this::deleteKey)
        .bind("getCurrentUser", this::currentUser);
  }

  private Future<Optional<JsonNode>> health(RoutingContext ctx) {
    return answer(ExactJson.object().put("synchronized", node.canSettle()));
  }

  private static Future<Optional<JsonNode>> answer(JsonNode body) {
    return Future.succeededFuture(Optional.of(body));
  }

  private Future<Optional<JsonNode>> info(Call call) {
    String method = merchant.network().paymentMethodId();
    int height = node.height();
    boolean ready = node.canSettle();
    ObjectNode json = ExactJson.object();
    json.put("version", API_VERSION + "+tender");
    json.putNull("onion");
    json.putArray("supportedPaymentMethods").add(method);
    json.put("fullySynched", ready);
    ObjectNode status = json.putArray("syncStatus").addObject();
    status.put("paymentMethodId", method);
    status.put("chainHeight", height);
    status.put("syncHeight", height);
    status.put("available", ready);
    status
        .putObject("nodeInformation")
        .put("headers", height)
        .put("blocks", height)
        .put("verificationProgress", 1);
    return answer(json);
  }

  private Future<Optional<JsonNode>> currentKey(Call call) {
    return answer(keyJson(call.keyText(), call.key().label(), call.key().permissions()));
  }

  private static ObjectNode keyJson(String key, String label, List<String> permissions) {
    ObjectNode json = ExactJson.object();
    json.put("apiKey", key);
    json.put("label", label);
    permissions.forEach(json.putArray("permissions")::add);
    return json;
  }

  private Future<Optional<JsonNode>> deleteCurrentKey(Call call) {
    return merchant.apiKeys().delete(call.keyText()).map(deleted -> Optional.empty());
  }

  private Future<Optional<JsonNode>> createKey(Call call) {
    call.require(Permission.UNRESTRICTED);
    Fields fields = Fields.of(call.body());
    String label = fields.text("label", "Label", MAX_LABEL_CHARS).orElse("");
    List<String> permissions =
        fields.texts("permissions", "Permissions", MAX_PERMISSIONS, MAX_PERMISSION_CHARS);
    for (int i = 0; i < permissions.size(); i++) {
      if (Permission.parse(permissions.get(i)).isEmpty()) {
        fields.error("Permissions[" + i + "]", "Unknown permission.");
      }
    }
    fields.finish();
    ApiKey owner = call.key();
    return requireStores(permissions)
        .compose(known -> merchant.apiKeys().create(owner.userId(), label, permissions))
        .map(key -> Optional.of(keyJson(key, label, permissions)));
  }

  /** Fails if a permission is about a store that does not exist: a mistyped id opens nothing. */
  private Future<Void> requireStores(List<String> permissions) {
    List<String> named = permissions.stream().map(ServerOperations::storeId).toList();
    Set<String> wanted = new HashSet<>(named);
    wanted.remove("");
    if (wanted.isEmpty()) {
      return Future.succeededFuture();
    }
    return merchant
        .stores()
        .list(wanted)
        .compose(
            found -> {
              found.forEach(store -> wanted.remove(store.id()));
              if (wanted.isEmpty()) {
                return Future.succeededFuture();
              }
              List<FieldError> errors = new ArrayList<>();
              for (int i = 0; i < named.size(); i++) {
                if (wanted.contains(named.get(i))) {
                  errors.add(
                      new FieldError("Permissions[" + i + "]", "There is no store with this id."));
                }
              }
              return Future.failedFuture(RefusalException.fields(errors));
            });
  }

  /** The store that a permission is about; empty if it is about none. */
  private static String storeId(String permission) {
    return Permission.parse(permission).flatMap(Permission::storeId).orElse("");
  }

  private Future<Optional<JsonNode>> deleteKey(Call call) {
    call.require(Permission.UNRESTRICTED);
    return merchant
        .apiKeys()
        .delete(call.path("apikey"))
        .map(
            deleted -> {
              if (!deleted) {
                throw RefusalException.business("apikey-not-found", "This API key doesn't exist.");
              }
              return Optional.empty();
            });
  }

  private Future<Optional<JsonNode>> currentUser(Call call) {
    call.require(Permission.VIEW_PROFILE);
    return merchant
        .apiKeys()
        .account(call.key().userId())
        .map(
            found ->
                found
                    .map(ServerOperations::userJson)
                    .or(
                        () -> {
                          throw RefusalException.notFound("user-not-found", "No such user.");
                        }));
  }

  private static JsonNode userJson(Account account) {
    ObjectNode json = ExactJson.object();
    json.put("id", account.id());
    json.put("email", account.email());
    json.putNull("name");
    json.putNull("imageUrl");
    json.putNull("invitationUrl");
    json.put("emailConfirmed", true);
    json.put("requiresEmailConfirmation", false);
    json.put("approved", true);
    json.put("requiresApproval", false);
    json.put("created", InvoiceJson.seconds(account.createdMillis()));
    json.put("disabled", false);
    json.putNull("storeQuota");
    if (account.administrator()) {
      json.putArray("roles").add("ServerAdmin");
    } else {
      json.putArray("roles");
    }
    return json;
  }
}
