package network.tender.script;

import fr.acinq.secp256k1.Secp256k1;
import fr.acinq.secp256k1.Secp256k1Exception;
import java.util.Arrays;

/** libsecp256k1, the library that Bitcoin Core itself uses, through JNI. */
final class NativeCurve implements Curve {
  private static final byte[] NO_AUXILIARY = new byte[32];

  private final Secp256k1 library;

  private NativeCurve(Secp256k1 library) {
    this.library = library;
  }

  /** Loads the library and proves with one signature that it works here. */
  static NativeCurve load() {
    try {
      NativeCurve curve = new NativeCurve(Secp256k1.get());
      byte[] secret = new byte[32];
      secret[31] = 1;
      byte[] signature = curve.signEcdsa(secret, secret);
      if (curve.verifyEcdsa(signature, secret, curve.publicKey(secret))) {
        return curve;
      }
    } catch (LinkageError | RuntimeException e) {
      throw new IllegalStateException("libsecp256k1 does not load here: " + e, e);
    }
    throw new IllegalStateException("libsecp256k1 does not verify its own signature here");
  }

  @Override
  public String name() {
    return "libsecp256k1";
  }

  @Override
  public boolean verifyEcdsa(byte[] signature, byte[] message, byte[] publicKey) {
    // The binding also takes signatures in DER, which are not what callers hand in here.
    if (signature.length != 64 || message.length != 32 || !Points.isPublicKeyForm(publicKey)) {
      return false;
    }
    try {
      return library.verify(signature, message, publicKey);
    } catch (Secp256k1Exception e) {
      return false;
    }
  }

  @Override
  public boolean verifySchnorr(byte[] signature, byte[] message, byte[] publicKey) {
    if (signature.length != 64 || message.length != 32 || publicKey.length != 32) {
      return false;
    }
    try {
      return library.verifySchnorr(signature, message, publicKey);
    } catch (Secp256k1Exception e) {
      return false;
    }
  }

  @Override
  public byte[] signEcdsa(byte[] secret, byte[] message) {
    Points.requireLength(message, 32, "a message");
    return library.sign(message, requireSecret(secret));
  }

  @Override
  public byte[] signSchnorr(byte[] secret, byte[] message) {
    Points.requireLength(message, 32, "a message");
    return library.signSchnorr(message, requireSecret(secret), NO_AUXILIARY);
  }

  @Override
  public byte[] publicKey(byte[] secret) {
    return library.pubKeyCompress(library.pubkeyCreate(requireSecret(secret)));
  }

  @Override
  public byte[] addTweak(byte[] publicKey, byte[] tweak) {
    Points.requireLength(tweak, 32, "a tweak");
    if (!Points.isPublicKeyForm(publicKey)) {
      throw new IllegalArgumentException("not a public key");
    }
    try {
      return compressed(
          library.pubKeyCombine(new byte[][] {publicKey, library.pubkeyCreate(tweak)}));
    } catch (Secp256k1Exception e) {
      return addAnyTweak(publicKey, tweak);
    }
  }

  /**
   * The slower way to the same sum, which can also add zero. The other multiplies the generator
   * with the library's tables for making keys, in two thirds of the time.
   */
  private byte[] addAnyTweak(byte[] publicKey, byte[] tweak) {
    try {
      return compressed(library.pubKeyTweakAdd(publicKey, tweak));
    } catch (Secp256k1Exception e) {
      throw new IllegalArgumentException("the key and the tweak have no sum", e);
    }
  }

  @Override
  public byte[] uncompress(byte[] publicKey) {
    if (!Points.isPublicKeyForm(publicKey)) {
      throw new IllegalArgumentException("not a public key");
    }
    try {
      return library.pubkeyParse(publicKey);
    } catch (Secp256k1Exception e) {
      throw new IllegalArgumentException("the key is not on the curve", e);
    }
  }

  /** The short form of a key that the library has written in the long one. */
  private static byte[] compressed(byte[] point) {
    byte[] key = Arrays.copyOf(point, 33);
    key[0] = (byte) (2 + (point[64] & 1));
    return key;
  }

  private byte[] requireSecret(byte[] secret) {
    if (secret.length != 32 || !library.secKeyVerify(secret)) {
      throw new IllegalArgumentException("a secret is a number from 1 to n-1 in 32 bytes");
    }
    return secret;
  }
}
