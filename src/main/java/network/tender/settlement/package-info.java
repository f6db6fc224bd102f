/** The pipeline round the ledger: one writer, parallel checks, sealing, commit, block events. */
@NullMarked
package network.tender.settlement;

import org.jspecify.annotations.NullMarked;
