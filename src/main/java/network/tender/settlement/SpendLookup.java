package network.tender.settlement;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.journal.ChainIndex;
import network.tender.ledger.Receipts;

/** Looks settled transfers up where memory does not reach: in the index and the journal. */
final class SpendLookup {
  /** A transfer may have thousands of inputs; who spent one of the first is answer enough. */
  private static final int MAX_OUTPOINTS = 32;

  /** What is known of a transfer whose coins are not there. */
  sealed interface Found {
    /** It is settled itself. */
    record Settled(RecentReceipts.Settled place) implements Found {}

    /** Another transfer has spent a coin of it. */
    record SpentBy(Outpoint outpoint, Hash winner) implements Found {}

    /** Nothing. */
    record Nothing() implements Found {}
  }

  private final String network;
  private final Storage storage;

  SpendLookup(String network, Storage storage) {
    this.network = network;
    this.storage = storage;
  }

  /** Why the coins of a transfer are not there; fails where there is no index to tell. */
  Future<Found> explain(Transaction transfer, List<Outpoint> missing) {
    return settled(transfer.txid())
        .compose(
            place ->
                place.isPresent()
                    ? Future.succeededFuture(new Found.Settled(place.get()))
                    : spender(missing.subList(0, Math.min(missing.size(), MAX_OUTPOINTS))));
  }

  private Future<Found> spender(List<Outpoint> missing) {
    return storage
        .index()
        .spending(missing)
        .compose(
            spending ->
                spending
                    .map(this::winner)
                    .orElseGet(() -> Future.succeededFuture(new Found.Nothing())));
  }

  private Future<Found> winner(ChainIndex.Spending spending) {
    ChainIndex.Place place = spending.place();
    return storage
        .journal()
        .byHeight(place.height())
        .map(
            block ->
                new Found.SpentBy(
                    spending.outpoint(),
                    block.orElseThrow().block().transactions().get(place.position()).txid()));
  }

  /** The place of a settled transfer, wherever in the chain. */
  Future<Optional<RecentReceipts.Settled>> settled(Hash txid) {
    return storage
        .index()
        .find(txid)
        .compose(
            place ->
                place.isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : storage
                        .journal()
                        .byHeight(place.get().height())
                        .map(
                            stored ->
                                stored.map(
                                    block ->
                                        new RecentReceipts.Settled(
                                            new Receipts(
                                                network,
                                                block.height(),
                                                block.block(),
                                                block.timeMillis(),
                                                block.certificate()),
                                            place.get().position()))));
  }
}
