package network.tender.script;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import network.tender.chain.OpReader;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.chain.TransferInput;
import network.tender.chain.TransferOutput;

/**
 * An input that two judges do not agree about.
 *
 * @param ours what this node says, or a judge that is made to be wrong in its place
 * @param theirs what the other program says
 */
record Disagreement(
    Transaction transaction,
    List<TransferOutput> spent,
    int input,
    ScriptFlags flags,
    ScriptJudge.Opinion ours,
    ScriptJudge.Opinion theirs) {
  /** Puts an input to two judges; empty if they agree. */
  static Optional<Disagreement> between(
      ScriptJudge ours,
      ScriptJudge theirs,
      Transaction transaction,
      List<TransferOutput> spent,
      int input,
      ScriptFlags flags) {
    ScriptJudge.Opinion first = ours.judge(transaction, spent, input, flags);
    ScriptJudge.Opinion second = theirs.judge(transaction, spent, input, flags);
    return first.valid() == second.valid()
        ? Optional.empty()
        : Optional.of(new Disagreement(transaction, spent, input, flags, first, second));
  }

  /** True if only we let it pass, and the other's words are these. */
  boolean onlyTheyRefuse(String words) {
    return ours.valid() && theirs.text().contains(words);
  }

  /** True if only they let it pass, and we refuse it for this. */
  boolean onlyWeRefuse(ScriptError... errors) {
    return theirs.valid() && ours.error().filter(List.of(errors)::contains).isPresent();
  }

  /** True if we let it pass by the same rules without some. */
  boolean isValidWithout(ScriptFlag... fewer) {
    return ScriptJudge.interpreter().judge(transaction, spent, input, flagsWithout(fewer)).valid();
  }

  private ScriptFlags flagsWithout(ScriptFlag... fewer) {
    EnumSet<ScriptFlag> left = EnumSet.noneOf(ScriptFlag.class);
    left.addAll(flags.flags());
    left.removeAll(List.of(fewer));
    return ScriptFlags.of(left);
  }

  /** True if we let it pass with another signature script, by the same rules without some. */
  boolean isValidWith(Script scriptSig, ScriptFlag... fewer) {
    List<TransferInput> inputs = new ArrayList<>();
    for (int i = 0; i < transaction.inputCount(); i++) {
      inputs.add(
          new TransferInput(
              transaction.prevout(i),
              i == input ? scriptSig : transaction.scriptSig(i),
              transaction.sequence(i),
              transaction.witness(i)));
    }
    List<TransferOutput> outputs = new ArrayList<>();
    for (int i = 0; i < transaction.outputCount(); i++) {
      outputs.add(transaction.output(i));
    }
    Transaction changed =
        Transaction.build(transaction.version(), inputs, outputs, transaction.lockTime());
    return ScriptJudge.interpreter().judge(changed, spent, input, flagsWithout(fewer)).valid();
  }

  Script locking() {
    return spent.get(input).script();
  }

  Script scriptSig() {
    return transaction.scriptSig(input);
  }

  List<byte[]> witness() {
    return transaction.witness(input);
  }

  /** The script behind a script hash. */
  Optional<Script> redeemScript() {
    List<byte[]> pushes = pushes(scriptSig());
    return locking().type() == Script.Type.P2SH && !pushes.isEmpty()
        ? Optional.of(Script.of(pushes.get(pushes.size() - 1)))
        : Optional.empty();
  }

  /** The script or the script behind its hash. */
  Script program() {
    return redeemScript().orElse(locking());
  }

  /** All scripts that this input may run. */
  List<Script> scripts() {
    List<Script> scripts = new ArrayList<>(List.of(scriptSig(), locking()));
    redeemScript().ifPresent(scripts::add);
    witness().forEach(item -> scripts.add(Script.of(item)));
    return scripts;
  }

  /** All items that may come onto the stack as they are. */
  List<byte[]> items() {
    return Stream.concat(
            witness().stream(), scripts().stream().flatMap(script -> pushes(script).stream()))
        .toList();
  }

  boolean anyScriptHas(int opcode) {
    for (Script script : scripts()) {
      OpReader reader = new OpReader(script);
      while (reader.next()) {
        if (reader.opcode() == opcode) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<byte[]> pushes(Script script) {
    List<byte[]> pushes = new ArrayList<>();
    OpReader reader = new OpReader(script);
    while (reader.next()) {
      if (reader.isData()) {
        pushes.add(reader.data());
      }
    }
    return pushes;
  }

  boolean isAnchor(Script script) {
    return Arrays.equals(script.toBytes(), new byte[] {0x51, 2, 0x4e, 0x73});
  }

  @Override
  public String toString() {
    return "ours: %s, theirs: %s, input %d of %s spends %s by %s"
        .formatted(
            ours.text(),
            theirs.text(),
            input,
            HexFormat.of().formatHex(transaction.toBytes()),
            spent,
            flags);
  }
}
