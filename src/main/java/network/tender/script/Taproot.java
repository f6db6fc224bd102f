package network.tender.script;

import java.security.MessageDigest;
import java.util.Arrays;
import network.tender.chain.Hashing;
import network.tender.chain.Script;

/** The step from an internal key, and a tree of scripts, to a taproot output's key (BIP341). */
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

  /** The tweak of an output that commits to a tree of scripts. */
  static byte[] tweak(byte[] publicKey, byte[] root) {
    MessageDigest digest = Hashing.newTagged("TapTweak");
    digest.update(publicKey, 1, 32);
    return digest.digest(root);
  }

  /** The hash of a script as a leaf of the tree. */
  static byte[] leafHash(int leafVersion, byte[] script) {
    MessageDigest digest = Hashing.newTagged("TapLeaf");
    digest.update((byte) leafVersion);
    SpendContext.digestSized(digest, Script.of(script));
    return digest.digest();
  }

  /** The hash of two neighbours in the tree, which have no order. */
  static byte[] branchHash(byte[] a, byte[] b) {
    MessageDigest digest = Hashing.newTagged("TapBranch");
    boolean ordered = Arrays.compareUnsigned(a, b) < 0;
    digest.update(ordered ? a : b);
    return digest.digest(ordered ? b : a);
  }

  /** The secret that signs for the output key. */
  static byte[] tweakedSecret(Curve curve, byte[] secret) {
    return tweakedSecret(secret, curve.publicKey(secret));
  }

  /** The same for a secret whose public key is known. */
  static byte[] tweakedSecret(byte[] secret, byte[] publicKey) {
    byte[] even = publicKey[0] == 2 ? secret : Secrets.negate(secret);
    return Secrets.add(even, tweak(publicKey));
  }
}
