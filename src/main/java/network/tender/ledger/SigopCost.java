package network.tender.ledger;

import java.util.List;
import network.tender.chain.Script;
import network.tender.chain.Transaction;

/**
 * Signature operation cost (BIP141) of transactions that spend native segwit coins; no others are
 * accepted.
 */
final class SigopCost {
  static final int OP_16 = 0x60;

  private static final int OP_PUSHDATA1 = 0x4c;
  private static final int OP_PUSHDATA2 = 0x4d;
  private static final int OP_PUSHDATA4 = 0x4e;
  private static final int OP_CHECKSIG = 0xac;
  private static final int OP_CHECKSIGVERIFY = 0xad;
  private static final int OP_CHECKMULTISIG = 0xae;
  private static final int OP_CHECKMULTISIGVERIFY = 0xaf;

  /** What CHECKMULTISIG counts where its keys are not counted. */
  private static final int MULTISIG_KEYS = 20;

  private SigopCost() {}

  /** The cost of a transaction, given the coins it spends; none for a coinbase. */
  static int of(Transaction transaction, List<Coin> coins) {
    int legacy = 0;
    for (int i = 0; i < transaction.outputCount(); i++) {
      legacy += legacy(transaction.script(i));
    }
    for (int i = 0; i < transaction.inputCount(); i++) {
      Script script = transaction.scriptSig(i);
      if (!script.isEmpty()) {
        legacy += legacy(script);
      }
    }
    int cost = legacy * Transaction.WITNESS_SCALE;
    for (int i = 0; i < coins.size(); i++) {
      if (coins.get(i).script().type() == Script.Type.P2WPKH) {
        cost++;
      }
    }
    return cost;
  }

  /** The operations in a script as Core counts them where it does not look at the keys. */
  static int legacy(Script script) {
    switch (script.type()) {
      case P2WPKH, P2WSH, P2TR, P2SH, EMPTY -> {
        return 0;
      }
      default -> {}
    }
    int count = 0;
    int at = 0;
    while (at < script.length()) {
      int opcode = script.byteAt(at);
      switch (opcode) {
        case OP_CHECKSIG, OP_CHECKSIGVERIFY -> count++;
        case OP_CHECKMULTISIG, OP_CHECKMULTISIGVERIFY -> count += MULTISIG_KEYS;
        default -> {}
      }
      int length = pushLength(script, at);
      if (length < 0) {
        break;
      }
      at += length;
    }
    return count;
  }

  /** Bytes of the operation at a place with the data it pushes; -1 if they are cut off. */
  static int pushLength(Script script, int at) {
    int opcode = script.byteAt(at);
    int sizeBytes =
        switch (opcode) {
          case OP_PUSHDATA1 -> 1;
          case OP_PUSHDATA2 -> 2;
          case OP_PUSHDATA4 -> 4;
          default -> 0;
        };
    if (at + 1 + sizeBytes > script.length()) {
      return -1;
    }
    long size = opcode < OP_PUSHDATA1 ? opcode : 0;
    for (int i = 0; i < sizeBytes; i++) {
      size |= (long) script.byteAt(at + 1 + i) << (8 * i);
    }
    long length = 1 + sizeBytes + size;
    return at + length > script.length() ? -1 : (int) length;
  }
}
