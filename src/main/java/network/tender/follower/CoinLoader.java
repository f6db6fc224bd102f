package network.tender.follower;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import network.tender.chain.Outpoint;
import network.tender.journal.CoinStore;
import network.tender.ledger.Coin;
import network.tender.ledger.CoinCache;
import network.tender.ledger.CoinLoad;
import network.tender.ledger.Ledger;
import network.tender.settlement.Writer;

/** Brings the coins that blocks spend together, from memory and store. On the writer's context. */
final class CoinLoader {
  /** Most outpoints of one statement. */
  private static final int MAX_OUTPOINTS = 4_000;

  private final Ledger ledger;
  private final CoinStore store;
  private final Writer writer;

  CoinLoader(Ledger ledger, CoinStore store, Writer writer) {
    this.ledger = ledger;
    this.store = store;
    this.writer = writer;
  }

  /** The unspent coins among these outpoints, as of the newest block. */
  Future<Map<Outpoint, Coin>> load(Collection<Outpoint> wanted) {
    Map<Outpoint, Coin> found = new HashMap<>();
    List<Outpoint> missing = new ArrayList<>();
    CoinCache coins = ledger.coins();
    for (Outpoint outpoint : wanted) {
      coins
          .coin(outpoint)
          .ifPresentOrElse(
              coin -> found.put(outpoint, coin),
              () -> {
                if (!coins.isSpentUnflushed(outpoint)) {
                  missing.add(outpoint);
                }
              });
    }
    return load(missing, 0, found);
  }

  private Future<Map<Outpoint, Coin>> load(
      List<Outpoint> missing, int from, Map<Outpoint, Coin> found) {
    if (from >= missing.size()) {
      return Future.succeededFuture(found);
    }
    int to = Math.min(missing.size(), from + MAX_OUTPOINTS);
    CoinLoad load = ledger.beginLoad(missing.subList(from, to));
    return writer
        .here(store.load(load.outpoints()))
        .compose(
            stored -> {
              if (!ledger.coins().loaded(load.epoch(), stored)) {
                // A flush has ended meanwhile, so these may have been read before it.
                return load(missing, from, found);
              }
              found.putAll(stored);
              return load(missing, to, found);
            });
  }
}
