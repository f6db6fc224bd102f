package network.tender.web;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Consumer;

/** Where live streams learn of invoices; the merchant side provides it. */
@FunctionalInterface
public interface InvoiceFeed {
  /** A node without merchants: no invoice is ever found. */
  InvoiceFeed NONE = (invoiceId, listener) -> Future.succeededFuture(Optional.empty());

  /**
   * Follows one invoice.
   *
   * @param invoiceId its id
   * @param listener is given the invoice as anybody with its id may see it: right away once, then
   *     after every change. Called from any thread; it returns at once
   * @return what ends the subscription (any thread, also twice); empty if there is no such invoice
   */
  Future<Optional<Runnable>> subscribe(String invoiceId, Consumer<JsonObject> listener);
}
