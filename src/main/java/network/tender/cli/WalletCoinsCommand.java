package network.tender.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What the balance is made of. */
@Command(
    name = "coins",
    mixinStandardHelpOptions = true,
    description = "List the wallet's unspent coins, the largest first.")
final class WalletCoinsCommand extends WalletOperation {
  @Mixin private GapLimit gapLimit = new GapLimit();

  WalletCoinsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    WalletFile.Content content = walletFile().read();
    NodeClient node = nodeClient();
    NetworkFacts facts = networkOf(node, content);
    WalletKeys keys = WalletKeys.of(content);
    List<WalletCoin> coins =
        WalletScan.run(node, keys, content, gapLimit).coins().stream()
            .sorted(
                Comparator.comparing(WalletCoin::amount)
                    .reversed()
                    .thenComparing(coin -> coin.outpoint().toString()))
            .toList();
    ObjectNode json = Json.object().put("currency", facts.coinCode());
    ArrayNode list = json.putArray("coins");
    StringBuilder text = new StringBuilder();
    for (WalletCoin coin : coins) {
      String address = facts.addressOf(keys.script(coin.key()));
      list.addObject()
          .put("txid", coin.outpoint().txid().toString())
          .put("vout", coin.outpoint().index())
          .put("amount", coin.amount().toCoinText())
          .put("amountSat", coin.amount().sat())
          .put("address", address)
          .put("path", keys.origin(coin.key()).toString())
          .put("settled", coin.confirmed());
      text.append(
          String.format(
              "%18s  %-11s  %-7s  %s  %s%n",
              coin.amount().toCoinText(),
              coin.confirmed() ? "settled" : "not settled",
              coin.key(),
              address,
              coin.outpoint()));
    }
    return Answer.of(json, coins.isEmpty() ? "No coins yet." : text.toString().stripTrailing());
  }
}
