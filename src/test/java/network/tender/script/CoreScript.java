package network.tender.script;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import network.tender.chain.Script;

/**
 * Scripts as Bitcoin Core's test vectors write them: numbers, names of operations with or without
 * {@code OP_}, raw bytes as {@code 0x…}, and text to be pushed in quotes.
 */
public final class CoreScript {
  private static final int FIRST_NAMED = 0x61;
  private static final int RESERVED = 0x50;

  /**
   * From {@link #FIRST_NAMED} on without a gap. Written out, so that a wrong number in the node's
   * own list shows.
   */
  private static final String NAMES =
      """
      NOP VER IF NOTIF VERIF VERNOTIF ELSE ENDIF VERIFY RETURN TOALTSTACK FROMALTSTACK 2DROP 2DUP
      3DUP 2OVER 2ROT 2SWAP IFDUP DEPTH DROP DUP NIP OVER PICK ROLL ROT SWAP TUCK CAT SUBSTR LEFT
      RIGHT SIZE INVERT AND OR XOR EQUAL EQUALVERIFY RESERVED1 RESERVED2 1ADD 1SUB 2MUL 2DIV NEGATE
      ABS NOT 0NOTEQUAL ADD SUB MUL DIV MOD LSHIFT RSHIFT BOOLAND BOOLOR NUMEQUAL NUMEQUALVERIFY
      NUMNOTEQUAL LESSTHAN GREATERTHAN LESSTHANOREQUAL GREATERTHANOREQUAL MIN MAX WITHIN RIPEMD160
      SHA1 SHA256 HASH160 HASH256 CODESEPARATOR CHECKSIG CHECKSIGVERIFY CHECKMULTISIG
      CHECKMULTISIGVERIFY NOP1 CHECKLOCKTIMEVERIFY CHECKSEQUENCEVERIFY NOP4 NOP5 NOP6 NOP7 NOP8 NOP9
      NOP10 CHECKSIGADD
      """;

  private static final Map<String, Integer> OPCODES = opcodes();

  private CoreScript() {}

  private static Map<String, Integer> opcodes() {
    Map<String, Integer> opcodes = new HashMap<>();
    opcodes.put("RESERVED", RESERVED);
    int opcode = FIRST_NAMED;
    for (String name : NAMES.split("\\s+", 0)) {
      opcodes.put(name, opcode++);
    }
    return opcodes;
  }

  /** The script that a text stands for. */
  public static Script parse(String text) {
    ByteArrayOutputStream script = new ByteArrayOutputStream();
    for (String word : text.split("\\s+", 0)) {
      if (!word.isEmpty()) {
        script.writeBytes(bytes(word));
      }
    }
    return Script.of(script.toByteArray());
  }

  private static byte[] bytes(String word) {
    if (word.matches("-?[0-9]+")) {
      return number(new BigInteger(word));
    }
    if (word.startsWith("0x")) {
      return HexFormat.of().parseHex(word.substring(2));
    }
    if (word.startsWith("'")) {
      if (word.length() < 2 || !word.endsWith("'")) {
        throw new IllegalArgumentException("quotes that do not close: " + word);
      }
      return push(word.substring(1, word.length() - 1).getBytes(StandardCharsets.UTF_8));
    }
    String name = word.toUpperCase(Locale.ROOT);
    Integer opcode = OPCODES.get(name.startsWith("OP_") ? name.substring(3) : name);
    if (opcode == null) {
      throw new IllegalArgumentException("no operation is called " + word);
    }
    return new byte[] {opcode.byteValue()};
  }

  private static byte[] number(BigInteger number) {
    if (number.signum() == 0) {
      return new byte[1];
    }
    int small = number.bitLength() < 6 ? number.intValue() : 0;
    return small == -1 || (small >= 1 && small <= 16)
        ? new byte[] {(byte) (RESERVED + small)}
        : push(littleEndian(number));
  }

  /** Sign and magnitude, the sign in the highest bit of the last byte. */
  private static byte[] littleEndian(BigInteger number) {
    byte[] magnitude = number.abs().toByteArray();
    byte[] bytes = new byte[magnitude.length];
    for (int i = 0; i < magnitude.length; i++) {
      bytes[i] = magnitude[magnitude.length - 1 - i];
    }
    if (number.signum() < 0) {
      bytes[bytes.length - 1] |= (byte) 0x80;
    }
    return bytes;
  }

  /** The push of Core's CScript: its shortest form by length alone. */
  private static byte[] push(byte[] data) {
    ByteArrayOutputStream push = new ByteArrayOutputStream();
    if (data.length >= 0x100) {
      push.write(0x4d);
      push.write(data.length);
      push.write(data.length >> 8);
    } else if (data.length >= 0x4c) {
      push.write(0x4c);
      push.write(data.length);
    } else {
      push.write(data.length);
    }
    push.writeBytes(data);
    return push.toByteArray();
  }
}
