package network.tender.journal;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.Map;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;

/** The stored set of coins, which stands at a height cursor behind the journal. */
public interface CoinStore {
  /** Height of the last block whose changes are in the store. */
  Future<Integer> cursor();

  /**
   * What is stored beside what should be.
   *
   * @param height where the store's cursor stands
   * @param coins number of stored coins
   * @param sat their sum
   * @param expected the journal's sums at that height
   */
  record Audit(int height, long coins, long sat, ChainTotals expected) {
    /** What is missing (positive) or too much (negative), in sat; anything but 0 is an alarm. */
    public long supplyDifferenceSat() {
      return expected.issued().sat() - expected.burned().sat() - sat;
    }

    /** How many coins are missing (positive) or too many (negative). */
    public long missingCoins() {
      return expected.coins() - coins;
    }
  }

  /**
   * Counts all stored coins, at one moment. It reads the whole store, and fails if that takes
   * longer than the database allows a statement.
   */
  Future<Audit> audit();

  /** The coins among these outpoints that are stored. */
  Future<Map<Outpoint, Coin>> load(Collection<Outpoint> outpoints);

  /**
   * How the store is laid out.
   *
   * @param runs sorted runs on disk, which are merged so that there are never many
   * @param bytes memory that knows where their coins are
   * @param mergeFailures how often a merge failed since the start
   * @param unreadPages pages that nobody reads and that are not removed yet
   */
  record Standing(int runs, long bytes, long mergeFailures, long unreadPages) {
    /** Of a store without runs. */
    public static final Standing NONE = new Standing(0, 0, 0, 0);
  }

  /** How the store is laid out now. */
  default Standing standing() {
    return Standing.NONE;
  }

  /** Writes changes and moves the cursor, in one transaction that also checks the lease. */
  Future<Void> flush(CoinChanges changes);

  /**
   * Stored coins of one script.
   *
   * @param scriptHash SHA-256 of the script
   * @param limit most coins to return
   */
  Future<Map<Outpoint, Coin>> ofScript(Hash scriptHash, int limit);
}
