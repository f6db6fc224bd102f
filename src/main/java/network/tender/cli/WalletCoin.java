package network.tender.cli;

import network.tender.chain.Amount;
import network.tender.chain.Outpoint;

/**
 * A coin that one of the wallet's keys can spend.
 *
 * @param outpoint its name
 * @param amount what it is worth
 * @param key whose it is
 * @param confirmed true if a block has it
 */
record WalletCoin(Outpoint outpoint, Amount amount, KeyPlace key, boolean confirmed) {}
