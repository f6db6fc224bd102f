package network.tender.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import network.tender.chain.Amount;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What came and went. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = "List the wallet's transfers, newest first.")
final class WalletHistoryCommand extends WalletOperation {
  @Mixin private GapLimit gapLimit = new GapLimit();

  WalletHistoryCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Answer answer() {
    WalletFile.Content content = walletFile().read();
    NodeClient node = nodeClient();
    NetworkFacts facts = networkOf(node, content);
    WalletKeys keys = WalletKeys.of(content);
    List<WalletScan.Entry> entries = WalletScan.run(node, keys, content, gapLimit).history();
    ObjectNode json = Json.object();
    ArrayNode list = json.put("currency", facts.coinCode()).putArray("transfers");
    StringBuilder text = new StringBuilder();
    for (WalletScan.Entry entry : entries) {
      ObjectNode line = list.addObject().put("txid", entry.txid());
      boolean settled = entry.height() >= 0;
      if (settled) {
        line.put("height", entry.height()).put("time", entry.timeSeconds());
      }
      line.put("settled", settled);
      line.put("amount", signedCoins(entry.deltaSat())).put("amountSat", entry.deltaSat());
      line.put("feeSat", entry.feeSat());
      text.append(
          String.format(
              "%-20s  %10s  %18s  %s%n",
              settled ? Instant.ofEpochSecond(entry.timeSeconds()).toString() : "not settled",
              settled ? "#" + entry.height() : "",
              signedCoins(entry.deltaSat()),
              entry.txid()));
    }
    return Answer.of(
        json, entries.isEmpty() ? "No transfers yet." : text.toString().stripTrailing());
  }

  private static String signedCoins(long sat) {
    String coins = Amount.ofSat(Math.abs(sat)).toCoinText();
    return sat < 0 ? "-" + coins : "+" + coins;
  }
}
