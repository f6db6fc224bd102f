package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.bouncycastle.util.BigIntegers;

/** libsecp256k1 and Bouncy Castle agree on whatever they are given. */
class CurveAgreementProperties {
  private static final Curve NATIVE = Curve.load(Curve.Provider.NATIVE);
  private static final Curve BOUNCY_CASTLE = Curve.load(Curve.Provider.BOUNCYCASTLE);
  private static final BigInteger N = Secrets.ORDER;
  private static final BigInteger P =
      BigInteger.TWO.pow(256).subtract(BigInteger.TWO.pow(32)).subtract(BigInteger.valueOf(977));

  private static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A number near one of the places where implementations go wrong. */
  private static byte[] edge(Random random) {
    BigInteger[] places = {BigInteger.ZERO, N.shiftRight(1), N, P, BigInteger.TWO.pow(256)};
    BigInteger near =
        places[random.nextInt(places.length)].add(BigInteger.valueOf(random.nextInt(5) - 2));
    return BigIntegers.asUnsignedByteArray(32, near.mod(BigInteger.TWO.pow(256)));
  }

  private static byte[] flipBit(Random random, byte[] bytes) {
    byte[] flipped = bytes.clone();
    flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  private static byte[] withHalf(byte[] signature, int from, byte[] half) {
    byte[] changed = signature.clone();
    System.arraycopy(half, 0, changed, from, 32);
    return changed;
  }

  private static byte[] mutateSignature(Random random, byte[] signature) {
    return switch (random.nextInt(5)) {
      case 0 -> flipBit(random, signature);
      case 1 -> withHalf(signature, 0, edge(random));
      case 2 -> withHalf(signature, 32, edge(random));
      case 3 -> {
        BigInteger s = new BigInteger(1, signature, 32, 32);
        yield withHalf(signature, 32, BigIntegers.asUnsignedByteArray(32, N.subtract(s)));
      }
      default -> random(random, random.nextInt(4) == 0 ? random.nextInt(80) : 64);
    };
  }

  private static byte[] mutateKey(Random random, byte[] key) {
    return switch (random.nextInt(4)) {
      case 0 -> flipBit(random, key);
      case 1 -> {
        byte[] changed = key.clone();
        System.arraycopy(edge(random), 0, changed, changed.length - 32, 32);
        yield changed;
      }
      case 2 -> {
        byte[] changed = key.clone();
        changed[0] = (byte) random.nextInt(8);
        yield changed;
      }
      default -> {
        byte[] changed = random(random, random.nextBoolean() ? key.length : 65);
        changed[0] = (byte) (2 + random.nextInt(3));
        yield changed;
      }
    };
  }

  @Property(tries = 400)
  void ecdsaVerdictsAgree(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] secret = random(random, 32);
    byte[] message = random.nextInt(8) == 0 ? edge(random) : random(random, 32);
    byte[] signature = NATIVE.signEcdsa(secret, message);
    byte[] key = NATIVE.publicKey(secret);
    assertThat(BOUNCY_CASTLE.publicKey(secret)).isEqualTo(key);
    assertThat(BOUNCY_CASTLE.signEcdsa(secret, message)).isEqualTo(signature);
    assertThat(NATIVE.verifyEcdsa(signature, message, key)).isTrue();
    assertThat(BOUNCY_CASTLE.verifyEcdsa(signature, message, key)).isTrue();

    int target = random.nextInt(3);
    byte[] otherSignature = target == 0 ? mutateSignature(random, signature) : signature;
    byte[] otherMessage = target == 1 ? flipBit(random, message) : message;
    byte[] otherKey = target == 2 ? mutateKey(random, key) : key;
    boolean verdict = NATIVE.verifyEcdsa(otherSignature, otherMessage, otherKey);
    assertThat(BOUNCY_CASTLE.verifyEcdsa(otherSignature, otherMessage, otherKey))
        .isEqualTo(verdict);
    boolean same = Arrays.equals(otherSignature, signature) && Arrays.equals(otherKey, key);
    assertThat(verdict).isEqualTo(target != 1 && same);
  }

  @Property(tries = 400)
  void schnorrVerdictsAgree(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] secret = random(random, 32);
    byte[] message = random(random, 32);
    byte[] signature = NATIVE.signSchnorr(secret, message);
    byte[] key = Arrays.copyOfRange(NATIVE.publicKey(secret), 1, 33);
    assertThat(BOUNCY_CASTLE.signSchnorr(secret, message)).isEqualTo(signature);
    assertThat(NATIVE.verifySchnorr(signature, message, key)).isTrue();
    assertThat(BOUNCY_CASTLE.verifySchnorr(signature, message, key)).isTrue();

    int target = random.nextInt(3);
    byte[] otherSignature = target == 0 ? mutateSignature(random, signature) : signature;
    byte[] otherMessage = target == 1 ? flipBit(random, message) : message;
    byte[] otherKey = target == 2 ? mutateKey(random, key) : key;
    boolean verdict = NATIVE.verifySchnorr(otherSignature, otherMessage, otherKey);
    assertThat(BOUNCY_CASTLE.verifySchnorr(otherSignature, otherMessage, otherKey))
        .isEqualTo(verdict);
    boolean same = Arrays.equals(otherSignature, signature) && Arrays.equals(otherKey, key);
    assertThat(verdict).isEqualTo(target != 1 && same);
  }

  @Property(tries = 400)
  void tweakedKeysAgree(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] key = NATIVE.publicKey(random(random, 32));
    byte[] tweak = random.nextInt(4) == 0 ? edge(random) : random(random, 32);
    if (random.nextInt(4) == 0) {
      key = mutateKey(random, key);
    }
    byte[] sum = sum(NATIVE, key, tweak);
    assertThat(sum(BOUNCY_CASTLE, key, tweak)).isEqualTo(sum);
    byte[] point = point(NATIVE, key);
    assertThat(point(BOUNCY_CASTLE, key)).isEqualTo(point);
    if (point.length > 0) {
      assertThat(point).hasSize(65).startsWith(4);
      assertThat(sum(NATIVE, point, tweak)).isEqualTo(sum);
      assertThat(sum(BOUNCY_CASTLE, point, tweak)).isEqualTo(sum);
    }
  }

  /** A key in its long form, or nothing if it is none. */
  private static byte[] point(Curve curve, byte[] key) {
    try {
      return curve.uncompress(key);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  /** The sum, or nothing where there is none. */
  private static byte[] sum(Curve curve, byte[] key, byte[] tweak) {
    try {
      return curve.addTweak(key, tweak);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }
}
