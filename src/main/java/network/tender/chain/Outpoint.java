package network.tender.chain;

/**
 * The name of one output of one transaction: what an input spends.
 *
 * @param txid the transaction that made the output
 * @param index the output's number in it, an unsigned 32-bit value
 */
public record Outpoint(Hash txid, int index) {
  /** What a coinbase's only input points to. */
  public static final Outpoint NULL = new Outpoint(Hash.ZERO, 0xffffffff);

  /** True for the null outpoint that only a coinbase may have. */
  public boolean isNull() {
    return index == 0xffffffff && txid.equals(Hash.ZERO);
  }

  /** {@code txid:index} in display order. */
  @Override
  public String toString() {
    return txid + ":" + Integer.toUnsignedString(index);
  }

  @Override
  public int hashCode() {
    return txid.hashCode() * 31 + index;
  }
}
