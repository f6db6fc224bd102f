package network.tender.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import network.tender.chain.Hash;
import network.tender.chain.Transaction;

/**
 * The transactions that made a payment's coins. They prove what the coins are worth, whatever a
 * server says: a segwit version 0 signature is over its own input's amount only, so that two
 * signatures made for amounts that are too low, each time those of other inputs, go together into a
 * transfer with a fee that nobody meant. Taproot's signatures are over all inputs' amounts.
 */
final class PreviousTransactions {
  private PreviousTransactions() {}

  /** True if the wallet's signatures alone would not prove the fee. */
  static boolean areNeeded(WalletKeys keys) {
    return keys.kind() != ScriptKind.BIP86;
  }

  /**
   * Asks for the transactions of a plan's coins, in the inputs' order, each once.
   *
   * @throws CommandFailure if one of them contradicts what the plan is made of
   */
  static List<Transaction> proving(NodeClient node, PaymentPlan plan) {
    Map<Hash, Future<Transaction>> asked = new HashMap<>();
    List<Future<Transaction>> coming = new ArrayList<>();
    List<Transaction> previous = new ArrayList<>();
    ExecutorService pool = WalletScan.newPool();
    try {
      for (WalletCoin coin : plan.coins()) {
        coming.add(
            asked.computeIfAbsent(
                coin.outpoint().txid(), txid -> pool.submit(() -> node.transaction(txid))));
      }
      coming.forEach(transaction -> previous.add(WalletScan.result(transaction)));
    } finally {
      pool.shutdownNow();
    }
    for (int i = 0; i < previous.size(); i++) {
      WalletCoin coin = plan.coins().get(i);
      int index = coin.outpoint().index();
      if (index < 0
          || index >= previous.get(i).outputCount()
          || !previous.get(i).output(index).equals(plan.spent().get(i))) {
        throw new CommandFailure(
            "unexpected-answer",
            "The server contradicts itself about coin " + coin.outpoint() + "; ask another one.");
      }
    }
    return previous;
  }
}
