package network.tender.journal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.tender.chain.Block;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Script;
import network.tender.chain.Transaction;
import network.tender.ledger.Coin;

/**
 * What the chain index knows of one block: the positions of its transactions by txid, by the
 * outpoints they spend, and by the scripts they touch. Scripts that nobody can ever spend are left
 * out.
 *
 * @param height the block's height
 * @param transfers position by txid
 * @param spenders position by spent outpoint
 * @param scripts touches, ascending by position, by SHA-256 of the script
 */
record IndexedBlock(
    int height,
    Map<Hash, Integer> transfers,
    Map<Outpoint, Integer> spenders,
    Map<Hash, List<Touch>> scripts) {
  /**
   * What one transaction does to one script.
   *
   * @param position of the transaction
   * @param fundedCount outputs that pay to the script
   * @param fundedSat their sum
   * @param spentCount coins of the script that it spends
   * @param spentSat their sum
   */
  record Touch(int position, int fundedCount, long fundedSat, int spentCount, long spentSat) {
    ScriptTotals totals() {
      return new ScriptTotals(1, fundedCount, fundedSat, spentCount, spentSat);
    }
  }

  static IndexedBlock of(int height, Block block, List<List<Coin>> spent) {
    List<Transaction> transactions = block.transactions();
    Map<Hash, Integer> transfers = new HashMap<>(transactions.size() * 2);
    Map<Outpoint, Integer> spenders = new HashMap<>(transactions.size() * 2);
    Map<Hash, List<Touch>> scripts = new HashMap<>(transactions.size() * 4);
    for (int position = 0; position < transactions.size(); position++) {
      Transaction transaction = transactions.get(position);
      transfers.put(transaction.txid(), position);
      if (!transaction.isCoinbase()) {
        for (int i = 0; i < transaction.inputCount(); i++) {
          spenders.put(transaction.prevout(i), position);
        }
      }
      for (Coin coin : spent.get(position)) {
        touch(scripts, coin.script(), position, 0, 0, 1, coin.amount().sat());
      }
      for (int i = 0; i < transaction.outputCount(); i++) {
        // The genesis block's output never becomes a coin.
        int coins = height == 0 ? 0 : 1;
        long sat = height == 0 ? 0 : transaction.outputSat(i);
        touch(scripts, transaction.script(i), position, coins, sat, 0, 0);
      }
    }
    return new IndexedBlock(height, transfers, spenders, scripts);
  }

  private static void touch(
      Map<Hash, List<Touch>> scripts,
      Script script,
      int position,
      int fundedCount,
      long fundedSat,
      int spentCount,
      long spentSat) {
    if (script.isUnspendable()) {
      return;
    }
    List<Touch> touches = scripts.computeIfAbsent(script.hash(), hash -> new ArrayList<>(1));
    int last = touches.size() - 1;
    if (last < 0 || touches.get(last).position() != position) {
      touches.add(new Touch(position, fundedCount, fundedSat, spentCount, spentSat));
    } else {
      Touch before = touches.get(last);
      touches.set(
          last,
          new Touch(
              position,
              before.fundedCount() + fundedCount,
              before.fundedSat() + fundedSat,
              before.spentCount() + spentCount,
              before.spentSat() + spentSat));
    }
  }

  /** True if a transaction pays to a script or spends from it. */
  static boolean touches(Transaction transaction, List<Coin> spent, Hash scriptHash) {
    for (Coin coin : spent) {
      if (coin.script().hash().equals(scriptHash)) {
        return true;
      }
    }
    for (int i = 0; i < transaction.outputCount(); i++) {
      if (transaction.script(i).hash().equals(scriptHash)) {
        return true;
      }
    }
    return false;
  }

  /** Number of rows that it becomes. */
  int rows() {
    int rows = transfers.size() + spenders.size();
    for (List<Touch> touches : scripts.values()) {
      rows += touches.size();
    }
    return rows;
  }
}
