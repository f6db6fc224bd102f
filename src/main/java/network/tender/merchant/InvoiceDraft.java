package network.tender.merchant;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A new invoice before it is written.
 *
 * @param invoice all of it but its address
 * @param payee the wallet that it gets an address of; empty if there is nothing to pay
 * @param searchTerms more texts to find it by
 * @param requestKey the same for every try to make this one invoice
 * @param once the request that it is made for, if that is to be carried out once
 * @param events what is told of its making
 * @param hook where its events are sent, beside the store's webhooks
 * @param seller the account that made it, if that sees its own sales only
 */
record InvoiceDraft(
    Invoice invoice,
    Optional<Payee> payee,
    List<String> searchTerms,
    Optional<String> requestKey,
    Optional<Once> once,
    List<InvoiceEvent> events,
    Optional<Hook> hook,
    Optional<String> seller) {
  /**
   * A request that makes this invoice once, and whose answer is written with it.
   *
   * @param claim the request
   * @param answer to it, given the invoice with its address
   */
  record Once(IdempotentAnswers.Claim claim, Function<Invoice, IdempotentAnswers.Answer> answer) {}

  /**
   * A webhook for one invoice.
   *
   * @param id its own
   * @param hook where and how
   */
  record Hook(String id, InvoiceHook hook) {}

  /**
   * Who is paid, at what price.
   *
   * @param wallet where addresses come from
   * @param rate price of one coin in the invoice's currency
   */
  record Payee(StoreWallet wallet, BigDecimal rate) {}

  /** Makes the lists unmodifiable. */
  InvoiceDraft {
    searchTerms = List.copyOf(searchTerms);
    events = List.copyOf(events);
  }
}
