package network.tender.merchant;

import network.tender.chain.Amount;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;

/**
 * Money that reached an invoice's address in a durable block.
 *
 * @param outpoint the output that pays
 * @param amount how much
 * @param height height of its block
 * @param blockHash its block's hash
 * @param sealedMillis when its block was sealed, Unix milliseconds
 */
public record Payment(
    Outpoint outpoint, Amount amount, int height, Hash blockHash, long sealedMillis) {
  /** The payment's id in the API: txid, a dash, the output's number. */
  public String id() {
    return outpoint.txid() + "-" + Integer.toUnsignedString(outpoint.index());
  }
}
