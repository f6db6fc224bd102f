package network.tender.journal;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import network.tender.chain.Hash;
import network.tender.ledger.CertifiedBlock;
import network.tender.ledger.SealedBlock;

/** The block journal: the truth that everything else is derived from. */
public interface Journal {
  /**
   * How an append ended. A doubtful commit is read back until it is certain, unless the journal is
   * closed before.
   */
  sealed interface Appended {
    /** The block and its participants' rows are durable. */
    record Durable() implements Appended {}

    /**
     * Nothing was written and never will be: another process has become the writer.
     *
     * @param explanation who or what, one sentence for the operator
     */
    record LeaseLost(String explanation) implements Appended {}

    /**
     * The journal was closed while the database was away. Whether the block is durable is found out
     * by the next start, and nothing may be said of it before.
     */
    record Closed() implements Appended {}
  }

  /**
   * Makes a block durable, with what its participants write. Completes only when the outcome is
   * certain; as long as the database is away it keeps trying the same block, and {@link
   * #isAvailable} is false.
   */
  Future<Appended> append(SealedBlock block);

  /**
   * Makes consecutive blocks durable in as few transactions as is sensible, as {@link #append}
   * does. If the lease is lost, some of the first ones may be durable.
   */
  default Future<Appended> appendAll(List<SealedBlock> blocks) {
    Future<Appended> result = Future.succeededFuture(new Appended.Durable());
    for (SealedBlock block : blocks) {
      result =
          result.compose(
              appended ->
                  appended instanceof Appended.Durable
                      ? append(block)
                      : Future.succeededFuture(appended));
    }
    return result;
  }

  /** False while the database does not take writes: refuse new work, keep what is pending. */
  boolean isAvailable();

  /**
   * How long the write under way has been without any answer of the database; zero if there is
   * none.
   */
  default Duration silence() {
    return Duration.ZERO;
  }

  /** How many attempts at the write under way have failed; 0 if there is none. */
  default int failedAttempts() {
    return 0;
  }

  /** The block at a height, if the chain is that long. */
  Future<Optional<StoredBlock>> byHeight(int height);

  /** The block of a hash. */
  Future<Optional<StoredBlock>> byHash(Hash hash);

  /** Up to {@code maxBlocks} consecutive blocks from a height upwards; empty behind the tip. */
  Future<List<StoredBlock>> read(int fromHeight, int maxBlocks);

  /**
   * Consecutive blocks as they are stored, for another node that verifies them.
   *
   * @param fromHeight height of the first
   * @param maxBlocks how many at most
   * @param maxBytes what they may take together, unless the first alone takes more
   */
  default Future<List<CertifiedBlock>> certified(int fromHeight, int maxBlocks, int maxBytes) {
    return read(fromHeight, maxBlocks)
        .map(
            blocks -> {
              List<CertifiedBlock> certified = new ArrayList<>(blocks.size());
              int bytes = 0;
              for (StoredBlock block : blocks) {
                byte[] raw = block.block().toBytes();
                bytes += raw.length;
                if (bytes > maxBytes && !certified.isEmpty()) {
                  break;
                }
                certified.add(
                    new CertifiedBlock(block.height(), raw, block.certificate().toBytes()));
              }
              return certified;
            });
  }

  /**
   * Header times of consecutive blocks, Unix seconds, without reading the blocks.
   *
   * @param fromHeight height of the first
   * @param count how many at most; fewer at the tip
   */
  Future<List<Long>> headerTimes(int fromHeight, int count);

  /** The newest block; the genesis block on an empty chain. */
  Future<StoredBlock> tip();
}
