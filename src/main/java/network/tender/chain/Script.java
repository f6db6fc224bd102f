package network.tender.chain;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A script as bytes: a window into a larger array (a raw transfer, usually) that is never copied
 * unless asked. The array must not change afterwards.
 */
public final class Script {
  /** No bytes: the script of a native segwit input. */
  public static final Script EMPTY = new Script(new byte[0], 0, 0);

  /** What kind of output a script is, by template. */
  public enum Type {
    /** {@code 0 <20 bytes>}: pay to witness public key hash (BIP141). */
    P2WPKH("v0_p2wpkh"),
    /** {@code 0 <32 bytes>}: pay to witness script hash (BIP141). */
    P2WSH("v0_p2wsh"),
    /** {@code 1 <32 bytes>}: pay to taproot (BIP341). */
    P2TR("v1_p2tr"),
    /** {@code DUP HASH160 <20> EQUALVERIFY CHECKSIG}. */
    P2PKH("p2pkh"),
    /** {@code HASH160 <20> EQUAL} (BIP16). */
    P2SH("p2sh"),
    /** {@code <33 or 65 byte key> CHECKSIG}. */
    P2PK("p2pk"),
    /** {@code m <keys> n CHECKMULTISIG} with 1 <= m <= n <= 3: several keys, no script hash. */
    MULTISIG("multisig"),
    /** {@code RETURN ...}: provably unspendable; its amount is burned. */
    OP_RETURN("op_return"),
    /** No bytes at all. */
    EMPTY("empty"),
    /** Anything else, including witness versions without rules. */
    UNKNOWN("unknown");

    private final String esploraName;

    Type(String esploraName) {
      this.esploraName = esploraName;
    }

    /** The name of this type in Esplora's {@code scriptpubkey_type}. */
    public String esploraName() {
      return esploraName;
    }
  }

  /** The most keys of a script that Core's policy takes as MULTISIG. */
  private static final int MAX_BARE_KEYS = 3;

  private final byte[] array;
  private final int offset;
  private final int length;

  private Script(byte[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** A window into {@code array}; nothing is copied. */
  public static Script view(byte[] array, int offset, int length) {
    if (length == 0) {
      return EMPTY;
    }
    java.util.Objects.checkFromIndexSize(offset, length, array.length);
    return new Script(array, offset, length);
  }

  /** A script over a whole array; nothing is copied. */
  public static Script of(byte[] bytes) {
    return view(bytes, 0, bytes.length);
  }

  /** {@code 0 <key hash>}. */
  public static Script p2wpkh(byte[] keyHash20) {
    return program(0, keyHash20, 20);
  }

  /** {@code 0 <script hash>}. */
  public static Script p2wsh(byte[] scriptHash32) {
    return program(0, scriptHash32, 32);
  }

  /** {@code 1 <output key>}. */
  public static Script p2tr(byte[] outputKey32) {
    return program(0x51, outputKey32, 32);
  }

  /** The script that pushes bytes, in the shortest form by their number (Core: CScript <<). */
  public static Script push(byte[] data) {
    int length = data.length;
    int head = length < Opcode.PUSHDATA1 ? 1 : length <= 0xff ? 2 : length <= 0xffff ? 3 : 5;
    byte[] bytes = new byte[head + length];
    if (head == 1) {
      bytes[0] = (byte) length;
    } else {
      bytes[0] =
          (byte) (head == 2 ? Opcode.PUSHDATA1 : head == 3 ? Opcode.PUSHDATA2 : Opcode.PUSHDATA4);
      for (int i = 1; i < head; i++) {
        bytes[i] = (byte) (length >>> (8 * (i - 1)));
      }
    }
    System.arraycopy(data, 0, bytes, head, length);
    return of(bytes);
  }

  private static Script program(int versionOpcode, byte[] program, int size) {
    if (program.length != size) {
      throw new IllegalArgumentException("a program of " + size + " bytes, not " + program.length);
    }
    byte[] bytes = new byte[2 + size];
    bytes[0] = (byte) versionOpcode;
    bytes[1] = (byte) size;
    System.arraycopy(program, 0, bytes, 2, size);
    return of(bytes);
  }

  /** {@code DUP HASH160 <key hash> EQUALVERIFY CHECKSIG}. */
  public static Script p2pkh(byte[] keyHash20) {
    byte[] bytes = new byte[25];
    bytes[0] = 0x76;
    bytes[1] = (byte) 0xa9;
    bytes[2] = 20;
    System.arraycopy(keyHash20, 0, bytes, 3, 20);
    bytes[23] = (byte) 0x88;
    bytes[24] = (byte) 0xac;
    return of(bytes);
  }

  /** {@code HASH160 <script hash> EQUAL}. */
  public static Script p2sh(byte[] scriptHash20) {
    byte[] bytes = new byte[23];
    bytes[0] = (byte) 0xa9;
    bytes[1] = 20;
    System.arraycopy(scriptHash20, 0, bytes, 2, 20);
    bytes[22] = (byte) 0x87;
    return of(bytes);
  }

  /** Number of bytes. */
  public int length() {
    return length;
  }

  /** True if there are no bytes. */
  public boolean isEmpty() {
    return length == 0;
  }

  /** The byte at {@code index}, as 0..255. */
  public int byteAt(int index) {
    java.util.Objects.checkIndex(index, length);
    return array[offset + index] & 0xff;
  }

  /** The bytes in a new array. */
  public byte[] toBytes() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  /** Copies a part of the bytes. */
  public void copyTo(int from, byte[] target, int targetOffset, int count) {
    java.util.Objects.checkFromIndexSize(from, count, length);
    System.arraycopy(array, offset + from, target, targetOffset, count);
  }

  /** The array this script is a window of, for hashing without a copy. Do not change it. */
  public byte[] array() {
    return array;
  }

  /** Where this script begins in {@link #array()}. */
  public int offset() {
    return offset;
  }

  /**
   * The same script in an array of its own, so that holding it does not hold the whole transfer it
   * came from.
   */
  public Script detached() {
    return array.length == length ? this : of(toBytes());
  }

  /** The type of this script as an output script. */
  public Type type() {
    return switch (length) {
      case 0 -> Type.EMPTY;
      case 22 -> at(0) == 0 && at(1) == 20 ? Type.P2WPKH : other();
      case 34 ->
          at(1) == 32 && at(0) == 0
              ? Type.P2WSH
              : at(1) == 32 && at(0) == 0x51 ? Type.P2TR : other();
      case 25 ->
          at(0) == 0x76 && at(1) == 0xa9 && at(2) == 20 && at(23) == 0x88 && at(24) == 0xac
              ? Type.P2PKH
              : other();
      case 23 -> at(0) == 0xa9 && at(1) == 20 && at(22) == 0x87 ? Type.P2SH : other();
      case 35 -> at(0) == 33 && (at(1) | 1) == 3 && at(34) == 0xac ? Type.P2PK : other();
      case 67 -> at(0) == 65 && at(1) == 4 && at(66) == 0xac ? Type.P2PK : other();
      default -> other();
    };
  }

  private Type other() {
    if (at(0) == Opcode.RETURN) {
      return Type.OP_RETURN;
    }
    return isBareMultisig() ? Type.MULTISIG : Type.UNKNOWN;
  }

  private boolean isBareMultisig() {
    if (at(length - 1) != Opcode.CHECKMULTISIG || length < 3) {
      return false;
    }
    int needed = at(0) - Opcode.OP_1 + 1;
    int keys = at(length - 2) - Opcode.OP_1 + 1;
    if (needed < 1 || keys < needed || keys > MAX_BARE_KEYS) {
      return false;
    }
    int next = 1;
    for (int i = 0; i < keys; i++) {
      int size = at(next);
      if (next + size + 1 > length - 2 || !isKeyStart(size, at(next + 1))) {
        return false;
      }
      next += 1 + size;
    }
    return next == length - 2;
  }

  private static boolean isKeyStart(int size, int first) {
    return size == 33 ? first == 2 || first == 3 : size == 65 && (first == 4 || (first | 1) == 7);
  }

  private int at(int index) {
    return array[offset + index] & 0xff;
  }

  /**
   * True if no input can ever spend an output with this script: it starts with RETURN or is longer
   * than 10,000 bytes. Such outputs never become coins (Core: IsUnspendable).
   */
  public boolean isUnspendable() {
    return (length > 0 && at(0) == 0x6a) || length > 10_000;
  }

  /**
   * The version of a witness program, 0 to 16: a small number and one push of 2 to 40 bytes
   * (BIP141); -1 if the script is none.
   */
  public int witnessVersion() {
    if (length < 4 || length > 42 || at(1) != length - 2) {
      return -1;
    }
    int opcode = at(0);
    if (opcode == Opcode.OP_0) {
      return 0;
    }
    return opcode >= Opcode.OP_1 && opcode <= Opcode.OP_16 ? opcode - Opcode.OP_1 + 1 : -1;
  }

  /** SHA-256 of the script: Esplora's and Electrum's name for an address. */
  public Hash hash() {
    return Hash.of(Hashing.sha256(array, offset, length));
  }

  /** The bytes as lower-case hex digits. */
  public String toHex() {
    return HexFormat.of().formatHex(array, offset, offset + length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Script that
        && Arrays.equals(
            array, offset, offset + length, that.array, that.offset, that.offset + that.length);
  }

  @Override
  public int hashCode() {
    int result = 1;
    for (int i = offset; i < offset + length; i++) {
      result = 31 * result + array[i];
    }
    return result;
  }

  @Override
  public String toString() {
    return toHex();
  }
}
