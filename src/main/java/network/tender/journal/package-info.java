/**
 * Durable state on PostgreSQL: block journal, coins, chain index, writer lease, embedded server.
 */
@NullMarked
package network.tender.journal;

import org.jspecify.annotations.NullMarked;
