package network.tender.ledger;

import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.XOnlyKey;
import network.tender.script.Curve;

/** Certifies blocks in the name of the validators. */
@FunctionalInterface
public interface BlockSigner {
  /** The tag of the hash that validators sign. */
  String TAG = "tender/block";

  /**
   * Certifies one block. The same block always gets the same certificate.
   *
   * @param blockHash its hash
   * @param height its height
   */
  Certificate sign(Hash blockHash, int height);

  /** What a validator signs: the tagged hash of block hash ‖ height (4 bytes little-endian). */
  static byte[] message(Hash blockHash, int height) {
    return Hashing.tagged(
        TAG, new ByteWriter(Hash.SIZE_BYTES + 4).writeHash(blockHash).writeInt(height).toBytes());
  }

  /**
   * The signer of a network with one validator whose secret is at hand.
   *
   * @param secret 32 bytes; not copied
   */
  static BlockSigner single(Curve curve, byte[] secret) {
    byte[] key = new byte[32];
    System.arraycopy(curve.publicKey(secret), 1, key, 0, key.length);
    XOnlyKey validator = XOnlyKey.of(key);
    return (blockHash, height) ->
        new Certificate(
            java.util.List.of(
                new Certificate.Signature(
                    validator, curve.signSchnorr(secret, message(blockHash, height)))));
  }
}
