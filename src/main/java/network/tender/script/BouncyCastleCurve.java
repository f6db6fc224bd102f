package network.tender.script;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import network.tender.chain.Hashing;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECCurve;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.util.BigIntegers;

/**
 * ECDSA (SEC 1, RFC 6979) and BIP340 on Bouncy Castle's point arithmetic, for machines on which the
 * native library does not load. Several times slower, never different.
 */
final class BouncyCastleCurve implements Curve {
  private static final X9ECParameters SECP256K1 = CustomNamedCurves.getByName("secp256k1");
  private static final ECCurve CURVE = SECP256K1.getCurve();
  private static final ECPoint G = SECP256K1.getG();
  private static final BigInteger N = SECP256K1.getN();
  private static final BigInteger HALF_N = N.shiftRight(1);
  private static final BigInteger P = CURVE.getField().getCharacteristic();

  @Override
  public String name() {
    return "bouncycastle";
  }

  @Override
  public boolean verifyEcdsa(byte[] signature, byte[] message, byte[] publicKey) {
    if (signature.length != 64 || message.length != 32 || !Points.isPublicKeyForm(publicKey)) {
      return false;
    }
    BigInteger r = number(signature, 0);
    BigInteger s = number(signature, 32);
    if (r.signum() == 0 || r.compareTo(N) >= 0 || s.signum() == 0 || s.compareTo(HALF_N) > 0) {
      return false;
    }
    ECPoint key;
    try {
      key = CURVE.decodePoint(publicKey);
    } catch (IllegalArgumentException e) {
      return false;
    }
    BigInteger inverse = BigIntegers.modOddInverseVar(N, s);
    BigInteger u1 = number(message, 0).multiply(inverse).mod(N);
    BigInteger u2 = r.multiply(inverse).mod(N);
    ECPoint point = ECAlgorithms.sumOfTwoMultiplies(G, u1, key, u2).normalize();
    return !point.isInfinity() && x(point).mod(N).equals(r);
  }

  @Override
  public boolean verifySchnorr(byte[] signature, byte[] message, byte[] publicKey) {
    if (signature.length != 64 || message.length != 32 || publicKey.length != 32) {
      return false;
    }
    BigInteger r = number(signature, 0);
    BigInteger s = number(signature, 32);
    if (r.compareTo(P) >= 0 || s.compareTo(N) >= 0) {
      return false;
    }
    ECPoint key;
    try {
      key = CURVE.decodePoint(evenKey(publicKey));
    } catch (IllegalArgumentException e) {
      return false;
    }
    BigInteger e = challenge(Arrays.copyOf(signature, 32), publicKey, message);
    ECPoint point = ECAlgorithms.sumOfTwoMultiplies(G, s, key, N.subtract(e)).normalize();
    return !point.isInfinity() && isEven(point) && x(point).equals(r);
  }

  @Override
  public byte[] signEcdsa(byte[] secret, byte[] message) {
    Points.requireLength(message, 32, "a message");
    BigInteger d = secretNumber(secret);
    HMacDSAKCalculator nonces = new HMacDSAKCalculator(new SHA256Digest());
    nonces.init(N, d, message);
    BigInteger e = number(message, 0);
    while (true) {
      BigInteger k = nonces.nextK();
      BigInteger r = x(timesG(k)).mod(N);
      BigInteger s = BigIntegers.modOddInverse(N, k).multiply(e.add(d.multiply(r))).mod(N);
      if (r.signum() != 0 && s.signum() != 0) {
        return concat(r, s.compareTo(HALF_N) > 0 ? N.subtract(s) : s);
      }
    }
  }

  @Override
  public byte[] signSchnorr(byte[] secret, byte[] message) {
    Points.requireLength(message, 32, "a message");
    BigInteger d = secretNumber(secret);
    ECPoint key = timesG(d);
    if (!isEven(key)) {
      d = N.subtract(d);
    }
    byte[] keyX = BigIntegers.asUnsignedByteArray(32, x(key));
    byte[] masked = Hashing.tagged("BIP0340/aux", new byte[32]);
    byte[] dBytes = BigIntegers.asUnsignedByteArray(32, d);
    for (int i = 0; i < masked.length; i++) {
      masked[i] ^= dBytes[i];
    }
    MessageDigest digest = Hashing.newTagged("BIP0340/nonce");
    digest.update(masked);
    digest.update(keyX);
    BigInteger k = number(digest.digest(message), 0).mod(N);
    if (k.signum() == 0) {
      throw new IllegalStateException("a nonce of zero, which nobody will ever see");
    }
    ECPoint point = timesG(k);
    if (!isEven(point)) {
      k = N.subtract(k);
    }
    BigInteger r = x(point);
    BigInteger e = challenge(BigIntegers.asUnsignedByteArray(32, r), keyX, message);
    return concat(r, k.add(e.multiply(d)).mod(N));
  }

  @Override
  public byte[] publicKey(byte[] secret) {
    return timesG(secretNumber(secret)).getEncoded(true);
  }

  @Override
  public byte[] addTweak(byte[] publicKey, byte[] tweak) {
    Points.requireLength(tweak, 32, "a tweak");
    BigInteger t = number(tweak, 0);
    if (!Points.isPublicKeyForm(publicKey) || t.compareTo(N) >= 0) {
      throw new IllegalArgumentException("not a public key, or a tweak too large");
    }
    ECPoint key = CURVE.decodePoint(publicKey);
    ECPoint sum = (t.signum() == 0 ? key : key.add(timesG(t))).normalize();
    if (sum.isInfinity()) {
      throw new IllegalArgumentException("the key and the tweak have no sum");
    }
    return sum.getEncoded(true);
  }

  @Override
  public byte[] uncompress(byte[] publicKey) {
    if (!Points.isPublicKeyForm(publicKey)) {
      throw new IllegalArgumentException("not a public key");
    }
    return CURVE.decodePoint(publicKey).getEncoded(false);
  }

  private static BigInteger challenge(byte[] r, byte[] publicKey, byte[] message) {
    MessageDigest digest = Hashing.newTagged("BIP0340/challenge");
    digest.update(r);
    digest.update(publicKey);
    return number(digest.digest(message), 0).mod(N);
  }

  private static ECPoint timesG(BigInteger k) {
    return new FixedPointCombMultiplier().multiply(G, k).normalize();
  }

  private static BigInteger secretNumber(byte[] secret) {
    if (secret.length == 32) {
      BigInteger d = number(secret, 0);
      if (d.signum() != 0 && d.compareTo(N) < 0) {
        return d;
      }
    }
    throw new IllegalArgumentException("a secret is a number from 1 to n-1 in 32 bytes");
  }

  private static byte[] evenKey(byte[] xOnly) {
    byte[] key = new byte[33];
    key[0] = 2;
    System.arraycopy(xOnly, 0, key, 1, 32);
    return key;
  }

  private static boolean isEven(ECPoint normalized) {
    return !normalized.getAffineYCoord().testBitZero();
  }

  private static BigInteger x(ECPoint normalized) {
    return normalized.getAffineXCoord().toBigInteger();
  }

  private static BigInteger number(byte[] bytes, int offset) {
    return new BigInteger(1, bytes, offset, 32);
  }

  private static byte[] concat(BigInteger first, BigInteger second) {
    byte[] both = new byte[64];
    BigIntegers.asUnsignedByteArray(first, both, 0, 32);
    BigIntegers.asUnsignedByteArray(second, both, 32, 32);
    return both;
  }
}
