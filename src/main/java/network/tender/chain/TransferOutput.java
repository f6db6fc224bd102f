package network.tender.chain;

/**
 * One output: an amount and the script that must be satisfied to spend it.
 *
 * @param amount what it is worth
 * @param script its locking script
 */
public record TransferOutput(Amount amount, Script script) {}
