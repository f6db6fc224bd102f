package network.tender.chain;

/**
 * The name of one output of one transaction: what an input spends.
 *
 * @param txid the transaction that made the output
 * @param index the output's number in it, an unsigned 32-bit value
 */
public record Outpoint(Hash txid, int index) implements Comparable<Outpoint> {
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

  /** By hand, as with {@link Hash}. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Outpoint that && index == that.index && txid.equals(that.txid);
  }

  @Override
  public int hashCode() {
    return txid.hashCode() * 31 + index;
  }

  /** By txid, then by number. */
  @Override
  public int compareTo(Outpoint other) {
    int order = txid.compareTo(other.txid);
    return order != 0 ? order : Integer.compare(index, other.index);
  }
}
