package network.tender.settlement;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.chain.Transaction;
import network.tender.ledger.Receipts;
import network.tender.ledger.SealedBlock;

/** The places of transfers settled lately, for senders who ask again. The writer's. */
public final class RecentReceipts {
  /**
   * A settled transfer.
   *
   * @param receipts of its block
   * @param position its number in the block
   */
  public record Settled(Receipts receipts, int position) {}

  private final int maxTransfers;
  private final Map<Hash, Settled> places = new HashMap<>();
  private final Deque<List<Transaction>> blocks = new ArrayDeque<>();

  /** Most transfers that are kept. */
  private static final int MAX_TRANSFERS = 50_000;

  /** Of no transfers yet. */
  public RecentReceipts() {
    this(MAX_TRANSFERS);
  }

  RecentReceipts(int maxTransfers) {
    this.maxTransfers = maxTransfers;
  }

  /** Takes in a block; the oldest blocks go when there are too many transfers. */
  public void add(SealedBlock block, Receipts receipts) {
    List<Transaction> transactions = block.block().transactions();
    for (int i = 1; i < transactions.size(); i++) {
      places.put(transactions.get(i).txid(), new Settled(receipts, i));
    }
    blocks.addLast(transactions);
    while (places.size() > maxTransfers && blocks.size() > 1) {
      List<Transaction> oldest = blocks.removeFirst();
      for (int i = 1; i < oldest.size(); i++) {
        places.remove(oldest.get(i).txid());
      }
    }
  }

  /** The place of a transfer settled lately. */
  public Optional<Settled> find(Hash txid) {
    return Optional.ofNullable(places.get(txid));
  }
}
