package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import network.tender.merchant.ExactJson;
import network.tender.merchant.HookTarget;
import network.tender.merchant.InvoiceHook;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.webhook.Deliveries;
import network.tender.webhook.Delivery;
import network.tender.webhook.DeliveryId;
import network.tender.webhook.Webhook;
import network.tender.webhook.WebhookService;
import network.tender.webhook.Webhooks;

/**
 * Webhooks and what was sent to them, by both families of paths: {@code
 * /stores/{storeId}/webhooks/{webhookId}} and {@code /webhooks/{webhookId}}.
 */
final class WebhookOperations {
  private static final int MAX_EVENTS = 100;
  private static final int MAX_EVENT_CHARS = 100;

  private final Merchant merchant;
  private final WebhookService service;

  WebhookOperations(Merchant merchant, WebhookService service) {
    this.merchant = merchant;
    this.service = service;
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder.bind("getStoreWebhooks", this::list).bind("createStoreWebhook", this::create);
    for (String family : List.of("Store", "")) {
      binder
          .bind("get" + family + "Webhook", this::get)
          .bind("update" + family + "Webhook", this::update)
          .bind("delete" + family + "Webhook", this::delete)
          .bindList("get" + family + "WebhookDeliveries", this::deliveries)
          .bind("get" + family + "WebhookDelivery", this::delivery)
          .bind("get" + family + "WebhookDeliveryRequest", this::request)
          .bind("redeliver" + family + "WebhookDelivery", this::redeliver);
    }
  }

  private Future<Optional<JsonNode>> list(Call call) {
    return StoreOperations.store(merchant, call, Permission.MODIFY_WEBHOOKS)
        .compose(
            store ->
                call.query("invoiceId")
                    .map(invoiceId -> service.webhooks().ofInvoice(store.id(), invoiceId))
                    .orElseGet(() -> service.webhooks().list(store.id())))
        .map(
            found -> {
              ArrayNode list = JsonNodeFactory.instance.arrayNode();
              found.forEach(webhook -> list.add(json(webhook)));
              return Optional.of(list);
            });
  }

  /** The secret is shown once, when it is made. */
  private Future<Optional<JsonNode>> create(Call call) {
    return StoreOperations.store(merchant, call, Permission.MODIFY_WEBHOOKS)
        .compose(
            store ->
                settings(call, true)
                    .compose(settings -> service.webhooks().create(store.id(), settings)))
        .map(
            made ->
                Optional.of(
                    made.map(webhook -> json(webhook).put("secret", webhook.secret().orElse("")))
                        .orElseThrow(
                            () ->
                                RefusalException.business(
                                    "too-many-webhooks",
                                    "A store has at most %d webhooks; delete one first."
                                        .formatted(Webhooks.MAX_OF_STORE)))));
  }

  private Future<Optional<JsonNode>> get(Call call) {
    return webhook(call).map(found -> Optional.of(json(found)));
  }

  private Future<Optional<JsonNode>> update(Call call) {
    return ofStore(call)
        .compose(
            webhook ->
                settings(call, false)
                    .compose(settings -> service.webhooks().update(webhook, settings)))
        .map(changed -> Optional.of(json(changed)));
  }

  private Future<Optional<JsonNode>> delete(Call call) {
    return ofStore(call)
        .compose(found -> service.webhooks().delete(found.id()))
        .map(deleted -> Optional.empty());
  }

  /** The webhook that the path names, which is to be changed. */
  private Future<Webhook> ofStore(Call call) {
    return webhook(call)
        .map(
            found -> {
              if (found.invoiceId().isPresent()) {
                throw RefusalException.conflict(
                    "webhook-of-invoice",
                    "The webhook belongs to an invoice, which was made with it; it can't be changed,"
                        + " and is removed when nothing more is to be sent there.");
              }
              return found;
            });
  }

  private static ObjectNode json(Webhook webhook) {
    ObjectNode json = ExactJson.object();
    json.put("id", webhook.id());
    json.put("enabled", webhook.enabled());
    json.put("automaticRedelivery", webhook.automaticRedelivery());
    json.put("url", webhook.url());
    ObjectNode events = json.putObject("authorizedEvents");
    events.put("everything", webhook.events().everything());
    webhook.events().specific().forEach(events.putArray("specificEvents")::add);
    webhook.invoiceId().ifPresent(invoiceId -> json.put("invoiceId", invoiceId));
    return json;
  }

  /** Reads and checks what is to be set, also whether the link can be sent to. */
  private Future<Webhook.Settings> settings(Call call, boolean urlNeeded) {
    Fields fields = Fields.of(call.body());
    Optional<String> url = fields.text("url", "Url", HookTarget.MAX_CHARS);
    if (urlNeeded && url.isEmpty()) {
      fields.error("Url", "Must be the link that events are sent to.");
    }
    Optional<String> secret = fields.text("secret", "Secret", InvoiceHook.MAX_SECRET_CHARS);
    Optional<Boolean> enabled = fields.flag("enabled", "Enabled");
    Optional<Boolean> again = fields.flag("automaticRedelivery", "AutomaticRedelivery");
    Optional<Webhook.Events> events = events(fields);
    fields.finish();
    Webhook.Settings settings = new Webhook.Settings(url, secret, enabled, again, events);
    if (url.isEmpty()) {
      return Future.succeededFuture(settings);
    }
    return service
        .targets()
        .problem(url.get())
        .map(
            problem -> {
              problem.ifPresent(
                  sentence -> {
                    throw RefusalException.field("Url", sentence);
                  });
              return settings;
            });
  }

  private static Optional<Webhook.Events> events(Fields fields) {
    if (fields.get("authorizedEvents").isNull()) {
      return Optional.empty();
    }
    Fields events = fields.inner("authorizedEvents", "AuthorizedEvents");
    Optional<Boolean> everything = events.flag("everything", "Everything");
    List<String> specific =
        events.texts("specificEvents", "SpecificEvents", MAX_EVENTS, MAX_EVENT_CHARS);
    return Optional.of(new Webhook.Events(everything.orElse(true), specific));
  }

  /**
   * The webhook that the path names, for a caller who may change webhooks of its store. By the
   * short path an unknown webhook is one of a store that the caller may not see.
   */
  private Future<Webhook> webhook(Call call) {
    String policy = Permission.MODIFY_WEBHOOKS;
    Optional<String> storeId = Optional.ofNullable(call.path("storeId"));
    storeId.ifPresent(id -> call.require(policy, id));
    return service
        .webhooks()
        .find(call.path("webhookId"))
        .map(
            found -> {
              if (found.isEmpty()) {
                throw storeId.isPresent()
                    ? RefusalException.notFound("webhook-not-found", "The webhook was not found.")
                    : RefusalException.missingPermission(policy);
              }
              Webhook webhook = found.get();
              call.require(policy, webhook.storeId());
              if (storeId.isPresent() && !storeId.get().equals(webhook.storeId())) {
                throw RefusalException.missingPermission(policy);
              }
              return webhook;
            });
  }

  private Future<GreenfieldSurface.Listed> deliveries(Call call) {
    int count =
        call.number("count", 0, Integer.MAX_VALUE)
            .map(number -> Math.min(number, Deliveries.MAX_COUNT))
            .orElse((long) Deliveries.MAX_COUNT)
            .intValue();
    Optional<Delivery.State> state =
        call.query("state")
            .map(
                text ->
                    Delivery.State.parse(text)
                        .orElseThrow(
                            () ->
                                RefusalException.field(
                                    "state", "Must be Pending, Delivered, Refused or GivenUp.")));
    return webhook(call)
        .compose(
            webhook ->
                LongList.inTurn(
                    call,
                    () ->
                        service
                            .deliveries()
                            .list(webhook.id(), count, state)
                            .compose(
                                found -> LongList.whole(call, found, WebhookOperations::json))));
  }

  /** The delivery that the path names. */
  private Future<Delivery> named(Call call) {
    return webhook(call)
        .compose(
            webhook ->
                DeliveryId.parse(Optional.ofNullable(call.path("deliveryId")).orElse(""))
                    .map(id -> service.deliveries().find(webhook.id(), id))
                    .orElseGet(() -> Future.succeededFuture(Optional.empty())))
        .map(
            found ->
                found.orElseThrow(
                    () ->
                        RefusalException.notFound(
                            "webhookdelivery-not-found", "The delivery was not found.")));
  }

  private Future<Optional<JsonNode>> delivery(Call call) {
    return named(call).map(found -> Optional.of(json(found)));
  }

  /** In the words of the API, and behind them what only this node knows. */
  private static ObjectNode json(Delivery delivery) {
    ObjectNode json = ExactJson.object();
    json.put("id", DeliveryId.text(delivery.id()));
    json.put("timestamp", InvoiceJson.seconds(delivery.createdMillis()));
    json.put("deliveryTime", delivery.sentMillis().map(InvoiceJson::seconds).orElse(null));
    json.put("httpCode", delivery.httpCode().orElse(null));
    json.put("errorMessage", delivery.error().orElse(null));
    boolean well = delivery.state() == Delivery.State.DELIVERED;
    json.put(
        "status", well ? "HttpSuccess" : delivery.httpCode().isPresent() ? "HttpError" : "Failed");
    json.put("state", delivery.state().text());
    json.put("attempts", delivery.attempts());
    json.put(
        "nextAttemptTime",
        delivery.state() == Delivery.State.PENDING
            ? (Long) InvoiceJson.seconds(delivery.dueMillis())
            : null);
    json.put("type", delivery.type());
    json.put("invoiceId", delivery.invoiceId());
    json.put("originalDeliveryId", DeliveryId.text(delivery.originalId()));
    return json;
  }

  private static RefusalException pruned() {
    return RefusalException.conflict(
        "webhookdelivery-pruned", "What was sent is kept for 60 days only, and was dropped.");
  }

  private Future<Optional<JsonNode>> request(Call call) {
    return named(call)
        .compose(delivery -> service.deliveries().request(delivery))
        .map(found -> Optional.of(found.orElseThrow(WebhookOperations::pruned)));
  }

  private Future<Optional<JsonNode>> redeliver(Call call) {
    return named(call)
        .compose(delivery -> service.deliveries().redeliver(delivery))
        .map(
            made ->
                Optional.of(
                    TextNode.valueOf(
                        DeliveryId.text(made.orElseThrow(WebhookOperations::pruned)))));
  }
}
