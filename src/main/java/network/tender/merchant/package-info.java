/**
 * Stores, invoices, rates, addresses and API keys: rules first, repositories beside them.
 *
 * <p>Repositories get a {@link network.tender.merchant.JoiningPool}: within a request that is to be
 * carried out once, all that they write is one {@link network.tender.merchant.JoinedTransaction}
 * with the request's answer ({@link network.tender.merchant.IdempotentAnswers}). What tells others
 * of a change, or keeps something in memory, does so by {@code JoinedTransaction.afterCommit}.
 */
@NullMarked
package network.tender.merchant;

import org.jspecify.annotations.NullMarked;
