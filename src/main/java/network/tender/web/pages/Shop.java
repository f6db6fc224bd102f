package network.tender.web.pages;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.function.Function;
import network.tender.merchant.InvoiceView;
import network.tender.web.RepeatableRequest;

/** What the pages ask of the merchant's side. A failed Future means broken I/O, nothing else. */
public interface Shop {
  /**
   * A store as its till shows it.
   *
   * @param id the store
   * @param name its name, as the merchant wrote it
   * @param currency code of the currency that its till counts in
   * @param digits digits after the point in that currency
   */
  record Store(String id, String name, String currency, int digits) {}

  /** What became of a request to make, change or find something. */
  sealed interface Answer<T> {
    /**
     * It is done.
     *
     * @param value what came of it
     */
    record Done<T>(T value) implements Answer<T> {}

    /**
     * It can't be done.
     *
     * @param status HTTP status that fits, 4xx
     * @param code stable, lower case with hyphens
     * @param sentence what is wrong and what to do
     */
    record Refused<T>(int status, String code, String sentence) implements Answer<T> {}
  }

  /**
   * A sale at a till.
   *
   * @param storeId the store
   * @param amount price in the store's currency, above zero
   * @param description what is sold; for the receipt
   * @param key the same for every try to make this one sale, so that it is made once
   */
  record Sale(String storeId, BigDecimal amount, Optional<String> description, String key) {}

  /**
   * What a page posts to make something or to give it up, and how it is answered.
   *
   * @param repeatable the request, if it may be sent again and is to be carried out once
   * @param answer what is answered, given the invoice
   */
  record Order(Optional<RepeatableRequest> repeatable, Function<InvoiceView, Buffer> answer) {}

  /**
   * What is answered.
   *
   * @param body the answer
   * @param replayed true if it is the answer to an earlier request with the same key
   */
  record Reply(Buffer body, boolean replayed) {}

  /** A store whose till page may make invoices. */
  Future<Optional<Store>> store(String storeId);

  /** An invoice of any store. */
  Future<Optional<InvoiceView>> invoice(String invoiceId);

  /**
   * Follows an invoice.
   *
   * @param changed called at once and after every change, from any thread
   * @return what ends it; empty if there is no such invoice; fails with {@link
   *     network.tender.merchant.TooManyFollowersException} if too many are followed
   */
  Future<Optional<Runnable>> follow(String invoiceId, Runnable changed);

  /** Makes an invoice for a sale; asked again with the same key, answers as before. */
  Future<Answer<Reply>> charge(Sale sale, Order order);

  /**
   * Gives an invoice up, unless money has come in: then the answer is the invoice as it stands.
   *
   * @return the answer, given the invoice after that
   */
  Future<Answer<Reply>> cancel(String storeId, String invoiceId, Order order);

  /**
   * A new store for somebody who tries the node out; on the development network only. Its coins go
   * to a key that everybody knows.
   */
  Future<Answer<Store>> demoStore();
}
