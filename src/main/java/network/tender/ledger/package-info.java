/**
 * The functional core: coins, pending transfers, rules, blocks, receipts. No I/O, clock or Vert.x.
 */
@NullMarked
package network.tender.ledger;

import org.jspecify.annotations.NullMarked;
