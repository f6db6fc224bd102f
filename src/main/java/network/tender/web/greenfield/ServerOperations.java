package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import network.tender.merchant.ApiKeys;
import network.tender.merchant.ExactJson;
import network.tender.merchant.FieldError;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;

/** Health, the server, API keys. */
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
        .bind("createUserApiKey", this::createUserKey)
        .bind("deleteUserApiKey", this::deleteUserKey);
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
    requireKey(call);
    return answer(keyJson(call.keyText(), call.key().label(), call.key().permissions()));
  }

  private static ObjectNode keyJson(String key, String label, List<String> permissions) {
    ObjectNode json = ExactJson.object();
    json.put("apiKey", key);
    json.put("label", label);
    permissions.forEach(json.putArray("permissions")::add);
    return json;
  }

  /** A name and a password are no key. */
  private static void requireKey(Call call) {
    if (call.keyText().isEmpty()) {
      throw RefusalException.unauthenticated();
    }
  }

  private Future<Optional<JsonNode>> deleteCurrentKey(Call call) {
    requireKey(call);
    return merchant.apiKeys().delete(call.keyText()).map(deleted -> Optional.empty());
  }

  private Future<Optional<JsonNode>> createKey(Call call) {
    call.require(Permission.UNRESTRICTED);
    return createKey(call, call.key().userId());
  }

  private Future<Optional<JsonNode>> createUserKey(Call call) {
    return UserOperations.accountToManage(merchant, call)
        .compose(account -> createKey(call, account.id()));
  }

  private Future<Optional<JsonNode>> createKey(Call call, String accountId) {
    Fields fields = Fields.of(call.body());
    String label = fields.text("label", "Label", MAX_LABEL_CHARS).orElse("");
    List<String> asked =
        fields.texts("permissions", "Permissions", MAX_PERMISSIONS, MAX_PERMISSION_CHARS);
    Set<String> spelled = new LinkedHashSet<>();
    for (int i = 0; i < asked.size(); i++) {
      Optional<Permission> permission = Permission.parse(asked.get(i));
      if (permission.isEmpty()) {
        fields.error("Permissions[" + i + "]", "Unknown permission.");
      } else {
        spelled.add(permission.get().text());
      }
    }
    fields.finish();
    List<String> permissions = List.copyOf(spelled);
    if (!call.holdsAll(permissions)) {
      // No key makes another one that opens more than it does itself.
      call.require(Permission.UNRESTRICTED);
    }
    return requireStores(asked)
        .compose(known -> merchant.apiKeys().create(accountId, label, permissions))
        .map(
            key ->
                key.<JsonNode>map(text -> keyJson(text, label, permissions))
                    .or(
                        () -> {
                          throw RefusalException.business(
                              "too-many-apikeys",
                              "This user has %d API keys; revoke one first."
                                  .formatted(ApiKeys.MAX_KEYS));
                        }));
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
        .existing(wanted)
        .compose(
            found -> {
              wanted.removeAll(found);
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
    // An administrator may revoke anybody's, by the path of its own too.
    return deleted(
        call.key().administrator()
            ? merchant.apiKeys().delete(call.path("apikey"))
            : merchant.apiKeys().delete(call.key().userId(), call.path("apikey")));
  }

  private Future<Optional<JsonNode>> deleteUserKey(Call call) {
    return UserOperations.accountToManage(merchant, call)
        .compose(account -> deleted(merchant.apiKeys().delete(account.id(), call.path("apikey"))));
  }

  private static Future<Optional<JsonNode>> deleted(Future<Boolean> deleting) {
    return deleting.map(
        deleted -> {
          if (!deleted) {
            throw RefusalException.business("apikey-not-found", "This API key doesn't exist.");
          }
          return Optional.empty();
        });
  }
}
