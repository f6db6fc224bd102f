package network.tender.script;

import java.util.Arrays;
import java.util.Optional;

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

  /**
   * The 64 bytes r ‖ s of a signature as OpenSSL once read them: tags and lengths may have needless
   * bytes, and what follows is not looked at (Core: ecdsa_signature_parse_der_lax). All zeros,
   * which never verify, if a number is not below the order.
   *
   * @param der without the hash type
   */
  static Optional<byte[]> decodeLax(byte[] der) {
    LaxReader reader = new LaxReader(der);
    byte[] signature = new byte[64];
    if (!reader.skipSequence()) {
      return Optional.empty();
    }
    boolean fits = true;
    for (int at = 0; at < 64; at += 32) {
      if (!reader.readNumber()) {
        return Optional.empty();
      }
      fits &= reader.copyTo(signature, at);
    }
    for (int at = 0; at < 64; at += 32) {
      fits &= Arrays.compareUnsigned(signature, at, at + 32, ORDER, 0, 32) < 0;
    }
    if (!fits) {
      Arrays.fill(signature, (byte) 0);
    }
    return Optional.of(signature);
  }

  private static final class LaxReader {
    private final byte[] bytes;
    private int at;
    private int numberFrom;
    private int numberLength;

    LaxReader(byte[] bytes) {
      this.bytes = bytes;
    }

    private boolean skipTag(int tag) {
      return at < bytes.length && bytes[at++] == tag;
    }

    boolean skipSequence() {
      if (!skipTag(0x30) || at == bytes.length) {
        return false;
      }
      int length = bytes[at++] & 0xff;
      if (length >= 0x80) {
        int sizeBytes = length - 0x80;
        if (sizeBytes > bytes.length - at) {
          return false;
        }
        at += sizeBytes;
      }
      return true;
    }

    boolean readNumber() {
      if (!skipTag(2) || at == bytes.length) {
        return false;
      }
      int length = bytes[at++] & 0xff;
      if (length >= 0x80) {
        int sizeBytes = length - 0x80;
        if (sizeBytes > bytes.length - at) {
          return false;
        }
        while (sizeBytes > 0 && bytes[at] == 0) {
          at++;
          sizeBytes--;
        }
        if (sizeBytes >= 4) {
          return false;
        }
        length = 0;
        for (; sizeBytes > 0; sizeBytes--) {
          length = (length << 8) | (bytes[at++] & 0xff);
        }
      }
      if (length > bytes.length - at) {
        return false;
      }
      numberFrom = at;
      numberLength = length;
      at += length;
      while (numberLength > 0 && bytes[numberFrom] == 0) {
        numberFrom++;
        numberLength--;
      }
      return true;
    }

    boolean copyTo(byte[] signature, int to) {
      if (numberLength > 32) {
        return false;
      }
      System.arraycopy(bytes, numberFrom, signature, to + 32 - numberLength, numberLength);
      return true;
    }
  }

  /** Makes a high s low: both verify, or neither does. */
  static void normaliseS(byte[] signature) {
    if (isLowS(signature)) {
      return;
    }
    int borrow = 0;
    for (int i = 31; i >= 0; i--) {
      int difference = (ORDER[i] & 0xff) - (signature[32 + i] & 0xff) - borrow;
      borrow = difference < 0 ? 1 : 0;
      signature[32 + i] = (byte) difference;
    }
  }

  /** True if s is in the lower half of the order (BIP146). */
  static boolean isLowS(byte[] signature) {
    return Arrays.compareUnsigned(signature, 32, 64, HALF_ORDER, 0, 32) <= 0;
  }
}
