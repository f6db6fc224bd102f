package network.tender.merchant;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.chain.Network;

/** Reads invoices as customers may see them. */
public final class InvoiceViews {
  private final Network network;
  private final Rates rates;
  private final Stores stores;
  private final Invoices invoices;
  private final InvoiceEvents events;
  private final InvoiceFollower.Reads reads;

  InvoiceViews(
      Network network,
      Rates rates,
      Stores stores,
      Invoices invoices,
      InvoiceEvents events,
      InvoiceFollower.Reads reads) {
    this.network = network;
    this.rates = rates;
    this.stores = stores;
    this.invoices = invoices;
    this.events = events;
    this.reads = reads;
  }

  /** The invoice of an id as it stands now. */
  public Future<Optional<InvoiceView>> find(String invoiceId) {
    return invoices
        .find(invoiceId)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : stores
                        .find(found.get().storeId())
                        .map(store -> store.map(known -> of(found.get(), known))));
  }

  /**
   * Follows an invoice: the listener is given it once at once, then after every change, never an
   * older state after a newer one. It is called from any thread and returns at once. A change that
   * can't be read at once is told when it can be.
   *
   * @return what ends it (any thread, also twice); empty if there is no such invoice; fails with
   *     {@link TooManyFollowersException} if too many are followed
   */
  public Future<Optional<Runnable>> follow(String invoiceId, Consumer<InvoiceView> listener) {
    return InvoiceFollower.follow(reads, events, invoiceId, () -> find(invoiceId), listener);
  }

  InvoiceView of(Invoice invoice, Store store) {
    return InvoiceView.of(invoice, store, network, rates);
  }

  /** A sale that is made once, as an invoice of a store is written. */
  InvoiceDraft.Once once(SaleOnce sale, Store store) {
    return new InvoiceDraft.Once(sale.claim(), invoice -> sale.answer().apply(of(invoice, store)));
  }
}
