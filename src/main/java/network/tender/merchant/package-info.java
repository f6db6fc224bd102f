/** Stores, invoices, rates, addresses and API keys: rules first, repositories beside them. */
@NullMarked
package network.tender.merchant;

import org.jspecify.annotations.NullMarked;
