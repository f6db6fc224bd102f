package network.tender.merchant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;

/**
 * Makes invoices for a store's till page, whose cashier has no API key.
 *
 * <p>It is open as long as the store's {@code anyoneCanCreateInvoice} is true, which only a key
 * that may change the store can set; its default is false. What a stranger could do who learns the
 * page's address is bounded: an invoice only ever asks for money for the store, and the page limits
 * how many a store's till makes in a time.
 */
public final class Till {
  /** Longest key of a sale. */
  public static final int MAX_KEY_CHARS = 100;

  private static final int MAX_NOTE_CHARS = 200;

  /** What became of a cashier's request. */
  public sealed interface Opened {
    /**
     * The invoice can be paid.
     *
     * @param view as the customer sees it
     */
    record Made(InvoiceView view) implements Opened {}

    /** There is no such store. */
    record NoSuchStore() implements Opened {}

    /** The key was that of another sale. */
    record KeyReused() implements Opened {}

    /** The store's till is closed: {@code anyoneCanCreateInvoice} is false. */
    record Closed() implements Opened {}

    /**
     * The store can't take that payment.
     *
     * @param sentence what is missing and what to do
     */
    record Refused(String sentence) implements Opened {}
  }

  private final Stores stores;
  private final InvoiceIssuer issuer;
  private final Invoices invoices;
  private final InvoiceViews views;

  Till(Stores stores, InvoiceIssuer issuer, Invoices invoices, InvoiceViews views) {
    this.stores = stores;
    this.issuer = issuer;
    this.invoices = invoices;
    this.views = views;
  }

  /** The store of a till page; empty if there is none or its till is closed. */
  public Future<Optional<Store>> store(String storeId) {
    return stores.find(storeId).map(found -> found.filter(Till::isOpen));
  }

  private static boolean isOpen(Store store) {
    return store.settings().anyoneCanCreateInvoice() && !store.settings().archived();
  }

  /**
   * Makes an invoice for what a cashier typed.
   *
   * @param amount above 0
   * @param currency code; empty for the store's own
   * @param note what is sold, for the receipt; longer ones are cut
   * @param key the same for every try to make this one sale, at most {@link #MAX_KEY_CHARS}
   *     characters: asked again for the same amount, the answer is the invoice made before
   */
  public Future<Opened> open(
      String storeId,
      BigDecimal amount,
      Optional<String> currency,
      Optional<String> note,
      Optional<String> key) {
    return open(storeId, amount, currency, note, key, Optional.empty());
  }

  /**
   * Makes an invoice for what a cashier typed, once.
   *
   * @param amount as with the other, like the following
   * @param once the request for it, if there is one whose answer is written with the invoice; fails
   *     with {@link IdempotentAnswers.AnsweredException} if it was carried out before
   */
  public Future<Opened> open(
      String storeId,
      BigDecimal amount,
      Optional<String> currency,
      Optional<String> note,
      Optional<String> key,
      Optional<SaleOnce> once) {
    if (amount.signum() <= 0) {
      return Future.succeededFuture(new Opened.Refused("The amount must be above 0."));
    }
    if (key.isPresent() && key.get().length() > MAX_KEY_CHARS) {
      return Future.succeededFuture(
          new Opened.Refused("The key must have at most %d characters.".formatted(MAX_KEY_CHARS)));
    }
    return stores
        .find(storeId)
        .compose(
            found -> {
              if (found.isEmpty()) {
                return Future.succeededFuture(new Opened.NoSuchStore());
              }
              if (!isOpen(found.get())) {
                return Future.succeededFuture(new Opened.Closed());
              }
              return issue(found.get(), amount, currency, note, key, once);
            });
  }

  private Future<Opened> issue(
      Store store,
      BigDecimal amount,
      Optional<String> currency,
      Optional<String> note,
      Optional<String> key,
      Optional<SaleOnce> once) {
    ObjectNode metadata = ExactJson.object();
    note.map(Till::clean)
        .filter(text -> !text.isEmpty())
        .ifPresent(text -> metadata.put("itemDesc", text));
    return issuer
        .issue(
            store,
            InvoiceRequest.of(amount, currency).with(metadata, key.map(text -> "till:" + text)),
            Optional.empty(),
            once.map(sale -> views.once(sale, store)))
        .map(
            issued -> {
              if (issued instanceof InvoiceIssuer.Issued.Made made) {
                return isFor(made.invoice(), amount)
                    ? new Opened.Made(views.of(made.invoice(), store))
                    : new Opened.KeyReused();
              }
              return new Opened.Refused(((InvoiceIssuer.Issued.Refused) issued).sentence());
            });
  }

  private static boolean isFor(Invoice invoice, BigDecimal amount) {
    return invoice
        .amount()
        .filter(
            asked -> asked.compareTo(amount.setScale(asked.scale(), RoundingMode.HALF_EVEN)) == 0)
        .isPresent();
  }

  /**
   * Gives up an invoice of a store whose till is open; one that has got money or has ended stays as
   * it is.
   *
   * @return the invoice after that; empty if the store has no such invoice or its till is closed
   */
  public Future<Optional<InvoiceView>> cancel(String storeId, String invoiceId) {
    return views
        .find(invoiceId)
        .compose(
            found ->
                found.filter(view -> view.storeId().equals(storeId)).isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : store(storeId)
                        .compose(
                            store ->
                                store.isEmpty()
                                    ? Future.succeededFuture(Optional.empty())
                                    : invoices
                                        .giveUp(invoiceId, Optional.empty())
                                        .compose(done -> views.find(invoiceId))));
  }

  private static String clean(String note) {
    String text = note.strip().replaceAll("\\p{Cntrl}", " ");
    return text.length() > MAX_NOTE_CHARS ? text.substring(0, MAX_NOTE_CHARS) : text;
  }
}
