package network.tender.ledger;

import java.util.List;
import java.util.Map;
import network.tender.chain.Outpoint;

/**
 * What has to be written to the coin store so that it stands at {@link #height}. Coins that were
 * made and spent in between are in neither part.
 *
 * @param height height of the last block that is included: the store's new cursor
 * @param created coins to insert
 * @param spent stored coins to delete
 */
public record CoinChanges(int height, Map<Outpoint, Coin> created, List<Outpoint> spent) {}
