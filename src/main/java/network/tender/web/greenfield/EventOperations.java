package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.Optional;
import network.tender.merchant.EventCursor;
import network.tender.merchant.ExactJson;
import network.tender.merchant.InvoiceEventLog;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;
import network.tender.merchant.Store;
import network.tender.webhook.EventFeed;

/** The events of a store, for those who were away: nothing is left out, whatever happened. */
final class EventOperations {
  private static final int DEFAULT_TAKE = 100;
  private static final int MAX_WAIT_SECONDS = EventFeed.MAX_WAIT_MILLIS / 1_000;

  private final Merchant merchant;
  private final EventFeed feed;

  EventOperations(Merchant merchant, EventFeed feed) {
    this.merchant = merchant;
    this.feed = feed;
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder.bindList("getStoreEvents", this::list);
  }

  private Future<GreenfieldSurface.Listed> list(Call call) {
    EventCursor after =
        call.query("after")
            .map(
                text ->
                    EventCursor.parse(text)
                        .orElseThrow(
                            () ->
                                RefusalException.field(
                                    "after",
                                    "Must be the eventId of an event, or left out to begin with"
                                        + " the first.")))
            .orElse(EventCursor.START);
    int take =
        call.number("take", 1, Integer.MAX_VALUE)
            .map(number -> Math.min(number, InvoiceEventLog.MAX_TAKE))
            .orElse((long) DEFAULT_TAKE)
            .intValue();
    int wait = call.number("wait", 0, MAX_WAIT_SECONDS).orElse(0L).intValue();
    return StoreOperations.store(merchant, call, Permission.VIEW_INVOICES)
        .compose(
            store ->
                feed.read(
                    call.key().userId(),
                    store.id(),
                    after,
                    wait * 1_000,
                    () -> page(call, store, after, take)))
        .map(page -> page.orElse(GreenfieldSurface.Listed.whole(ExactJson.object().arrayNode())))
        .recover(
            error ->
                Future.failedFuture(
                    error instanceof EventFeed.TooManyWaitingException
                        ? RefusalException.busy(
                            "too-many-waiting",
                            "Too many wait for events; ask again later, or without 'wait'.",
                            MAX_WAIT_SECONDS)
                        : error));
  }

  private Future<Optional<GreenfieldSurface.Listed>> page(
      Call call, Store store, EventCursor after, int take) {
    return LongList.inTurn(
        call,
        () ->
            merchant
                .eventLog()
                .page(store.id(), after, take)
                .compose(
                    entries ->
                        entries.isEmpty()
                            ? Future.succeededFuture(Optional.empty())
                            : LongList.whole(call, entries, EventOperations::json)
                                .map(Optional::of)));
  }

  private static JsonNode json(InvoiceEventLog.Entry entry) {
    ObjectNode json = ExactJson.object();
    json.put("eventId", entry.cursor().text());
    entry.event().addTo(json);
    return json;
  }
}
