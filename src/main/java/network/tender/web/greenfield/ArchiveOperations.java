package network.tender.web.greenfield;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.Function;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;

/**
 * What is done with an invoice that changes nothing of how it stands: putting it away, bringing it
 * back, and asking for its address, which it has had from the start.
 */
final class ArchiveOperations {
  private final Merchant merchant;
  private final InvoiceAccess access;
  private final InvoiceJson json;
  private final PaymentMethodIds methodIds;
  private final Function<RoutingContext, String> origin;

  ArchiveOperations(Merchant merchant, Function<RoutingContext, String> origin) {
    this.merchant = merchant;
    this.access = new InvoiceAccess(merchant);
    this.json = new InvoiceJson(merchant.network(), merchant.rates());
    this.methodIds = new PaymentMethodIds(merchant.network());
    this.origin = origin;
  }

  void bind(GreenfieldSurface.Binder binder) {
    binder
        .bind("archiveStoreInvoice", this::archive)
        .bind("archiveInvoice", this::archive)
        .bind("unarchiveStoreInvoice", this::unarchive)
        .bind("unarchiveInvoice", this::unarchive)
        .bindQuestion("activateStoreInvoicePaymentMethod", this::activate)
        .bindQuestion("activateInvoicePaymentMethod", this::activate);
  }

  private Future<Optional<JsonNode>> archive(Call call) {
    return access
        .of(call, Permission.MODIFY_INVOICES)
        .compose(invoice -> merchant.invoices().archive(invoice.id()))
        .map(done -> Optional.empty());
  }

  private Future<Optional<JsonNode>> unarchive(Call call) {
    return access
        .of(call, Permission.MODIFY_INVOICES)
        .compose(invoice -> merchant.invoices().unarchive(invoice.id()))
        .map(
            brought ->
                Optional.of(
                    json.invoice(
                        brought.orElseThrow(
                            () ->
                                RefusalException.business(
                                    "already-unarchived", "The invoice is not archived.")),
                        origin.apply(call.ctx()),
                        false)));
  }

  private Future<Optional<JsonNode>> activate(Call call) {
    return access
        .viewed(call)
        .map(
            invoice -> {
              if (invoice.target().isEmpty() || !methodIds.isChain(call.path("paymentMethodId"))) {
                throw RefusalException.notFound(
                    "paymentmethod-not-found", "The invoice can't be paid by that method.");
              }
              return Optional.empty();
            });
  }
}
