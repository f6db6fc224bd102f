package network.tender.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
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
 */
final class IndexedBlock {
  /**
   * What one transaction does to one script.
   *
   * @param position of the transaction
   * @param totals one transaction, its outputs that pay to the script and the coins of the script
   *     that it spends
   */
  record Touch(int position, ScriptTotals totals) {}

  private final int height;
  private final BlockRows transfers;
  private final BlockRows spenders;
  private final BlockRows scripts;

  private IndexedBlock(int height, BlockRows transfers, BlockRows spenders, BlockRows scripts) {
    this.height = height;
    this.transfers = transfers;
    this.spenders = spenders;
    this.scripts = scripts;
  }

  static IndexedBlock of(int height, Block block, List<List<Coin>> spent) {
    List<Transaction> transactions = block.transactions();
    int inputs = 0;
    int touches = 0;
    for (int position = 0; position < transactions.size(); position++) {
      inputs += transactions.get(position).inputCount();
      touches += spent.get(position).size() + transactions.get(position).outputCount();
    }
    BlockRows transfers = new BlockRows(transactions.size(), false);
    BlockRows spenders = new BlockRows(inputs, false);
    BlockRows scripts = new BlockRows(touches, true);
    for (int position = 0; position < transactions.size(); position++) {
      Transaction transaction = transactions.get(position);
      Hash txid = transaction.txid();
      transfers.add(IndexBatch.key(txid), txid, position);
      if (!transaction.isCoinbase()) {
        for (int i = 0; i < transaction.inputCount(); i++) {
          Outpoint prevout = transaction.prevout(i);
          spenders.add(IndexBatch.key(prevout), prevout.txid(), position);
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
    return new IndexedBlock(height, transfers.sorted(), spenders.sorted(), scripts.sorted());
  }

  private static void touch(
      BlockRows scripts,
      Script script,
      int position,
      int fundedCount,
      long fundedSat,
      int spentCount,
      long spentSat) {
    if (script.isUnspendable()) {
      return;
    }
    Hash hash = script.hash();
    scripts.add(IndexBatch.key(hash), hash, position, fundedCount, fundedSat, spentCount, spentSat);
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

  /** The block's height. */
  int height() {
    return height;
  }

  /** What it adds to the index under a kind of key, sorted. */
  BlockRows rows(IndexKind kind) {
    return switch (kind) {
      case TRANSFER -> transfers;
      case SPENDER -> spenders;
      case SCRIPT -> scripts;
    };
  }

  /** The position of the transaction with a txid. */
  OptionalInt transfer(Hash txid) {
    return position(transfers, IndexBatch.key(txid), txid);
  }

  /** The position of the transaction that spends an output. */
  OptionalInt spender(Outpoint outpoint) {
    // The key is their sum: with the txid known, it tells the output's number too.
    return position(spenders, IndexBatch.key(outpoint), outpoint.txid());
  }

  private static OptionalInt position(BlockRows rows, long key, Hash hash) {
    int row = rows.next(rows.first(key), key, hash);
    return row < 0 ? OptionalInt.empty() : OptionalInt.of(rows.position(row));
  }

  /** What is done to a script, ascending by position. */
  List<Touch> touches(Hash scriptHash) {
    long key = IndexBatch.key(scriptHash);
    int row = next(key, scripts.first(key), scriptHash);
    if (row < 0) {
      return List.of();
    }
    List<Touch> touches = new ArrayList<>();
    while (row >= 0) {
      touches.add(new Touch(scripts.position(row), scripts.totals(row)));
      row = next(key, row + 1, scriptHash);
    }
    return touches;
  }

  /** True if anything is done to a script. */
  boolean knows(Hash scriptHash) {
    long key = IndexBatch.key(scriptHash);
    return next(key, scripts.first(key), scriptHash) >= 0;
  }

  private int next(long key, int from, Hash hash) {
    return scripts.next(from, key, hash);
  }

  /** Number of rows that it becomes. */
  int rows() {
    return transfers.size() + spenders.size() + scripts.size();
  }
}
