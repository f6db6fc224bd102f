package network.tender.ledger;

import network.tender.chain.Amount;
import network.tender.chain.Script;
import network.tender.chain.TransferOutput;

/**
 * An unspent output.
 *
 * @param amount what it is worth
 * @param script who may spend it, detached from the transfer that made it
 * @param height height of the block that made it
 * @param coinbase true if a coinbase made it, so that it must mature
 */
public record Coin(Amount amount, Script script, int height, boolean coinbase) {
  /** The output this coin is. */
  public TransferOutput output() {
    return new TransferOutput(amount, script);
  }
}
