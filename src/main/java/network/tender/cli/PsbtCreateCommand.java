package network.tender.cli;

import java.util.List;
import java.util.Optional;
import network.tender.chain.Transaction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Plans a payment and writes down all that its signer has to know. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    description = {
      "Make a PSBT that pays an address or a payment URI; nothing is signed or sent.",
      "The wallet may be one that only watches. Two PSBTs made one after the other may spend the"
          + " same coins, so that only one of them can be settled."
    })
final class PsbtCreateCommand extends WalletOperation {
  @Mixin private PaymentTarget target = new PaymentTarget();
  @Mixin private FeeRate feeRate = new FeeRate();
  @Mixin private FeeLimit feeLimit = new FeeLimit();
  @Mixin private GapLimit gapLimit = new GapLimit();
  @Mixin private PsbtOutput output = new PsbtOutput();

  PsbtCreateCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    target.check();
    WalletFile.Content content = walletFile().read();
    NodeClient node = nodeClient();
    NetworkFacts facts = networkOf(node, content);
    PaymentOrder order = target.order(facts);
    WalletKeys keys = WalletKeys.of(content);
    WalletScan scan = WalletScan.run(node, keys, content, gapLimit);
    // Not remembered: an address that no payment follows would only widen the gap.
    int changeIndex = Math.max(content.nextChange(), scan.nextUnused(true));
    PaymentPlan plan =
        PaymentPlan.of(
            order, scan.coins(), keys, changeIndex, feeRate.satPerVbyte(node, facts), feeLimit);
    List<Transaction> previous =
        PreviousTransactions.areNeeded(keys) ? PreviousTransactions.proving(node, plan) : List.of();
    PsbtDocument document = PsbtDocument.of(plan, keys, previous, content.network());
    PsbtReview review =
        PsbtReview.of(document, Optional.of(keys), Optional.of(content.network()), feeLimit);
    review.demandSound();
    return output.write(
        document,
        review.json(facts, Optional.of(keys)),
        review.text(facts, Optional.of(keys)),
        this::note);
  }
}
