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
    return judgeScripts(transfer, spent, ScriptFlags.STANDARD, ScriptBudget.ofTransfer());
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
    return rejection == null
        ? judgeScripts(transaction, spent, flags, ScriptBudget.unlimited())
        : Optional.of(rejection);
  }

  private Optional<Rejection> judgeScripts(
      Transaction transaction,
      Map<Outpoint, TransferOutput> spent,
      ScriptFlags flags,
      ScriptBudget budget) {
    List<TransferOutput> outputs = new ArrayList<>(transaction.inputCount());
    for (int i = 0; i < transaction.inputCount(); i++) {
      TransferOutput output = spent.get(transaction.prevout(i));
      if (output == null) {
        return Optional.of(
            Rejection.of(
                Reason.UNKNOWN_COIN,
                "Input " + i + " spends " + transaction.prevout(i) + ", which is not given."));
      }
      outputs.add(output);
    }
    ScriptVerdict verdict = verifier.verify(transaction, outputs, flags, budget);
    return verdict instanceof ScriptVerdict.Invalid invalid
        ? Optional.of(Rejection.script(invalid))
        : Optional.empty();
  }
}
