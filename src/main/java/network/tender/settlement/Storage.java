package network.tender.settlement;

import network.tender.journal.ChainIndex;
import network.tender.journal.CoinStore;
import network.tender.journal.Journal;

/**
 * Where the pipeline keeps what must last.
 *
 * @param journal the blocks
 * @param coins the unspent coins, behind the journal
 * @param index finds transactions in the journal
 */
public record Storage(Journal journal, CoinStore coins, ChainIndex index) {}
