package network.tender.cli;

import java.nio.file.Path;
import java.util.Optional;
import network.tender.chain.Network;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what a PSBT does. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = {
      "Say what a PSBT does, and why 'psbt sign' would refuse it; no node is asked.",
      "With a wallet it is proved which outputs come back to it."
    })
final class PsbtShowCommand extends AnsweringCommand {
  @Mixin private PsbtInput input = new PsbtInput();
  @Mixin private FeeLimit feeLimit = new FeeLimit();

  @Option(
      names = "--wallet",
      paramLabel = "FILE",
      description = "The wallet that may sign it; one that only watches will do.")
  private Optional<Path> wallet = Optional.empty();

  PsbtShowCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    Optional<WalletFile.Content> content = wallet.map(path -> new WalletFile(path).read());
    Optional<WalletKeys> keys = content.map(WalletKeys::of);
    PsbtDocument document = input.read(terminal());
    PsbtReview review =
        PsbtReview.of(document, keys, content.map(WalletFile.Content::network), feeLimit);
    NetworkFacts facts =
        content
            .map(known -> NetworkFacts.ofWallet(known.network(), known.hrp()))
            .orElseGet(() -> NetworkFacts.of(Network.regtest()));
    return Answer.of(review.json(facts, keys), review.text(facts, keys));
  }
}
