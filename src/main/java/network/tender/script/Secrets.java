package network.tender.script;

import java.math.BigInteger;
import org.bouncycastle.util.BigIntegers;

/** Arithmetic on secrets: numbers modulo the order n of the curve's group, as 32 bytes. */
final class Secrets {
  /** The order of secp256k1's group (SEC 2). */
  static final BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);

  private Secrets() {}

  static byte[] negate(byte[] secret) {
    return BigIntegers.asUnsignedByteArray(32, ORDER.subtract(new BigInteger(1, secret)));
  }

  /** The sum; throws if a tweak is not below the order or the sum is zero, which nobody meets. */
  static byte[] add(byte[] secret, byte[] tweak) {
    BigInteger t = new BigInteger(1, tweak);
    BigInteger sum = new BigInteger(1, secret).add(t).mod(ORDER);
    if (t.compareTo(ORDER) >= 0 || sum.signum() == 0) {
      throw new IllegalArgumentException("the secret and the tweak have no sum");
    }
    return BigIntegers.asUnsignedByteArray(32, sum);
  }
}
