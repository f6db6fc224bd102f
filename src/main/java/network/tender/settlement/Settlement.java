package network.tender.settlement;

import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import network.tender.chain.Hash;
import network.tender.chain.Outpoint;
import network.tender.chain.Transaction;
import network.tender.ledger.ChainTotals;
import network.tender.ledger.Coin;
import network.tender.ledger.Receipt;
import network.tender.ledger.SealedBlock;

/**
 * The door to the single writer. Every method may be called from any thread; a Future completes on
 * the Vert.x context it was called from.
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

  /** Takes a transfer through checks, block and commit. Never fails: trouble is an Outcome. */
  Future<Outcome> submit(Transaction transfer, Wait wait);

  /** The proof of a settled transfer, if it is settled. */
  Future<Optional<Receipt>> receipt(Hash txid);

  /** Whether a transfer is accepted and waits for its block. */
  Future<Boolean> isPending(Hash txid);

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
}
