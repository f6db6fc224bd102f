/**
 * Bitcoin's data formats: transactions, blocks, scripts, addresses, amounts, hashes, the codec and
 * the merkle tree. Pure data and arithmetic: no I/O, clock, randomness or threads.
 */
@NullMarked
package network.tender.chain;

import org.jspecify.annotations.NullMarked;
