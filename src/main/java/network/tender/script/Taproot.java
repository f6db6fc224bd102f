package network.tender.script;

import java.util.Arrays;
import network.tender.chain.Hashing;

/** The step from an internal key to the key of a taproot output without scripts (BIP341, BIP86). */
final class Taproot {
  private Taproot() {}

  /** The key with the same x coordinate and an even y. */
  static byte[] evenKey(byte[] publicKey) {
    byte[] even = publicKey.clone();
    even[0] = 2;
    return even;
  }

  /** The tweak of an output that commits to no script. */
  static byte[] tweak(byte[] publicKey) {
    return Hashing.tagged("TapTweak", Arrays.copyOfRange(publicKey, 1, 33));
  }

  /** The secret that signs for the output key. */
  static byte[] tweakedSecret(Curve curve, byte[] secret) {
    byte[] publicKey = curve.publicKey(secret);
    byte[] even = publicKey[0] == 2 ? secret : Secrets.negate(secret);
    return Secrets.add(even, tweak(publicKey));
  }
}
