package network.tender.ledger;

import java.util.List;
import java.util.Map;
import network.tender.chain.Outpoint;

/**
 * What has to be written to the coin store so that it stands at {@link #height}. Coins that were
 * made and spent in between are in neither part. It may be read on any thread.
 *
 * <p>It is in flat memory, for it waits for the store as long as that takes. Objects are made of
 * one coin at a time.
 */
public final class CoinChanges {
  private final int height;
  private final CoinRows created;
  private final CoinRows spent;

  CoinChanges(int height, CoinRows created, CoinRows spent) {
    this.height = height;
    this.created = created;
    this.spent = spent;
  }

  /** The same from coins that are objects. */
  public CoinChanges(int height, Map<Outpoint, Coin> created, Map<Outpoint, Coin> spent) {
    this(height, CoinRows.of(created), CoinRows.of(spent));
  }

  /** Height of the last block that is included: the store's new cursor. */
  public int height() {
    return height;
  }

  /** How many coins to insert. */
  public int createdCount() {
    return created.count();
  }

  /** How many stored coins to delete. */
  public int spentCount() {
    return spent.count();
  }

  /** All coins to insert, made anew by each call. */
  public Map<Outpoint, Coin> created() {
    return created.toMap();
  }

  /** All stored coins to delete, made anew by each call. */
  public List<Outpoint> spent() {
    return List.copyOf(spent.toMap().keySet());
  }

  /**
   * Which coin to insert is the n-th.
   *
   * @param n 0 to {@link #createdCount} - 1
   */
  public Outpoint createdOutpoint(int n) {
    return created.outpoint(n);
  }

  /** What the n-th coin to insert is. */
  public Coin createdCoin(int n) {
    return created.coin(n);
  }

  /**
   * Which stored coin to delete is the n-th.
   *
   * @param n 0 to {@link #spentCount} - 1
   */
  public Outpoint spentOutpoint(int n) {
    return spent.outpoint(n);
  }

  /** What the n-th stored coin to delete is. */
  public Coin spentCoin(int n) {
    return spent.coin(n);
  }
}
