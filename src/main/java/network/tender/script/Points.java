package network.tender.script;

/** Forms of keys that both implementations of the curve check before they look at the numbers. */
final class Points {
  private Points() {}

  /** True for 33 bytes that start with 02 or 03 and 65 that start with 04. */
  static boolean isPublicKeyForm(byte[] publicKey) {
    return switch (publicKey.length) {
      case 33 -> publicKey[0] == 2 || publicKey[0] == 3;
      case 65 -> publicKey[0] == 4;
      default -> false;
    };
  }

  /**
   * A key of the hybrid form (06 or 07, both coordinates and the parity of y) as an uncompressed
   * one; any other key as it is. The oldest rules allow the form. A wrong parity gives a key that
   * verifies nothing.
   */
  static byte[] withoutHybridForm(byte[] publicKey) {
    if (publicKey.length != 65 || (publicKey[0] != 6 && publicKey[0] != 7)) {
      return publicKey;
    }
    byte[] plain = publicKey.clone();
    plain[0] = (byte) ((publicKey[0] & 1) == (publicKey[64] & 1) ? 4 : 0);
    return plain;
  }

  static void requireLength(byte[] bytes, int length, String what) {
    if (bytes.length != length) {
      throw new IllegalArgumentException(what + " has " + length + " bytes, not " + bytes.length);
    }
  }
}
