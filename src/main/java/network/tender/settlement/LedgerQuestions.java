package network.tender.settlement;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.journal.CoinStore;
import network.tender.ledger.Coin;
import network.tender.ledger.Ledger;
import network.tender.ledger.Receipt;

/** Answers from memory and storage together. On the writer's context. */
public final class LedgerQuestions {
  /** How often a question begins anew because a flush ended under it. */
  private static final int MAX_READINGS = 5;

  private final Ledger ledger;
  private final SpendLookup lookup;
  private final CoinStore store;
  private final RecentReceipts recent;
  private final Writer writer;
  private final int readMillis;

  LedgerQuestions(
      Ledger ledger,
      SpendLookup lookup,
      CoinStore store,
      RecentReceipts recent,
      Writer writer,
      int readMillis) {
    this.ledger = ledger;
    this.lookup = lookup;
    this.store = store;
    this.recent = recent;
    this.writer = writer;
    this.readMillis = readMillis;
  }

  /**
   * Questions to a ledger and what it keeps.
   *
   * @param network name of the network
   * @param recent transfers settled lately
   * @param readMillis how long the database may take
   */
  public LedgerQuestions(
      String network,
      Ledger ledger,
      Storage storage,
      RecentReceipts recent,
      Writer writer,
      int readMillis) {
    this(ledger, new SpendLookup(network, storage), storage.coins(), recent, writer, readMillis);
  }

  /** The proof of a settled transfer, if it is settled. */
  public Future<Optional<Receipt>> receipt(Hash txid) {
    Optional<RecentReceipts.Settled> settled = recent.find(txid);
    return settled.isPresent()
        ? Future.succeededFuture(settled.map(LedgerQuestions::receiptOf))
        : limited(lookup.settled(txid)).map(place -> place.map(LedgerQuestions::receiptOf));
  }

  private static Receipt receiptOf(RecentReceipts.Settled settled) {
    return settled.receipts().receipt(settled.position());
  }

  /** A database that does not answer must not keep the few places for such work for ever. */
  private <T> Future<T> limited(Future<T> reading) {
    return reading.timeout(readMillis, TimeUnit.MILLISECONDS);
  }

  /**
   * Durable unspent coins of a script.
   *
   * @param scriptHash SHA-256 of the script
   * @param limit most coins to tell; of more, any so many are told
   */
  public Future<Map<Outpoint, Coin>> coinsOf(Hash scriptHash, int limit) {
    return coinsOf(scriptHash, limit, MAX_READINGS);
  }

  private Future<Map<Outpoint, Coin>> coinsOf(Hash scriptHash, int limit, int readings) {
    if (readings == 0) {
      return Future.failedFuture(new BusyException());
    }
    long epoch = ledger.coins().epoch();
    // So many of those stored may be spent already.
    int ask = limit + ledger.coins().unflushedChanges();
    return writer
        .here(limited(store.ofScript(scriptHash, ask)))
        .compose(
            stored -> {
              Map<Outpoint, Coin> coins = new HashMap<>(stored);
              coins.keySet().removeIf(ledger.coins()::isSpentUnflushed);
              boolean tooFew = stored.size() == ask && coins.size() < limit;
              if (tooFew || ledger.coins().epoch() != epoch) {
                // A flush has ended meanwhile: the two parts may not fit each other.
                return coinsOf(scriptHash, limit, readings - 1);
              }
              coins.putAll(ledger.coins().unflushedOfScript(scriptHash));
              Iterator<Outpoint> surplus = coins.keySet().iterator();
              while (coins.size() > limit) {
                surplus.next();
                surplus.remove();
              }
              return Future.succeededFuture(coins);
            });
  }
}
