/** The Esplora API, for wallets and explorers: {@code /esplora} and {@code /api}. */
@NullMarked
package network.tender.web.esplora;

import org.jspecify.annotations.NullMarked;
