package network.tender.script;

import static network.tender.script.ScriptFailedException.require;

/** Numbers on a script's stack: little-endian, the sign in the highest bit (Core: CScriptNum). */
final class ScriptNumber {
  /** Bytes of an operand of arithmetic. */
  static final int OPERAND_BYTES = 4;

  /** Bytes of a lock, which must hold more than 31 bits (BIP65). */
  static final int LOCK_BYTES = 5;

  private static final byte[] ZERO = {};
  private static final byte[] ONE = {1};

  private ScriptNumber() {}

  /** A number of at most {@code maxBytes} bytes, with no needless ones if {@code minimal}. */
  static long decode(byte[] item, boolean minimal, int maxBytes) {
    int size = item.length;
    require(size <= maxBytes, ScriptError.SCRIPTNUM);
    if (size == 0) {
      return 0;
    }
    int last = item[size - 1];
    if (minimal && (last & 0x7f) == 0) {
      require(size > 1 && item[size - 2] < 0, ScriptError.SCRIPTNUM);
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (item[i] & 0xffL) << (8 * i);
    }
    if (last < 0) {
      return -(value & ~(0x80L << (8 * (size - 1))));
    }
    return value;
  }

  /** The shortest form of a number. */
  static byte[] encode(long value) {
    if (value == 0) {
      return ZERO;
    }
    if (value == 1) {
      return ONE;
    }
    byte[] bytes = new byte[9];
    int size = 0;
    for (long left = Math.abs(value); left != 0; left >>>= 8) {
      bytes[size++] = (byte) left;
    }
    if (bytes[size - 1] < 0) {
      bytes[size++] = (byte) (value < 0 ? 0x80 : 0);
    } else if (value < 0) {
      bytes[size - 1] |= (byte) 0x80;
    }
    return java.util.Arrays.copyOf(bytes, size);
  }

  /** True unless an item is zero of either sign (Core: CastToBool). */
  static boolean isTrue(byte[] item) {
    for (int i = 0; i < item.length; i++) {
      if (item[i] != 0) {
        return i != item.length - 1 || item[i] != (byte) 0x80;
      }
    }
    return false;
  }

  static byte[] ofBoolean(boolean value) {
    return value ? ONE : ZERO;
  }
}
