package network.tender.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import network.tender.chain.Block;
import network.tender.chain.MalformedException;
import network.tender.chain.Transaction;
import network.tender.ledger.Certificate;
import org.jspecify.annotations.Nullable;

/**
 * Reads and parses blocks, and hashes their transactions, on a thread of its own, a few blocks
 * ahead of who judges them. What goes wrong there comes out in its place, behind the blocks before
 * it.
 */
final class ReadAhead implements AutoCloseable {
  /** A block may take some tens of megabytes. */
  private static final int MAX_AHEAD = 8;

  private static final long CLOSE_MILLIS = TimeUnit.SECONDS.toMillis(2);

  /**
   * A block as it was read.
   *
   * @param block the parsed block, whose transactions know their hashes
   * @param certificate the validators' signatures, if the source has them
   */
  record ReadBlock(Block block, Optional<Certificate> certificate) {}

  private sealed interface Step {
    record Read(ReadBlock block) implements Step {}

    record End() implements Step {}

    record Failed(Exception failure) implements Step {}
  }

  private final BlockSource source;
  private final BlockingQueue<Step> steps = new ArrayBlockingQueue<>(MAX_AHEAD);
  private final Thread thread;
  private int height;
  private @Nullable Step last;

  /**
   * Begins to read.
   *
   * @param source used by no other thread until this is closed; it stays open
   * @param firstHeight height of the next block in it
   */
  ReadAhead(BlockSource source, int firstHeight) {
    this.source = source;
    this.height = firstHeight;
    this.thread = new Thread(this::readAll, "block-reader");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The next block; empty behind the last.
   *
   * @throws IOException if the source can't be read
   * @throws CommandFailure if what is there is no block
   */
  Optional<ReadBlock> next() throws IOException, InterruptedException {
    Step step = last;
    if (step == null) {
      step = steps.take();
    }
    if (step instanceof Step.Read read) {
      return Optional.of(read.block());
    }
    last = step;
    if (step instanceof Step.Failed failed) {
      throw rethrown(failed.failure());
    }
    return Optional.empty();
  }

  private static RuntimeException rethrown(Exception failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    return failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
  }

  private void readAll() {
    try {
      try {
        for (Optional<BlockSource.SourceBlock> raw = source.next();
            raw.isPresent();
            raw = source.next()) {
          steps.put(new Step.Read(parse(raw.get())));
          height++;
        }
        steps.put(new Step.End());
      } catch (IOException | RuntimeException e) {
        steps.put(new Step.Failed(e));
      }
    } catch (InterruptedException e) {
      // Nobody wants any more blocks.
      Thread.currentThread().interrupt();
    }
  }

  private ReadBlock parse(BlockSource.SourceBlock raw) {
    try {
      Block block = Block.parse(raw.raw());
      for (Transaction transaction : block.transactions()) {
        transaction.txid();
        transaction.wtxid();
      }
      return new ReadBlock(block, raw.certificate());
    } catch (MalformedException e) {
      throw new CommandFailure(
          "block-decode-failed", "Block " + height + " does not decode: " + e.getMessage(), e);
    }
  }

  /** Stops reading. A read that can't be interrupted, from a terminal say, is left behind. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
