package network.tender.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import network.tender.Vectors;
import network.tender.chain.Hashing;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CurveTest {
  private static final BigInteger N = Secrets.ORDER;
  private static final byte[] SECRET = Hashing.sha256(new byte[] {1});
  private static final byte[] MESSAGE = Hashing.sha256(new byte[] {2});

  private static byte[] bytes(BigInteger number) {
    return BigIntegers.asUnsignedByteArray(32, number);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Test
  void theNamesTellTheImplementationsApart() {
    assertThat(Curve.load(Curve.Provider.NATIVE).name()).isEqualTo("libsecp256k1");
    assertThat(Curve.load(Curve.Provider.BOUNCYCASTLE).name()).isEqualTo("bouncycastle");
    assertThat(Curve.load(Curve.Provider.AUTO).name()).isEqualTo("libsecp256k1");
  }

  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void bip340VectorsGiveTheirPublishedResults(Curve.Provider provider) {
    Curve curve = Curve.load(provider);
    HexFormat hex = HexFormat.of();
    int verified = 0;
    int signed = 0;
    List<String> otherLengths = new ArrayList<>();
    for (String line : Vectors.lines("bip340.csv").subList(1, 20)) {
      String[] fields = line.split(",", -1);
      byte[] publicKey = hex.parseHex(fields[2]);
      byte[] message = hex.parseHex(fields[4]);
      byte[] signature = hex.parseHex(fields[5]);
      if (message.length != 32) {
        // Bitcoin signs hashes alone, so the curve takes no other message.
        assertThat(curve.verifySchnorr(signature, message, publicKey)).isFalse();
        otherLengths.add(fields[0] + " (" + message.length + " bytes)");
        continue;
      }
      assertThat(curve.verifySchnorr(signature, message, publicKey))
          .as("vector " + fields[0])
          .isEqualTo(fields[6].equals("TRUE"));
      verified++;
      if (fields[3].matches("0{64}")) {
        assertThat(curve.signSchnorr(hex.parseHex(fields[1]), message)).isEqualTo(signature);
        signed++;
      }
    }
    assertThat(verified).isEqualTo(15);
    assertThat(otherLengths)
        .containsExactly("15 (0 bytes)", "16 (1 bytes)", "17 (17 bytes)", "18 (100 bytes)");
    assertThat(signed).isPositive();
    Vectors.report(
        "bip340.csv",
        verified + otherLengths.size(),
        "on "
            + curve.name()
            + ": "
            + verified
            + " verified, "
            + signed
            + " of them signed again; refused for their message's length: "
            + String.join(", ", otherLengths));
  }

  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void signaturesVerifyUnderEitherFormOfTheKey(Curve.Provider provider) {
    Curve curve = Curve.load(provider);
    byte[] signature = curve.signEcdsa(SECRET, MESSAGE);
    byte[] compressed = curve.publicKey(SECRET);
    byte[] uncompressed =
        CustomNamedCurves.getByName("secp256k1")
            .getCurve()
            .decodePoint(compressed)
            .getEncoded(false);
    byte[] hybrid = uncompressed.clone();
    hybrid[0] = (byte) (6 | (uncompressed[64] & 1));

    assertThat(curve.verifyEcdsa(signature, MESSAGE, compressed)).isTrue();
    assertThat(curve.verifyEcdsa(signature, MESSAGE, uncompressed)).isTrue();
    assertThat(curve.verifyEcdsa(signature, MESSAGE, hybrid)).isFalse();
    byte[] xOnly = Arrays.copyOfRange(compressed, 1, 33);
    assertThat(curve.verifySchnorr(curve.signSchnorr(SECRET, MESSAGE), MESSAGE, xOnly)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void aHighSIsRefused(Curve.Provider provider) {
    Curve curve = Curve.load(provider);
    byte[] low = curve.signEcdsa(SECRET, MESSAGE);
    BigInteger s = new BigInteger(1, low, 32, 32);
    byte[] high = join(Arrays.copyOf(low, 32), bytes(N.subtract(s)));

    assertThat(s).isLessThanOrEqualTo(N.shiftRight(1));
    assertThat(curve.verifyEcdsa(high, MESSAGE, curve.publicKey(SECRET))).isFalse();
  }

  /** A point whose x is above n: r is x - n, and only reducing x makes the signature valid. */
  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void anEcdsaPointWithItsXAboveTheOrderIsReduced(Curve.Provider provider) {
    var parameters = CustomNamedCurves.getByName("secp256k1");
    int found = 0;
    for (int small = 1; found < 3; small++) {
      BigInteger r = BigInteger.valueOf(small);
      ECPoint point;
      try {
        point = parameters.getCurve().decodePoint(join(new byte[] {2}, bytes(r.add(N))));
      } catch (IllegalArgumentException e) {
        continue;
      }
      BigInteger s = BigInteger.valueOf(77);
      BigInteger e = new BigInteger(1, MESSAGE);
      ECPoint key =
          point
              .multiply(s)
              .subtract(parameters.getG().multiply(e.mod(N)))
              .multiply(r.modInverse(N))
              .normalize();
      byte[] signature = join(bytes(r), bytes(s));
      assertThat(Curve.load(provider).verifyEcdsa(signature, MESSAGE, key.getEncoded(true)))
          .isTrue();
      found++;
    }
  }

  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void thePointAtInfinityIsNoSignature(Curve.Provider provider) {
    Curve curve = Curve.load(provider);
    BigInteger r = BigInteger.valueOf(5);
    BigInteger e = new BigInteger(1, MESSAGE).mod(N);
    byte[] secret = bytes(N.subtract(e).multiply(r.modInverse(N)).mod(N));
    byte[] signature = join(bytes(r), bytes(BigInteger.valueOf(9)));
    assertThat(curve.verifyEcdsa(signature, MESSAGE, curve.publicKey(secret))).isFalse();

    byte[] publicKey = curve.publicKey(SECRET);
    byte[] xOnly = Arrays.copyOfRange(publicKey, 1, 33);
    BigInteger d = new BigInteger(1, publicKey[0] == 2 ? SECRET : Secrets.negate(SECRET));
    byte[] challenge = Hashing.tagged("BIP0340/challenge", join(join(bytes(r), xOnly), MESSAGE));
    BigInteger s = new BigInteger(1, challenge).multiply(d).mod(N);
    assertThat(curve.verifySchnorr(join(bytes(r), bytes(s)), MESSAGE, xOnly)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void inputOfAWrongLengthIsPlainlyFalse(Curve.Provider provider) {
    Curve curve = Curve.load(provider);
    byte[] key = curve.publicKey(SECRET);
    byte[] xOnly = Arrays.copyOfRange(key, 1, 33);
    byte[] ecdsa = curve.signEcdsa(SECRET, MESSAGE);
    byte[] schnorr = curve.signSchnorr(SECRET, MESSAGE);
    byte[] der = Der.encode(ecdsa, 1);
    assertThat(curve.verifyEcdsa(Arrays.copyOf(der, der.length - 1), MESSAGE, key)).isFalse();
    for (int length : new int[] {0, 1, 31, 33, 34, 63, 64, 65, 66, 200}) {
      if (length != 64) {
        assertThat(curve.verifyEcdsa(Arrays.copyOf(ecdsa, length), MESSAGE, key)).isFalse();
        assertThat(curve.verifySchnorr(Arrays.copyOf(schnorr, length), MESSAGE, xOnly)).isFalse();
      }
      assertThat(curve.verifyEcdsa(ecdsa, Arrays.copyOf(MESSAGE, length), key)).isFalse();
      assertThat(curve.verifySchnorr(schnorr, Arrays.copyOf(MESSAGE, length), xOnly)).isFalse();
      if (length != 33) {
        assertThat(curve.verifyEcdsa(ecdsa, MESSAGE, Arrays.copyOf(key, length))).isFalse();
      }
      assertThat(curve.verifySchnorr(schnorr, MESSAGE, Arrays.copyOf(xOnly, length))).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(Curve.Provider.class)
  void secretsOutsideTheGroupAndTweaksWithoutASumAreRefused(Curve.Provider provider) {
    Curve curve = Curve.load(provider);
    byte[] key = curve.publicKey(SECRET);
    for (byte[] secret :
        List.of(new byte[32], bytes(N), bytes(N.add(BigInteger.ONE)), new byte[31], new byte[33])) {
      assertThatThrownBy(() -> curve.publicKey(secret))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> curve.signEcdsa(secret, MESSAGE))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> curve.signSchnorr(secret, MESSAGE))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (byte[] tweak : List.of(bytes(N), Secrets.negate(SECRET), new byte[31])) {
      assertThatThrownBy(() -> curve.addTweak(key, tweak))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(curve.addTweak(key, new byte[32])).isEqualTo(key);
    assertThat(curve.addTweak(key, SECRET))
        .as("a key plus itself")
        .isEqualTo(curve.publicKey(Secrets.add(SECRET, SECRET)));
    byte[] point = curve.uncompress(key);
    assertThat(point).hasSize(65);
    assertThat(curve.uncompress(point)).isEqualTo(point);
    assertThat(curve.addTweak(point, new byte[32])).isEqualTo(key);
    assertThat(curve.addTweak(point, SECRET)).isEqualTo(curve.addTweak(key, SECRET));
    byte[] off = point.clone();
    off[64] ^= 1;
    for (byte[] none : List.of(off, new byte[33], new byte[65], new byte[0])) {
      assertThatThrownBy(() -> curve.uncompress(none)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> curve.addTweak(none, SECRET))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** Signs with the key 1 and with n-1, the ends of the range, and messages around n. */
  @Test
  void bothSignTheSameAtTheEndsOfTheRange() {
    Curve nativeCurve = Curve.load(Curve.Provider.NATIVE);
    Curve bouncyCastle = Curve.load(Curve.Provider.BOUNCYCASTLE);
    for (BigInteger d : List.of(BigInteger.ONE, BigInteger.TWO, N.subtract(BigInteger.ONE))) {
      for (BigInteger m :
          List.of(
              BigInteger.ZERO,
              BigInteger.ONE,
              N.subtract(BigInteger.ONE),
              N,
              N.add(BigInteger.ONE),
              BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE))) {
        byte[] ecdsa = nativeCurve.signEcdsa(bytes(d), bytes(m));
        byte[] schnorr = nativeCurve.signSchnorr(bytes(d), bytes(m));
        byte[] key = nativeCurve.publicKey(bytes(d));
        assertThat(bouncyCastle.signEcdsa(bytes(d), bytes(m))).isEqualTo(ecdsa);
        assertThat(bouncyCastle.signSchnorr(bytes(d), bytes(m))).isEqualTo(schnorr);
        assertThat(bouncyCastle.publicKey(bytes(d))).isEqualTo(key);
        assertThat(bouncyCastle.verifyEcdsa(ecdsa, bytes(m), key)).isTrue();
        assertThat(nativeCurve.verifyEcdsa(ecdsa, bytes(m), key)).isTrue();
      }
    }
  }
}
