package network.tender.ledger;

import java.util.List;
import java.util.Optional;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The rules about how a transfer spends its coins that need no script to be run: Core's policy for
 * its mempool, here a rule of the ledger, because each takes away something that a third party
 * could change in a transfer or make the network work for (BIP54, AreInputsStandard,
 * IsWitnessStandard).
 */
final class InputRules {
  private static final int MAX_EXECUTED_SIGOPS = 2_500;
  private static final int MAX_REDEEM_SIGOPS = 15;
  private static final int MAX_WITNESS_SCRIPT_BYTES = 3_600;
  private static final int MAX_WITNESS_ITEMS = 100;
  private static final int MAX_WITNESS_ITEM_BYTES = 80;
  private static final int ANNEX_TAG = 0x50;
  private static final int LEAF_MASK = 0xfe;
  private static final int TAPSCRIPT_LEAF = 0xc0;

  private InputRules() {}

  /**
   * Applies them all, in Core's order.
   *
   * @param coins what the inputs spend, in order
   */
  static @Nullable Rejection check(Transaction transfer, List<Coin> coins) {
    Rejection rejection = checkScripts(transfer, coins);
    for (int i = 0; rejection == null && i < coins.size(); i++) {
      if (transfer.witnessCount(i) > 0) {
        rejection = checkWitness(transfer, i, coins.get(i).script());
      }
    }
    return rejection;
  }

  private static @Nullable Rejection checkScripts(Transaction transfer, List<Coin> coins) {
    int executed = SigopCost.executedOutsideWitness(transfer, coins);
    if (executed > MAX_EXECUTED_SIGOPS) {
      return Rejection.of(
          Reason.INPUT_SCRIPT,
          "Its inputs run "
              + executed
              + " signature operations outside the witness, the most is "
              + MAX_EXECUTED_SIGOPS
              + " (BIP54); split it.");
    }
    for (int i = 0; i < coins.size(); i++) {
      Script locking = coins.get(i).script();
      switch (locking.type()) {
        case P2WPKH, P2WSH, P2TR, P2PKH, P2PK, MULTISIG -> {}
        case P2SH -> {
          Optional<Script> redeem = SigopCost.redeemScript(transfer.scriptSig(i));
          if (redeem.isEmpty()) {
            return input(i, "does not push the script behind the script hash");
          }
          if (SigopCost.accurate(redeem.get()) > MAX_REDEEM_SIGOPS) {
            return input(
                i, "has more than " + MAX_REDEEM_SIGOPS + " signature operations in its script");
          }
        }
        case OP_RETURN, EMPTY, UNKNOWN -> {
          return input(i, "spends a coin with a script of no known type");
        }
      }
    }
    return null;
  }

  private static Rejection input(int input, String flaw) {
    return Rejection.of(Reason.INPUT_SCRIPT, "Input " + input + " " + flaw + ".");
  }

  private static @Nullable Rejection checkWitness(Transaction transfer, int input, Script locking) {
    boolean wrapped = locking.type() == Script.Type.P2SH;
    Script program =
        wrapped ? SigopCost.redeemScript(transfer.scriptSig(input)).orElse(Script.EMPTY) : locking;
    return switch (program.type()) {
      case P2WSH -> checkWitnessScript(input, transfer.witness(input));
      case P2TR -> wrapped ? null : checkTaproot(input, transfer.witness(input));
      default ->
          program.witnessVersion() >= 0
              ? null
              : witness(input, "has a witness, which its coin does not ask for");
    };
  }

  private static @Nullable Rejection checkWitnessScript(int input, List<byte[]> witness) {
    int items = witness.size() - 1;
    if (witness.get(items).length > MAX_WITNESS_SCRIPT_BYTES) {
      return witness(input, "has a script of more than " + MAX_WITNESS_SCRIPT_BYTES + " bytes");
    }
    if (items > MAX_WITNESS_ITEMS) {
      return witness(input, "has more than " + MAX_WITNESS_ITEMS + " items in its witness");
    }
    return checkItems(input, witness.subList(0, items));
  }

  private static @Nullable Rejection checkItems(int input, List<byte[]> items) {
    for (byte[] item : items) {
      if (item.length > MAX_WITNESS_ITEM_BYTES) {
        return witness(
            input, "has an item of more than " + MAX_WITNESS_ITEM_BYTES + " bytes in its witness");
      }
    }
    return null;
  }

  private static @Nullable Rejection checkTaproot(int input, List<byte[]> witness) {
    int count = witness.size();
    if (count < 2) {
      return null;
    }
    byte[] last = witness.get(count - 1);
    if (last.length > 0 && last[0] == ANNEX_TAG) {
      return witness(input, "has an annex, which nothing gives a meaning to yet");
    }
    if (last.length == 0) {
      return witness(input, "has an empty control block");
    }
    return (last[0] & LEAF_MASK) == TAPSCRIPT_LEAF
        ? checkItems(input, witness.subList(0, count - 2))
        : null;
  }

  private static Rejection witness(int input, String flaw) {
    return Rejection.of(Reason.WITNESS_NOT_STANDARD, "Input " + input + " " + flaw + ".");
  }
}
