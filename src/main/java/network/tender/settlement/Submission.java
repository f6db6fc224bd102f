package network.tender.settlement;

import network.tender.chain.Transaction;

/**
 * A transfer as handed in.
 *
 * @param transfer the transfer, context-free rules checked
 * @param waiter who waits for it
 * @param arrivedNanos when it came
 */
record Submission(Transaction transfer, Waiter waiter, long arrivedNanos) {}
