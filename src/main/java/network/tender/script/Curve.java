package network.tender.script;

/**
 * Arithmetic on secp256k1. Two implementations give the same verdict on every input: libsecp256k1
 * through JNI, and Bouncy Castle where that can't load. All methods are safe for any thread.
 */
public interface Curve {
  /** Which implementation to use. */
  enum Provider {
    /** libsecp256k1 if it loads here, else Bouncy Castle. */
    AUTO,
    /** libsecp256k1 or a failure to start. */
    NATIVE,
    /** Bouncy Castle. */
    BOUNCYCASTLE
  }

  /**
   * Loads an implementation. {@link #name} tells which one AUTO has found.
   *
   * @throws IllegalStateException if NATIVE was demanded and does not load here
   */
  static Curve load(Provider provider) {
    return switch (provider) {
      case NATIVE -> NativeCurve.load();
      case BOUNCYCASTLE -> new BouncyCastleCurve();
      case AUTO -> {
        try {
          yield NativeCurve.load();
        } catch (IllegalStateException e) {
          yield new BouncyCastleCurve();
        }
      }
    };
  }

  /** Name for logs and the metric label: {@code libsecp256k1} or {@code bouncycastle}. */
  String name();

  /**
   * Verifies an ECDSA signature. Bad input of any kind is a plain false, never an exception.
   *
   * @param signature 64 bytes r ‖ s; a high s is refused
   * @param message the 32-byte hash that was signed
   * @param publicKey 33 bytes compressed or 65 uncompressed; the hybrid form is refused
   */
  boolean verifyEcdsa(byte[] signature, byte[] message, byte[] publicKey);

  /**
   * Verifies a BIP340 signature. Bad input of any kind is a plain false.
   *
   * @param signature 64 bytes
   * @param message 32 bytes
   * @param publicKey 32 bytes, x only
   */
  boolean verifySchnorr(byte[] signature, byte[] message, byte[] publicKey);

  /**
   * Signs a 32-byte hash with ECDSA: RFC 6979 nonce, low s, 64 bytes r ‖ s.
   *
   * @throws IllegalArgumentException unless the secret is in 1..n-1 and the hash has 32 bytes
   */
  byte[] signEcdsa(byte[] secret, byte[] message);

  /**
   * Signs 32 bytes by BIP340 with auxiliary randomness of zeros, so it is deterministic.
   *
   * @throws IllegalArgumentException unless the secret is in 1..n-1 and the message has 32 bytes
   */
  byte[] signSchnorr(byte[] secret, byte[] message);

  /**
   * The compressed public key (33 bytes) of a secret.
   *
   * @throws IllegalArgumentException unless the secret is in 1..n-1
   */
  byte[] publicKey(byte[] secret);

  /**
   * Adds a multiple of the generator to a public key: the step from an extended key to its child
   * (BIP32) and from an internal key to a taproot output key (BIP341).
   *
   * @param publicKey 33 bytes compressed or 65 uncompressed
   * @param tweak 32 bytes, big-endian
   * @return the sum, 33 bytes compressed
   * @throws IllegalArgumentException unless the key is on the curve, the tweak below n and the sum
   *     not the point at infinity
   */
  byte[] addTweak(byte[] publicKey, byte[] tweak);

  /**
   * A public key in its long form, which {@link #addTweak} takes without having to find the point's
   * second coordinate first: for keys that much is added to.
   *
   * @param publicKey 33 bytes compressed or 65 uncompressed
   * @return 65 bytes, in a new array
   * @throws IllegalArgumentException unless the key is on the curve
   */
  byte[] uncompress(byte[] publicKey);
}
