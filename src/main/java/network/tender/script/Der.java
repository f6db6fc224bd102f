package network.tender.script;

import java.util.Arrays;

/** ECDSA signatures as they stand in scripts: strict DER (BIP66), one byte of hash type behind. */
final class Der {
  private static final byte[] ORDER = toBytes(Secrets.ORDER);
  private static final byte[] HALF_ORDER = toBytes(Secrets.ORDER.shiftRight(1));

  private Der() {}

  private static byte[] toBytes(java.math.BigInteger number) {
    return org.bouncycastle.util.BigIntegers.asUnsignedByteArray(32, number);
  }

  /** DER of a 64-byte signature, with its hash type. */
  static byte[] encode(byte[] signature, int hashType) {
    int rFrom = firstByte(signature, 0);
    int sFrom = firstByte(signature, 32);
    int rPad = signature[rFrom] < 0 ? 1 : 0;
    int sPad = signature[sFrom] < 0 ? 1 : 0;
    int rLength = 32 - rFrom + rPad;
    int sLength = 64 - sFrom + sPad;
    byte[] der = new byte[7 + rLength + sLength];
    der[0] = 0x30;
    der[1] = (byte) (4 + rLength + sLength);
    der[2] = 2;
    der[3] = (byte) rLength;
    System.arraycopy(signature, rFrom, der, 4 + rPad, 32 - rFrom);
    der[4 + rLength] = 2;
    der[5 + rLength] = (byte) sLength;
    System.arraycopy(signature, sFrom, der, 6 + rLength + sPad, 64 - sFrom);
    der[der.length - 1] = (byte) hashType;
    return der;
  }

  private static int firstByte(byte[] signature, int from) {
    int at = from;
    while (at < from + 31 && signature[at] == 0) {
      at++;
    }
    return at;
  }

  /** True if the bytes are strict DER and a hash type (BIP66). */
  static boolean isStrict(byte[] der) {
    int size = der.length;
    if (size < 9 || size > 73 || der[0] != 0x30 || (der[1] & 0xff) != size - 3) {
      return false;
    }
    int rLength = der[3] & 0xff;
    if (5 + rLength >= size) {
      return false;
    }
    int sLength = der[5 + rLength] & 0xff;
    return rLength + sLength + 7 == size
        && isStrictNumber(der, 2, rLength)
        && isStrictNumber(der, 4 + rLength, sLength);
  }

  /** A number that is not negative, has no needless zero in front and at least one byte. */
  private static boolean isStrictNumber(byte[] der, int at, int length) {
    return der[at] == 2
        && length > 0
        && der[at + 2] >= 0
        && (length == 1 || der[at + 2] != 0 || der[at + 3] < 0);
  }

  /**
   * The 64 bytes r ‖ s of a strict signature; all zeros, which never verify, if one of them is not
   * below the order.
   */
  static byte[] decode(byte[] strict) {
    byte[] signature = new byte[64];
    int rLength = strict[3];
    if (!copyNumber(strict, 4, rLength, signature, 0)
        || !copyNumber(strict, 6 + rLength, strict[5 + rLength], signature, 32)) {
      Arrays.fill(signature, (byte) 0);
    }
    return signature;
  }

  private static boolean copyNumber(byte[] der, int from, int length, byte[] out, int outFrom) {
    int skip = length > 32 && der[from] == 0 ? 1 : 0;
    int count = length - skip;
    if (count > 32) {
      return false;
    }
    System.arraycopy(der, from + skip, out, outFrom + 32 - count, count);
    return Arrays.compareUnsigned(out, outFrom, outFrom + 32, ORDER, 0, 32) < 0;
  }

  /** True if s is in the lower half of the order (BIP146). */
  static boolean isLowS(byte[] signature) {
    return Arrays.compareUnsigned(signature, 32, 64, HALF_ORDER, 0, 32) <= 0;
  }
}
