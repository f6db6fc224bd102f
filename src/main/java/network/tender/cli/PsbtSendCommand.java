package network.tender.cli;

import java.util.List;
import java.util.Optional;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;
import network.tender.script.Curve;
import network.tender.script.ScriptVerdict;
import network.tender.script.TransferVerifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Sends a signed PSBT's transfer. */
@Command(
    name = "send",
    mixinStandardHelpOptions = true,
    description = {
      "Check a signed PSBT, send its transfer and wait until it is settled.",
      "If the outcome stays unknown, run the same command again: it sends the same transfer, so"
          + " nothing is paid twice."
    })
final class PsbtSendCommand extends NodeOperation {
  @Mixin private PsbtInput input = new PsbtInput();
  @Mixin private FeeLimit feeLimit = new FeeLimit();
  @Mixin private Sending sending = new Sending();

  PsbtSendCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    PsbtDocument document = input.read(terminal());
    Transaction transfer = document.finish();
    List<TransferOutput> spent =
        document
            .allSpent()
            .orElseThrow(
                () ->
                    new CommandFailure(
                        "psbt-amount-unproved",
                        "The PSBT does not say what its inputs spend, so its fee and signatures"
                            + " can't be checked; ask for one that does."));
    // Also proves the amounts, which are signed.
    ScriptVerdict verdict =
        new TransferVerifier(Curve.load(Curve.Provider.AUTO)).verify(transfer, spent);
    if (verdict instanceof ScriptVerdict.Invalid invalid) {
      throw new CommandFailure(
          "psbt-bad-signature",
          "The signature of input "
              + invalid.input()
              + " is not valid ("
              + invalid.error().text()
              + "); nothing was sent. Sign it again.");
    }
    long fee = 0;
    for (TransferOutput output : spent) {
      fee = Math.addExact(fee, output.amount().sat());
    }
    for (int i = 0; i < transfer.outputCount(); i++) {
      fee = Math.subtractExact(fee, transfer.outputSat(i));
    }
    feeLimit
        .refuse(fee, transfer.virtualSize())
        .ifPresent(
            failure -> {
              throw failure;
            });
    NodeClient node = nodeClient();
    sending.demandReceiptFile(node);
    checkNetwork(document, node);

    long begin = System.nanoTime();
    NodeClient.SendOutcome outcome = sending.send(node, transfer, document.network());
    if (outcome instanceof NodeClient.SendOutcome.Unknown unknown) {
      throw Sending.outcomeUnknown(transfer, unknown);
    }
    if (outcome instanceof NodeClient.SendOutcome.Refused refused) {
      throw new CommandFailure(refused.code(), "Not paid: " + refused.detail());
    }
    NodeClient.SendOutcome.Settled settled = (NodeClient.SendOutcome.Settled) outcome;
    Answer answer = sending.settled(transfer, settled.answer(), begin, this::note);
    answer.json().put("feeSat", fee);
    return answer;
  }

  private static void checkNetwork(PsbtDocument document, NodeClient node) {
    if (node.isPlainEsplora()) {
      // It does not say which network it serves, but that it is there.
      node.genesis();
      return;
    }
    Optional<String> named = document.network();
    if (named.isEmpty()) {
      return;
    }
    String served = node.network().name();
    if (!named.get().equals(served)) {
      throw new CommandFailure(
          "wrong-network",
          "The PSBT is for network " + named.get() + " but the node serves " + served + ".");
    }
  }
}
