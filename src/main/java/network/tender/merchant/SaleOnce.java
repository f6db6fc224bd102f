package network.tender.merchant;

import java.util.function.Function;

/**
 * A sale that is to be made once: its answer is written with the invoice, by the same statement. To
 * be carried out as the work of {@link IdempotentAnswers#once}.
 *
 * @param claim the request for it
 * @param answer to the request, given the invoice; may be asked for more than once, and what it
 *     gave last is what is written
 */
public record SaleOnce(
    IdempotentAnswers.Claim claim, Function<InvoiceView, IdempotentAnswers.Answer> answer) {}
