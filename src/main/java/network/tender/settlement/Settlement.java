package network.tender.settlement;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.PendingTransfer;
import network.tender.ledger.Receipt;
import network.tender.ledger.SealedBlock;

/**
 * The door to the chain: to its single writer, or to a copy of it. Every method may be called from
 * any thread; a Future completes on the Vert.x context it was called from.
 *
 * <p>What is said of one moment fits together in one order only. A transfer leaves the pending ones
 * after the chain index and the journal answer with its block, so who asks for pending transfers
 * first and then the index misses none (and may see one twice). And {@link #status} names a block
 * before the index does, so an answer never holds a block above it.
 */
public interface Settlement {
  /** How long a caller of {@link #submit} wants to wait. */
  enum Wait {
    /** Until the transfer is durable. */
    SETTLED,
    /** Until it is accepted as pending. */
    ACCEPTED
  }

  /**
   * What the chain looks like now.
   *
   * @param height height of the newest durable block
   * @param hash its hash
   * @param timeMillis when it was sealed
   * @param totals sums over the chain
   * @param pendingTransfers accepted but not durable
   */
  record Status(int height, Hash hash, long timeMillis, ChainTotals totals, int pendingTransfers) {}

  /**
   * What is pending at one moment. With all blocks up to the height it is everything that was ever
   * accepted, each transfer once.
   *
   * @param height height of the newest durable block at that moment
   * @param transfers the pending ones, oldest first; those of the block in flight are among them
   */
  record Pending(int height, List<PendingTransfer> transfers) {}

  /**
   * True if a transfer that is handed in now would be {@link Outcome.Cause#BUSY}; it counts as
   * turned away then. Whoever asks first is spared reading what would be turned away.
   */
  default boolean turnsAway() {
    return false;
  }

  /** Takes a transfer through checks, block and commit. Never fails: trouble is an Outcome. */
  Future<Outcome> submit(Transaction transfer, Wait wait);

  /** The proof of a settled transfer, if it is settled. */
  Future<Optional<Receipt>> receipt(Hash txid);

  /** Whether a transfer is accepted and waits for its block. */
  default Future<Boolean> isPending(Hash txid) {
    return pending(txid).map(Optional::isPresent);
  }

  /** A transfer that is accepted and not durable; none where no transfer ever waits. */
  default Future<Optional<PendingTransfer>> pending(Hash txid) {
    return Future.succeededFuture(Optional.empty());
  }

  /**
   * The pending transfers that spend some outputs.
   *
   * @param outpoints the outputs
   * @return by output; without those that no pending transfer spends
   */
  default Future<Map<Outpoint, PendingTransfer>> pendingSpenders(Collection<Outpoint> outpoints) {
    return Future.succeededFuture(Map.of());
  }

  /**
   * All pending transfers at one moment, with all that were accepted before the question. Those who
   * ask at the same time share one unmodifiable list; it is the same list as last time if nothing
   * has changed.
   */
  default Future<Pending> pendingTransfers() {
    return Future.succeededFuture(new Pending(status().height(), List.of()));
  }

  /**
   * Durable unspent coins of a script.
   *
   * @param scriptHash SHA-256 of the script
   * @param limit most coins to tell; of more, any so many are told
   */
  Future<Map<Outpoint, Coin>> coinsOf(Hash scriptHash, int limit);

  /** The newest durable state. */
  Status status();

  /**
   * Tells a listener of every block right after it became durable, in order, on the writer's
   * context: it must return at once.
   *
   * @return closes the subscription
   */
  Runnable onBlock(Consumer<SealedBlock> listener);

  /**
   * Tells a listener of every transfer once it is pending, and before {@link #onBlock} tells of its
   * block, on the writer's context: it must return at once. Whoever asks for {@link
   * #pendingTransfers} after this misses none.
   *
   * @return closes the subscription
   */
  default Runnable onPending(Consumer<PendingTransfer> listener) {
    return () -> {};
  }
}
