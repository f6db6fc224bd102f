/** Tender's native API: transfers, receipts, blocks, live streams. */
@NullMarked
package network.tender.web.transfers;

import org.jspecify.annotations.NullMarked;
