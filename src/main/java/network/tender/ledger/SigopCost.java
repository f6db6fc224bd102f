package network.tender.ledger;

import java.util.List;
import java.util.Optional;
import network.tender.chain.OpReader;
import network.tender.chain.Opcode;
import network.tender.chain.Script;
import network.tender.chain.Transaction;

/** Signature operations of transactions, counted as Core counts them (tx_verify.cpp, BIP141). */
final class SigopCost {
  /** What CHECKMULTISIG counts where its keys are not counted. */
  private static final int MULTISIG_KEYS = 20;

  private SigopCost() {}

  /**
   * The cost of a transaction, given the coins it spends; none for a coinbase. Operations outside
   * the witness cost four times as much (Core: GetTransactionSigOpCost).
   */
  static int of(Transaction transaction, List<Coin> coins) {
    long cost = (long) legacy(transaction) * Transaction.WITNESS_SCALE;
    for (int i = 0; i < coins.size(); i++) {
      Script locking = coins.get(i).script();
      Script program = locking;
      if (locking.type() == Script.Type.P2SH) {
        Optional<Script> redeem = redeemScript(transaction.scriptSig(i));
        if (redeem.isEmpty()) {
          continue;
        }
        cost += (long) accurate(redeem.get()) * Transaction.WITNESS_SCALE;
        program = redeem.get();
      }
      cost += ofWitness(program, transaction, i);
    }
    return (int) Math.min(cost, Integer.MAX_VALUE);
  }

  private static int ofWitness(Script program, Transaction transaction, int input) {
    return switch (program.type()) {
      case P2WPKH -> 1;
      case P2WSH -> {
        List<byte[]> witness = transaction.witness(input);
        yield witness.isEmpty() ? 0 : accurate(Script.of(witness.get(witness.size() - 1)));
      }
      default -> 0;
    };
  }

  /** Operations in all scripts that stand in a transaction itself (Core: GetLegacySigOpCount). */
  static int legacy(Transaction transaction) {
    int count = 0;
    for (int i = 0; i < transaction.outputCount(); i++) {
      count += legacy(transaction.script(i));
    }
    for (int i = 0; i < transaction.inputCount(); i++) {
      Script script = transaction.scriptSig(i);
      if (!script.isEmpty()) {
        count += count(script, false);
      }
    }
    return count;
  }

  /** The operations in a script where Core does not look at the keys of CHECKMULTISIG. */
  static int legacy(Script script) {
    return switch (script.type()) {
      case P2WPKH, P2WSH, P2TR, P2SH, EMPTY -> 0;
      case P2PK, P2PKH, MULTISIG, OP_RETURN, UNKNOWN -> count(script, false);
    };
  }

  /** The operations in a script with the keys of CHECKMULTISIG where they are known. */
  static int accurate(Script script) {
    return count(script, true);
  }

  /**
   * The operations of scripts outside the witness that are run when a transaction spends its coins
   * (BIP54).
   */
  static int executedOutsideWitness(Transaction transaction, List<Coin> coins) {
    int count = 0;
    for (int i = 0; i < coins.size(); i++) {
      Script unlocking = transaction.scriptSig(i);
      Script locking = coins.get(i).script();
      count += accurate(unlocking);
      count +=
          locking.type() == Script.Type.P2SH
              ? redeemScript(unlocking).map(SigopCost::accurate).orElse(0)
              : accurate(locking);
    }
    return count;
  }

  /**
   * What a signature script pushes last: the script behind a script hash. Empty if it does more
   * than push data, or pushes nothing.
   */
  static Optional<Script> redeemScript(Script unlocking) {
    if (unlocking.isEmpty() || !OpReader.isPushOnly(unlocking)) {
      return Optional.empty();
    }
    OpReader reader = new OpReader(unlocking);
    byte[] last = {};
    while (reader.next()) {
      int opcode = reader.opcode();
      last =
          reader.isData()
              ? reader.data()
              : opcode == Opcode.OP_1NEGATE
                  ? new byte[] {(byte) 0x81}
                  : new byte[] {(byte) (opcode - Opcode.RESERVED)};
    }
    return Optional.of(Script.of(last));
  }

  private static int count(Script script, boolean accurate) {
    int count = 0;
    int before = -1;
    OpReader reader = new OpReader(script);
    while (reader.next()) {
      int opcode = reader.opcode();
      switch (opcode) {
        case Opcode.CHECKSIG, Opcode.CHECKSIGVERIFY -> count++;
        case Opcode.CHECKMULTISIG, Opcode.CHECKMULTISIGVERIFY -> {
          boolean known = accurate && before >= Opcode.OP_1 && before <= Opcode.OP_16;
          count += known ? before - Opcode.OP_1 + 1 : MULTISIG_KEYS;
        }
        default -> {}
      }
      before = opcode;
    }
    return count;
  }
}
