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
 * @param scripts positions, ascending, by SHA-256 of the script
 */
record IndexedBlock(
    int height,
    Map<Hash, Integer> transfers,
    Map<Outpoint, Integer> spenders,
    Map<Hash, List<Integer>> scripts) {

  static IndexedBlock of(int height, Block block, List<List<Coin>> spent) {
    List<Transaction> transactions = block.transactions();
    Map<Hash, Integer> transfers = new HashMap<>(transactions.size() * 2);
    Map<Outpoint, Integer> spenders = new HashMap<>(transactions.size() * 2);
    Map<Hash, List<Integer>> scripts = new HashMap<>(transactions.size() * 4);
    for (int position = 0; position < transactions.size(); position++) {
      Transaction transaction = transactions.get(position);
      transfers.put(transaction.txid(), position);
      if (!transaction.isCoinbase()) {
        for (int i = 0; i < transaction.inputCount(); i++) {
          spenders.put(transaction.prevout(i), position);
        }
      }
      for (Coin coin : spent.get(position)) {
        touch(scripts, coin.script(), position);
      }
      for (int i = 0; i < transaction.outputCount(); i++) {
        touch(scripts, transaction.script(i), position);
      }
    }
    return new IndexedBlock(height, transfers, spenders, scripts);
  }

  private static void touch(Map<Hash, List<Integer>> scripts, Script script, int position) {
    if (script.isUnspendable()) {
      return;
    }
    List<Integer> positions = scripts.computeIfAbsent(script.hash(), hash -> new ArrayList<>(1));
    if (positions.isEmpty() || positions.get(positions.size() - 1) != position) {
      positions.add(position);
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
    for (List<Integer> positions : scripts.values()) {
      rows += positions.size();
    }
    return rows;
  }
}
