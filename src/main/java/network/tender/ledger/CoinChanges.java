package network.tender.ledger;

import java.util.List;
import java.util.Map;
import network.tender.chain.Outpoint;

/**
 * What has to be written to the coin store so that it stands at {@link #height}. Coins that were
 * made and spent in between are in neither part. It may be read on any thread.
 */
public final class CoinChanges {
  private final int height;
  private final CoinRows created;
  private final List<Outpoint> spent;

  CoinChanges(int height, CoinRows created, List<Outpoint> spent) {
    this.height = height;
    this.created = created;
    this.spent = List.copyOf(spent);
  }

  /** The same from coins that are objects. */
  public CoinChanges(int height, Map<Outpoint, Coin> created, List<Outpoint> spent) {
    this(height, CoinRows.of(created), spent);
  }

  /** Height of the last block that is included: the store's new cursor. */
  public int height() {
    return height;
  }

  /** Coins to insert, made anew from flat memory by each call: not for an event loop. */
  public Map<Outpoint, Coin> created() {
    return created.toMap();
  }

  /** Stored coins to delete. */
  public List<Outpoint> spent() {
    return spent;
  }
}
