package network.tender.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import network.tender.chain.Amount;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** How much there is. */
@Command(
    name = "balance",
    mixinStandardHelpOptions = true,
    description = "Print the sum of the wallet's coins.")
final class WalletBalanceCommand extends WalletOperation {
  @Mixin private GapLimit gapLimit = new GapLimit();

  WalletBalanceCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    WalletFile.Content content = walletFile().read();
    NodeClient node = nodeClient();
    NetworkFacts facts = networkOf(node, content);
    WalletKeys keys = WalletKeys.of(content);
    List<WalletCoin> coins = WalletScan.run(node, keys, content, gapLimit).coins();
    Amount settled = Amount.ZERO;
    Amount pending = Amount.ZERO;
    for (WalletCoin coin : coins) {
      if (coin.confirmed()) {
        settled = settled.plus(coin.amount());
      } else {
        pending = pending.plus(coin.amount());
      }
    }
    ObjectNode json =
        Json.object()
            .put("balance", settled.toCoinText())
            .put("balanceSat", settled.sat())
            .put("pendingSat", pending.sat())
            .put("currency", facts.coinCode())
            .put("coins", coins.size());
    String text = settled.toCoinText() + " " + facts.coinCode();
    if (!pending.isZero()) {
      text += " (and " + pending.toCoinText() + " not settled yet)";
    }
    return Answer.of(json, text);
  }
}
