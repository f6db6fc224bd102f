package network.tender.merchant;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * A new invoice before it is written.
 *
 * @param invoice all of it but its address
 * @param payee the wallet that it gets an address of; empty if there is nothing to pay
 * @param searchTerms more texts to find it by
 * @param requestKey the same for every try to make this one invoice
 * @param seller the account that made it, if that sees its own sales only
 */
record InvoiceDraft(
    Invoice invoice,
    Optional<Payee> payee,
    List<String> searchTerms,
    Optional<String> requestKey,
    Optional<String> seller) {
  /**
   * Who is paid, at what price.
   *
   * @param wallet where addresses come from
   * @param rate price of one coin in the invoice's currency
   */
  record Payee(StoreWallet wallet, BigDecimal rate) {}

  /** Makes the list unmodifiable. */
  InvoiceDraft {
    searchTerms = List.copyOf(searchTerms);
  }
}
