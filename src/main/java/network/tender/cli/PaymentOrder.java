package network.tender.cli;

import java.util.Optional;
import network.tender.chain.Amount;
import network.tender.chain.Script;

/**
 * Whom to pay how much.
 *
 * @param address the payee's address
 * @param script what it stands for
 * @param amount what they get; empty for all that the wallet has
 */
record PaymentOrder(String address, Script script, Optional<Amount> amount) {}
