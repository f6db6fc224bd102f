package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Signs what belongs to a wallet, if nothing is suspicious. */
@Command(
    name = "sign",
    mixinStandardHelpOptions = true,
    description = {
      "Sign a PSBT with the wallet's keys; no node is asked.",
      "It is refused if its fee is absurd or not proved, if an output is falsely said to come back,"
          + " if it is for another network, or if less than the whole transfer would be signed."
    })
final class PsbtSignCommand extends AnsweringCommand {
  @Option(
      names = "--wallet",
      required = true,
      paramLabel = "FILE",
      description = "The wallet that has the keys; only its owner may be able to read its file.")
  private Path wallet = Path.of("");

  @Mixin private PsbtInput input = new PsbtInput();
  @Mixin private FeeLimit feeLimit = new FeeLimit();
  @Mixin private PsbtOutput output = new PsbtOutput();

  PsbtSignCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    WalletFile.Content content = new WalletFile(wallet).read();
    WalletKeys keys = WalletKeys.of(content);
    if (!keys.canSign()) {
      throw new CommandFailure(
          "watch-only", "This wallet only watches; sign with the wallet that has the keys.");
    }
    PsbtDocument document = input.read(terminal());
    PsbtReview review =
        PsbtReview.of(document, Optional.of(keys), Optional.of(content.network()), feeLimit);
    PsbtDocument result = review.sign(keys);
    NetworkFacts facts = NetworkFacts.ofWallet(content.network(), content.hrp());
    PsbtReview after =
        PsbtReview.of(result, Optional.of(keys), Optional.of(content.network()), feeLimit);
    ObjectNode json = after.json(facts, Optional.of(keys)).put("signedInputs", review.signable());
    return output.write(result, json, after.text(facts, Optional.of(keys)), this::note);
  }
}
