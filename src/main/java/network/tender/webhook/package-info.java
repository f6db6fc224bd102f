/** Sends what happens to invoices to those who asked for it: outbox, sender, delivery log, feed. */
@NullMarked
package network.tender.webhook;

import org.jspecify.annotations.NullMarked;
