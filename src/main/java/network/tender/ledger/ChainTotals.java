package network.tender.ledger;

import network.tender.chain.Amount;

/**
 * Sums over a chain up to some block. {@code unspent + burned = issued} after every block.
 *
 * @param transfers transactions other than coinbases
 * @param coins number of unspent outputs
 * @param unspent their sum
 * @param burned sum of outputs that nobody can ever spend, and of fees no coinbase claimed
 * @param issued sum of the subsidies that coinbases claimed
 */
public record ChainTotals(
    long transfers, long coins, Amount unspent, Amount burned, Amount issued) {
  /** Before the first block. */
  public static final ChainTotals NONE =
      new ChainTotals(0, 0, Amount.ZERO, Amount.ZERO, Amount.ZERO);

  /** What is missing (positive) or too much (negative), in sat; anything but 0 is an alarm. */
  public long supplyDifferenceSat() {
    return issued.sat() - unspent.sat() - burned.sat();
  }
}
