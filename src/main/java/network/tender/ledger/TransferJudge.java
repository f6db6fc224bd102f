package network.tender.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.script.ScriptBudget;
import network.tender.script.ScriptFlags;
import network.tender.script.ScriptVerdict;
import network.tender.script.TransferVerifier;
import org.jspecify.annotations.Nullable;

/**
 * Judges one transfer by itself, given the outputs it spends: every rule that needs neither the
 * chain nor other pending transfers. Not among them are locks by height and time, maturity, the fee
 * floor and double spends. Immutable; safe for any thread.
 */
public final class TransferJudge {
  private final Rules rules;
  private final TransferVerifier verifier;

  /** A judge by a network's rules. */
  public TransferJudge(Rules rules, TransferVerifier verifier) {
    this.rules = rules;
    this.verifier = verifier;
  }

  /**
   * Judges by all that the ledger asks of a transfer.
   *
   * @param spent the outputs it may spend; others than it spends do no harm
   * @return why it is refused; empty if it is not
   */
  public Optional<Rejection> judge(Transaction transfer, Map<Outpoint, TransferOutput> spent) {
    Optional<Rejection> rejection = rules.checkContextFree(transfer);
    if (rejection.isPresent()) {
      return rejection;
    }
    return judgeSpends(transfer, spent);
  }

  private Optional<Rejection> judgeSpends(
      Transaction transfer, Map<Outpoint, TransferOutput> spent) {
    List<TransferOutput> outputs = new ArrayList<>(transfer.inputCount());
    Rejection rejection = find(transfer, spent, outputs);
    if (rejection != null) {
      return Optional.of(rejection);
    }
    List<Coin> coins = new ArrayList<>(outputs.size());
    for (TransferOutput output : outputs) {
      coins.add(new Coin(output.amount(), output.script(), 0, false));
    }
    rejection = InputRules.check(transfer, coins);
    if (rejection == null) {
      rejection = rules.checkSigops(transfer, coins);
    }
    return rejection == null
        ? judgeScripts(transfer, outputs, ScriptFlags.STANDARD, ScriptBudget.ofTransfer())
        : Optional.of(rejection);
  }

  /**
   * Judges by the structure of a transaction and a set of script rules alone, as Bitcoin Core's own
   * test vectors are judged: a coinbase passes too.
   *
   * @param spent the outputs it may spend; others than it spends do no harm
   * @return why it is refused; empty if it is not
   */
  public Optional<Rejection> judge(
      Transaction transaction, Map<Outpoint, TransferOutput> spent, ScriptFlags flags) {
    Rejection rejection = Rules.checkStructure(transaction);
    List<TransferOutput> outputs = new ArrayList<>(transaction.inputCount());
    if (rejection == null) {
      rejection = find(transaction, spent, outputs);
    }
    return rejection == null
        ? judgeScripts(transaction, outputs, flags, ScriptBudget.unlimited())
        : Optional.of(rejection);
  }

  private static @Nullable Rejection find(
      Transaction transaction, Map<Outpoint, TransferOutput> spent, List<TransferOutput> found) {
    for (int i = 0; i < transaction.inputCount(); i++) {
      TransferOutput output = spent.get(transaction.prevout(i));
      if (output == null) {
        return Rejection.of(
            Reason.UNKNOWN_COIN,
            "Input " + i + " spends " + transaction.prevout(i) + ", which is not given.");
      }
      found.add(output);
    }
    return null;
  }

  private Optional<Rejection> judgeScripts(
      Transaction transaction, List<TransferOutput> spent, ScriptFlags flags, ScriptBudget budget) {
    ScriptVerdict verdict = verifier.verify(transaction, spent, flags, budget);
    return verdict instanceof ScriptVerdict.Invalid invalid
        ? Optional.of(Rejection.script(invalid))
        : Optional.empty();
  }
}
