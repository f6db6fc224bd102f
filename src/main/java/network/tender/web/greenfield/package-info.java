/**
 * The Greenfield API of BTCPay Server for shops, plugins and billing systems: its paths, shapes,
 * permissions and errors, read as leniently as its clients write.
 *
 * <p>A POST request may carry an {@code Idempotency-Key}; then it is carried out once. A new
 * operation need do nothing for that: {@code Binder.bind} runs it in one transaction with its
 * answer, as all that it does through the merchant's pool joins that transaction from the first
 * write on. A package with a pool of its own wraps it in a {@link
 * network.tender.merchant.JoiningPool}. Things to mind: what asks others over the network does so
 * before it writes, as such transactions are few and short; what writes nothing is bound with
 * {@code Binder.bindQuestion}; the operation stays on the request's context; what fails in it can't
 * be recovered from, only be refused; and an operation that makes an invoice is bound with {@code
 * Binder.bindOnce} and makes it with {@link network.tender.merchant.InvoiceIssuer#issueOnce},
 * because invoices are written many at a time. An answer other than 200 sets its status before the
 * operation is done.
 */
@NullMarked
package network.tender.web.greenfield;

import org.jspecify.annotations.NullMarked;
