package network.tender.settlement;

import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.chain.RecentHashes;
import network.tender.ledger.Receipts;
import network.tender.ledger.SealedBlock;
import org.jspecify.annotations.Nullable;

/**
 * The places of transfers settled lately, for senders who ask again. The writer's.
 *
 * <p>Nothing of a transfer is kept but its txid and its place, and of a block but its merkle tree:
 * under load a transfer is here for seconds, which is how long objects must live to be the dearest
 * for a garbage collector.
 */
public final class RecentReceipts {
  /**
   * A settled transfer.
   *
   * @param receipts of its block
   * @param position its number in the block
   */
  public record Settled(Receipts receipts, int position) {}

  /** Most transfers that are kept; more than a full block holds. */
  private static final int MAX_TRANSFERS = 50_000;

  private final RecentHashes txids;
  private final @Nullable Receipts[] receipts;
  private final int[] positions;

  /**
   * Of no transfers yet.
   *
   * @param salt see {@link RecentHashes}
   */
  public RecentReceipts(long salt) {
    this(MAX_TRANSFERS, salt);
  }

  RecentReceipts(int maxTransfers, long salt) {
    this.txids = new RecentHashes(maxTransfers, salt);
    this.receipts = new Receipts[maxTransfers];
    this.positions = new int[maxTransfers];
  }

  /** Takes in a block; the oldest transfers go when there are too many. */
  public void add(SealedBlock block, Receipts blockReceipts) {
    for (int i = 1; i <= block.transferCount(); i++) {
      int slot = txids.add(block.block().transactions().get(i).txid());
      receipts[slot] = blockReceipts;
      positions[slot] = i;
    }
  }

  /** The place of a transfer settled lately. */
  public Optional<Settled> find(Hash txid) {
    int slot = txids.find(txid);
    if (slot == RecentHashes.NONE || receipts[slot] == null) {
      return Optional.empty();
    }
    return Optional.of(new Settled(receipts[slot], positions[slot]));
  }
}
