package network.tender.web.esplora;

import java.util.HexFormat;
import network.tender.chain.Script;

/** Scripts as the text that Esplora shows: {@code OP_0 OP_PUSHBYTES_20 …}. */
final class ScriptAsm {
  private static final int PUSHDATA1 = 0x4c;
  private static final int PUSHDATA4 = 0x4e;
  private static final int FIRST_NAMED = 0x4f;

  /** Names from 0x4f on; a bare number is an opcode whose name is {@code OP_PUSHNUM_n}. */
  private static final String[] NAMES =
      ("PUSHNUM_NEG1 RESERVED PUSHNUM_1 PUSHNUM_2 PUSHNUM_3 PUSHNUM_4 PUSHNUM_5 PUSHNUM_6"
              + " PUSHNUM_7 PUSHNUM_8 PUSHNUM_9 PUSHNUM_10 PUSHNUM_11 PUSHNUM_12 PUSHNUM_13"
              + " PUSHNUM_14 PUSHNUM_15 PUSHNUM_16 NOP VER IF NOTIF VERIF VERNOTIF ELSE ENDIF"
              + " VERIFY RETURN TOALTSTACK FROMALTSTACK 2DROP 2DUP 3DUP 2OVER 2ROT 2SWAP IFDUP"
              + " DEPTH DROP DUP NIP OVER PICK ROLL ROT SWAP TUCK CAT SUBSTR LEFT RIGHT SIZE"
              + " INVERT AND OR XOR EQUAL EQUALVERIFY RESERVED1 RESERVED2 1ADD 1SUB 2MUL 2DIV"
              + " NEGATE ABS NOT 0NOTEQUAL ADD SUB MUL DIV MOD LSHIFT RSHIFT BOOLAND BOOLOR"
              + " NUMEQUAL NUMEQUALVERIFY NUMNOTEQUAL LESSTHAN GREATERTHAN LESSTHANOREQUAL"
              + " GREATERTHANOREQUAL MIN MAX WITHIN RIPEMD160 SHA1 SHA256 HASH160 HASH256"
              + " CODESEPARATOR CHECKSIG CHECKSIGVERIFY CHECKMULTISIG CHECKMULTISIGVERIFY NOP1"
              + " CLTV CSV NOP4 NOP5 NOP6 NOP7 NOP8 NOP9 NOP10 CHECKSIGADD")
          .split(" ");

  private ScriptAsm() {}

  static String of(Script script) {
    StringBuilder text = new StringBuilder(script.length() * 2 + 40);
    int at = 0;
    while (at < script.length()) {
      if (at > 0) {
        text.append(' ');
      }
      int opcode = script.byteAt(at++);
      if (opcode == 0) {
        text.append("OP_0");
      } else if (opcode <= PUSHDATA4) {
        at = push(script, at, opcode, text);
      } else {
        text.append("OP_").append(name(opcode));
      }
    }
    return text.toString();
  }

  private static String name(int opcode) {
    int index = opcode - FIRST_NAMED;
    return index < NAMES.length
        ? NAMES[index]
        : opcode == 0xff ? "INVALIDOPCODE" : "RETURN_" + opcode;
  }

  /** Writes a push and returns where the next opcode is. */
  private static int push(Script script, int from, int opcode, StringBuilder text) {
    int at = from;
    long size = opcode;
    if (opcode < PUSHDATA1) {
      text.append("OP_PUSHBYTES_").append(opcode);
    } else {
      int lengthBytes = 1 << (opcode - PUSHDATA1);
      text.append("OP_PUSHDATA").append(lengthBytes);
      if (lengthBytes > script.length() - at) {
        text.append(" <unexpected end>");
        return script.length();
      }
      size = 0;
      for (int i = 0; i < lengthBytes; i++) {
        size |= (long) script.byteAt(at++) << (8 * i);
      }
    }
    if (size > script.length() - at) {
      text.append(" <push past end>");
      return script.length();
    }
    byte[] data = new byte[(int) size];
    script.copyTo(at, data, 0, data.length);
    text.append(' ').append(HexFormat.of().formatHex(data));
    return at + data.length;
  }
}
