package network.tender.script;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A secret from which a tree of secrets follows (BIP32). */
final class ExtendedPrivateKey {
  private final Curve curve;
  private final byte[] secret;
  private final byte[] chainCode;
  private final int depth;
  private final int parentFingerprint;
  private final int childNumber;

  private ExtendedPrivateKey(
      Curve curve,
      byte[] secret,
      byte[] chainCode,
      int depth,
      int parentFingerprint,
      int childNumber) {
    this.curve = curve;
    this.secret = secret;
    this.chainCode = chainCode;
    this.depth = depth;
    this.parentFingerprint = parentFingerprint;
    this.childNumber = childNumber;
  }

  /** The master key of a seed. */
  static ExtendedPrivateKey master(byte[] seed, Curve curve) {
    byte[] both = HmacSha512.of("Bitcoin seed".getBytes(StandardCharsets.US_ASCII), seed);
    return new ExtendedPrivateKey(
        curve, Arrays.copyOf(both, 32), Arrays.copyOfRange(both, 32, 64), 0, 0, 0);
  }

  /** The child with a number; hardened if bit 31 is set. */
  ExtendedPrivateKey child(int index) {
    byte[] publicKey = curve.publicKey(secret);
    byte[] parent = publicKey;
    if (index < 0) {
      parent = new byte[33];
      System.arraycopy(secret, 0, parent, 1, 32);
    }
    byte[] both = HmacSha512.of(chainCode, parent, index);
    return new ExtendedPrivateKey(
        curve,
        Secrets.add(secret, Arrays.copyOf(both, 32)),
        Arrays.copyOfRange(both, 32, 64),
        depth + 1,
        publicKey().fingerprint(),
        index);
  }

  /** The public key to this secret. */
  ExtendedPublicKey publicKey() {
    return new ExtendedPublicKey(
        curve, depth, parentFingerprint, childNumber, chainCode, curve.publicKey(secret));
  }

  /** The secret itself, 32 bytes, in a new array. */
  byte[] secret() {
    return secret.clone();
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return "ExtendedPrivateKey[secret]";
  }
}
