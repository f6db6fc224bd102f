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

  static void requireLength(byte[] bytes, int length, String what) {
    if (bytes.length != length) {
      throw new IllegalArgumentException(what + " has " + length + " bytes, not " + bytes.length);
    }
  }
}
