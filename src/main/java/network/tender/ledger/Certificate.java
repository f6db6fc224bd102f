package network.tender.ledger;

import java.util.List;
import network.tender.chain.XOnlyKey;

/**
 * The validators' signatures over one block: BIP340 over the tagged hash {@code tender/block} of
 * block hash ‖ height (32 bytes in natural order, then 4 bytes little-endian).
 *
 * @param signatures one of each validator that signed, in the validators' order
 */
public record Certificate(List<Signature> signatures) {
  /** No more validators than this ever sign one block. */
  public static final int MAX_SIGNATURES = 100;

  /**
   * One validator's signature.
   *
   * @param validator who signed
   * @param bytes 64 bytes; do not change them
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere; a wrapper would only add a copy
  public record Signature(XOnlyKey validator, byte[] bytes) {}

  /** Makes the list unmodifiable. */
  public Certificate {
    signatures = List.copyOf(signatures);
  }
}
