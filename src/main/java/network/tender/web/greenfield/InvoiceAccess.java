package network.tender.web.greenfield;

import io.vertx.core.Future;
import java.util.Optional;
import network.tender.merchant.Invoice;
import network.tender.merchant.Merchant;
import network.tender.merchant.Permission;

/** The invoices that paths name, for those who may do what they ask for. */
final class InvoiceAccess {
  private final Merchant merchant;

  InvoiceAccess(Merchant merchant) {
    this.merchant = merchant;
  }

  /**
   * The invoice that the path names, for a caller who holds a policy on its store. By the short
   * path an unknown invoice is one of a store that the caller may not see.
   */
  Future<Invoice> of(Call call, String policy) {
    Optional<String> storeId = Optional.ofNullable(call.path("storeId"));
    storeId.ifPresent(id -> call.require(policy, id));
    return merchant
        .invoices()
        .find(call.path("invoiceId"))
        .map(
            found -> {
              if (found.isEmpty()) {
                throw storeId.isPresent() ? notFound() : RefusalException.missingPermission(policy);
              }
              Invoice invoice = found.get();
              call.require(policy, invoice.storeId());
              if (storeId.isPresent() && !storeId.get().equals(invoice.storeId())) {
                throw RefusalException.missingPermission(policy);
              }
              return invoice;
            });
  }

  /** What it takes to read a store's invoices, which for a cashier are the own ones only. */
  static String viewPolicy(Call call, String storeId) {
    return call.key().seesOwnSalesOnly(storeId)
        ? Permission.VIEW_OWN_SALES
        : Permission.VIEW_INVOICES;
  }

  /** As {@link #of}, for reading; a cashier reads what the same person has sold. */
  Future<Invoice> viewed(Call call) {
    Optional<String> storeId = Optional.ofNullable(call.path("storeId"));
    if (storeId.filter(call.key()::seesOwnSalesOnly).isEmpty()
        && call.key().storesAllowing(Permission.VIEW_OWN_SALES).stream()
            .noneMatch(call.key()::seesOwnSalesOnly)) {
      return of(call, Permission.VIEW_INVOICES);
    }
    return merchant
        .invoices()
        .findSoldBy(call.path("invoiceId"), call.key().userId())
        .compose(
            own ->
                own.filter(invoice -> call.key().seesOwnSalesOnly(invoice.storeId()))
                    .filter(invoice -> storeId.isEmpty() || storeId.get().equals(invoice.storeId()))
                    .map(Future::succeededFuture)
                    .orElseGet(() -> of(call, Permission.VIEW_INVOICES)));
  }

  static RefusalException notFound() {
    return RefusalException.notFound("invoice-not-found", "The invoice was not found.");
  }
}
