package network.tender.chain;

/** Numbers of Bitcoin's script operations (Core: script.h). */
public final class Opcode {
  /** Pushes nothing: an empty item. Up to {@link #PUSHDATA1} the number is a length. */
  public static final int OP_0 = 0x00;

  /** Pushes as many bytes as the next byte says. */
  public static final int PUSHDATA1 = 0x4c;

  /** Pushes as many bytes as the next two bytes say. */
  public static final int PUSHDATA2 = 0x4d;

  /** Pushes as many bytes as the next four bytes say. */
  public static final int PUSHDATA4 = 0x4e;

  public static final int OP_1NEGATE = 0x4f;
  public static final int RESERVED = 0x50;
  public static final int OP_1 = 0x51;
  public static final int OP_16 = 0x60;
  public static final int NOP = 0x61;
  public static final int VER = 0x62;
  public static final int IF = 0x63;
  public static final int NOTIF = 0x64;
  public static final int VERIF = 0x65;
  public static final int VERNOTIF = 0x66;
  public static final int ELSE = 0x67;
  public static final int ENDIF = 0x68;
  public static final int VERIFY = 0x69;
  public static final int RETURN = 0x6a;
  public static final int TOALTSTACK = 0x6b;
  public static final int FROMALTSTACK = 0x6c;
  public static final int OP_2DROP = 0x6d;
  public static final int OP_2DUP = 0x6e;
  public static final int OP_3DUP = 0x6f;
  public static final int OP_2OVER = 0x70;
  public static final int OP_2ROT = 0x71;
  public static final int OP_2SWAP = 0x72;
  public static final int IFDUP = 0x73;
  public static final int DEPTH = 0x74;
  public static final int DROP = 0x75;
  public static final int DUP = 0x76;
  public static final int NIP = 0x77;
  public static final int OVER = 0x78;
  public static final int PICK = 0x79;
  public static final int ROLL = 0x7a;
  public static final int ROT = 0x7b;
  public static final int SWAP = 0x7c;
  public static final int TUCK = 0x7d;
  public static final int CAT = 0x7e;
  public static final int SUBSTR = 0x7f;
  public static final int LEFT = 0x80;
  public static final int RIGHT = 0x81;
  public static final int SIZE = 0x82;
  public static final int INVERT = 0x83;
  public static final int AND = 0x84;
  public static final int OR = 0x85;
  public static final int XOR = 0x86;
  public static final int EQUAL = 0x87;
  public static final int EQUALVERIFY = 0x88;
  public static final int RESERVED1 = 0x89;
  public static final int RESERVED2 = 0x8a;
  public static final int OP_1ADD = 0x8b;
  public static final int OP_1SUB = 0x8c;
  public static final int OP_2MUL = 0x8d;
  public static final int OP_2DIV = 0x8e;
  public static final int NEGATE = 0x8f;
  public static final int ABS = 0x90;
  public static final int NOT = 0x91;
  public static final int OP_0NOTEQUAL = 0x92;
  public static final int ADD = 0x93;
  public static final int SUB = 0x94;
  public static final int MUL = 0x95;
  public static final int DIV = 0x96;
  public static final int MOD = 0x97;
  public static final int LSHIFT = 0x98;
  public static final int RSHIFT = 0x99;
  public static final int BOOLAND = 0x9a;
  public static final int BOOLOR = 0x9b;
  public static final int NUMEQUAL = 0x9c;
  public static final int NUMEQUALVERIFY = 0x9d;
  public static final int NUMNOTEQUAL = 0x9e;
  public static final int LESSTHAN = 0x9f;
  public static final int GREATERTHAN = 0xa0;
  public static final int LESSTHANOREQUAL = 0xa1;
  public static final int GREATERTHANOREQUAL = 0xa2;
  public static final int MIN = 0xa3;
  public static final int MAX = 0xa4;
  public static final int WITHIN = 0xa5;
  public static final int RIPEMD160 = 0xa6;
  public static final int SHA1 = 0xa7;
  public static final int SHA256 = 0xa8;
  public static final int HASH160 = 0xa9;
  public static final int HASH256 = 0xaa;
  public static final int CODESEPARATOR = 0xab;
  public static final int CHECKSIG = 0xac;
  public static final int CHECKSIGVERIFY = 0xad;
  public static final int CHECKMULTISIG = 0xae;
  public static final int CHECKMULTISIGVERIFY = 0xaf;
  public static final int NOP1 = 0xb0;
  public static final int CHECKLOCKTIMEVERIFY = 0xb1;
  public static final int CHECKSEQUENCEVERIFY = 0xb2;
  public static final int NOP4 = 0xb3;
  public static final int NOP10 = 0xb9;

  /** Only in tapscript (BIP342). */
  public static final int CHECKSIGADD = 0xba;

  private Opcode() {}

  /** True if tapscript lets everything pass where this operation stands (BIP342). */
  public static boolean isSuccess(int opcode) {
    return opcode == RESERVED
        || opcode == VER
        || (opcode >= CAT && opcode <= RIGHT)
        || (opcode >= INVERT && opcode <= XOR)
        || opcode == RESERVED1
        || opcode == RESERVED2
        || opcode == OP_2MUL
        || opcode == OP_2DIV
        || (opcode >= MUL && opcode <= RSHIFT)
        || (opcode > CHECKSIGADD && opcode < 0xff);
  }

  /** True if the operation fails a script of the older kinds wherever it stands (CVE-2010-5137). */
  public static boolean isDisabled(int opcode) {
    return (opcode >= CAT && opcode <= RIGHT)
        || (opcode >= INVERT && opcode <= XOR)
        || opcode == OP_2MUL
        || opcode == OP_2DIV
        || (opcode >= MUL && opcode <= RSHIFT);
  }
}
