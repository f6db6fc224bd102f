package network.tender.settlement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import network.tender.chain.Hash;
import network.tender.ledger.BlockValidator;
import network.tender.ledger.BlockValidator.Spend;
import network.tender.ledger.Rejection;
import network.tender.script.TransferVerifier;
import org.jspecify.annotations.Nullable;

/**
 * Checks signatures on all processors while the next blocks are connected. Whatever is checked
 * first, the failure found is the first in the chain's order. Spends come from one thread.
 */
public final class SignatureChecks implements AutoCloseable {
  /** Inputs in a chunk: some milliseconds of work, so that handing it over costs nothing. */
  private static final int CHUNK_INPUTS = 64;

  /** Chunks that wait or are being checked, for each thread. */
  private static final int CHUNKS_AHEAD = 64;

  /**
   * Signatures that do not hold.
   *
   * @param height of the block
   * @param blockHash its hash
   * @param position of the spend among those of the block, from 0
   * @param rejection why
   */
  public record Failure(int height, Hash blockHash, int position, Rejection rejection) {
    private boolean isBefore(int otherHeight, int otherPosition) {
      return height < otherHeight || (height == otherHeight && position < otherPosition);
    }
  }

  private record PlacedSpend(int height, Hash blockHash, int position, Spend spend) {}

  private final TransferVerifier verifier;
  private final int maxChunks;
  private final Semaphore room;
  private final ThreadPoolExecutor threads;
  private final AtomicReference<@Nullable Failure> first = new AtomicReference<>();
  private final AtomicReference<@Nullable Throwable> crash = new AtomicReference<>();
  private List<PlacedSpend> chunk = new ArrayList<>(CHUNK_INPUTS);
  private int chunkInputs;

  /**
   * Starts the threads.
   *
   * @param threadCount how many
   */
  public SignatureChecks(TransferVerifier verifier, int threadCount) {
    this.verifier = verifier;
    this.maxChunks = threadCount * CHUNKS_AHEAD;
    this.room = new Semaphore(maxChunks);
    this.threads =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxChunks),
            task -> {
              Thread thread = new Thread(task, "signature-check");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes the spends of the next block, which are checked soon; waits while too many others are.
   */
  public void add(int height, Hash blockHash, List<Spend> spends) throws InterruptedException {
    for (int i = 0; i < spends.size(); i++) {
      Spend spend = spends.get(i);
      chunk.add(new PlacedSpend(height, blockHash, i, spend));
      chunkInputs += spend.spent().size();
      if (chunkInputs >= CHUNK_INPUTS) {
        submit();
      }
    }
  }

  private void submit() throws InterruptedException {
    if (chunk.isEmpty()) {
      return;
    }
    List<PlacedSpend> full = chunk;
    chunk = new ArrayList<>(CHUNK_INPUTS);
    chunkInputs = 0;
    room.acquire();
    threads.execute(() -> run(full));
  }

  private void run(List<PlacedSpend> full) {
    try {
      check(full);
    } catch (RuntimeException | Error e) {
      crash.compareAndSet(null, e);
    } finally {
      room.release();
    }
  }

  private void check(List<PlacedSpend> full) {
    for (PlacedSpend placed : full) {
      Failure known = first.get();
      if (known != null && known.isBefore(placed.height, placed.position)) {
        return;
      }
      Optional<Rejection> rejection =
          BlockValidator.SignatureCheck.check(verifier, placed.spend, placed.position);
      if (rejection.isPresent()) {
        Failure found =
            new Failure(placed.height, placed.blockHash, placed.position, rejection.get());
        first.accumulateAndGet(found, SignatureChecks::earlier);
        return;
      }
    }
  }

  private static @Nullable Failure earlier(@Nullable Failure a, @Nullable Failure b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.isBefore(b.height, b.position) ? a : b;
  }

  /** True if some failure is known, perhaps not yet the first: no further block matters. */
  public boolean hasFailed() {
    return first.get() != null || crash.get() != null;
  }

  /** Waits until all is checked; the first failure in the chain's order, if there is one. */
  public Optional<Failure> await() throws InterruptedException {
    submit();
    room.acquire(maxChunks);
    room.release(maxChunks);
    Throwable crashed = crash.get();
    if (crashed != null) {
      throw new IllegalStateException("a signature check ended without a verdict", crashed);
    }
    return Optional.ofNullable(first.get());
  }

  /** Ends the threads; what is not yet checked is dropped. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
