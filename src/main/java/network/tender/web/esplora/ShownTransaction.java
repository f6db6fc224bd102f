package network.tender.web.esplora;

import io.vertx.core.json.JsonObject;
import java.util.List;
import network.tender.chain.Transaction;
import network.tender.journal.StoredBlock;
import network.tender.ledger.Coin;
import network.tender.ledger.PendingTransfer;

/**
 * A transaction with all that is shown of it.
 *
 * @param transaction the transaction
 * @param spent the coins it spends; empty for a coinbase
 * @param status where it stands
 * @param pending true if it is in no block yet
 */
record ShownTransaction(
    Transaction transaction, List<Coin> spent, JsonObject status, boolean pending) {
  static ShownTransaction of(PendingTransfer transfer) {
    return new ShownTransaction(
        transfer.transfer(), transfer.spent(), EsploraJson.unconfirmed(), true);
  }

  static ShownTransaction of(ChainReader.Located located) {
    return of(located.block(), located.position());
  }

  static ShownTransaction of(StoredBlock block, int position) {
    return new ShownTransaction(
        block.block().transactions().get(position),
        block.spent().get(position),
        EsploraJson.status(block),
        false);
  }

  /** The same without the block that it was read from, which may be large. */
  ShownTransaction detached() {
    List<Coin> coins =
        spent.stream()
            .map(c -> new Coin(c.amount(), c.script().detached(), c.height(), c.coinbase()))
            .toList();
    return new ShownTransaction(transaction.detached(), coins, status, pending);
  }

  /** About how long it is in JSON, in bytes. */
  long sourceBytes() {
    return transaction.size() + 100L * spent.size();
  }

  /** The same of several. */
  static long sourceBytes(List<ShownTransaction> all) {
    return all.stream().mapToLong(ShownTransaction::sourceBytes).sum();
  }
}
