package network.tender.chain;

import java.util.HexFormat;

/**
 * A 32-byte public key of BIP340: a validator's, or a taproot output's.
 *
 * @param bytes the key's x coordinate, carried as a {@link Hash} for its value semantics
 */
public record XOnlyKey(Hash bytes) {
  /**
   * Reads 64 hex digits in natural order.
   *
   * @throws MalformedException if they are not that
   */
  public static XOnlyKey parse(String hex) throws MalformedException {
    try {
      return new XOnlyKey(Hash.of(HexFormat.of().parseHex(hex)));
    } catch (IllegalArgumentException e) {
      throw new MalformedException("a key has 64 hex digits");
    }
  }

  /** A key from its 32 bytes. */
  public static XOnlyKey of(byte[] bytes) {
    return new XOnlyKey(Hash.of(bytes));
  }

  /** The 32 bytes in a new array. */
  public byte[] toBytes() {
    return bytes.toBytes();
  }

  /** The 64 hex digits in natural order. */
  @Override
  public String toString() {
    return bytes.toNaturalHex();
  }
}
