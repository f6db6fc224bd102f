package network.tender.journal;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.Map;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinChanges;

/** The stored set of coins, which stands at a height cursor behind the journal. */
public interface CoinStore {
  /** Height of the last block whose changes are in the store. */
  Future<Integer> cursor();

  /** The coins among these outpoints that are stored; one statement, sorted keys. */
  Future<Map<Outpoint, Coin>> load(Collection<Outpoint> outpoints);

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
