package network.tender.script;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import network.tender.chain.ByteWriter;
import network.tender.chain.Hash;
import network.tender.chain.Hashing;
import network.tender.chain.RecentHashes;
import network.tender.chain.Transaction;
import network.tender.chain.TransferOutput;

/**
 * Transfers that were found good by the ledger's rules, so that one that is sent again, after the
 * node was too busy or its coins had moved, is not checked again. Bounded: the oldest are
 * forgotten. Safe for any thread.
 *
 * <p>The name under which a transfer is kept stands for all that a check looks at: its bytes with
 * the witness, and each output that it spends. Scripts are framed by their lengths, so that no two
 * different lists of outputs give the same bytes; the salt keeps others from looking for collisions
 * beforehand.
 */
public final class VerifiedTransfers {
  private final int capacity;
  private final byte[] salt;
  private final RecentHashes names;
  private final AtomicLong hits = new AtomicLong();

  /**
   * An empty memory.
   *
   * @param capacity most transfers that are kept; 0 keeps none
   * @param salt random bytes of this process
   */
  public VerifiedTransfers(int capacity, byte[] salt) {
    this.capacity = capacity;
    this.salt = salt.clone();
    // The names depend on the salt already, so that nobody can choose them.
    this.names = new RecentHashes(Math.max(1, capacity), 0);
  }

  /** One that remembers nothing. */
  public static VerifiedTransfers none() {
    return new VerifiedTransfers(0, new byte[0]);
  }

  /** How many transfers did not have to be checked again. */
  public long hits() {
    return hits.get();
  }

  /** How many transfers are kept. */
  public synchronized int size() {
    return names.size();
  }

  Hash name(Transaction transaction, List<TransferOutput> spent) {
    ByteWriter writer = new ByteWriter(salt.length + 32 + spent.size() * 48);
    writer.write(salt, 0, salt.length).writeHash(transaction.wtxid());
    for (TransferOutput output : spent) {
      writer.writeLong(output.amount().sat()).writeSized(output.script());
    }
    return Hash.of(Hashing.sha256(writer.toBytes()));
  }

  boolean isEnabled() {
    return capacity > 0;
  }

  synchronized boolean contains(Hash name) {
    boolean known = names.find(name) != RecentHashes.NONE;
    if (known) {
      hits.incrementAndGet();
    }
    return known;
  }

  synchronized void add(Hash name) {
    names.add(name);
  }
}
