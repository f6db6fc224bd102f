package network.tender.settlement;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import network.tender.ledger.Resolution;
import network.tender.script.ScriptError;
import network.tender.script.ScriptVerdict;
import network.tender.script.TransferVerifier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fixed number of threads that check signatures, batch by batch: handing one transfer over costs
 * as much as a tenth of checking it.
 */
final class SignatureWorkers {
  /** Inputs of a transfer that other transfers can wait for: some three milliseconds' work. */
  private static final int MAX_QUICK_INPUTS = 64;

  private static final Logger LOG = LoggerFactory.getLogger(SignatureWorkers.class);

  private final TransferVerifier verifier;
  private final ThreadPoolExecutor threads;
  private final int threadCount;
  private final int maxBatch;
  private final Consumer<List<Flight>> verified;

  /**
   * Starts the threads.
   *
   * @param name of the threads
   * @param maxBatch most transfers of a batch
   * @param maxBatches most batches that wait; more are refused
   * @param verified gets each batch back, on the worker's thread, with verdicts filled in
   */
  SignatureWorkers(
      String name,
      TransferVerifier verifier,
      int threadCount,
      int maxBatch,
      int maxBatches,
      Consumer<List<Flight>> verified) {
    this.verifier = verifier;
    this.threadCount = threadCount;
    this.maxBatch = maxBatch;
    this.verified = verified;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxBatches),
            task -> {
              Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** True if checking a transfer takes so long that others must not wait behind it. */
  static boolean isSlow(Resolution.Resolved resolved) {
    return resolved.transfer().inputCount() > MAX_QUICK_INPUTS
        || !TransferVerifier.areKeySpends(resolved.transfer(), resolved.spentOutputs());
  }

  /** Checks flights that are resolved; those that could not be queued are returned. */
  List<Flight> verify(List<Flight> flights) {
    int size = Math.min(maxBatch, (flights.size() + threadCount - 1) / threadCount);
    for (int from = 0; from < flights.size(); from += size) {
      List<Flight> batch =
          List.copyOf(flights.subList(from, Math.min(flights.size(), from + size)));
      try {
        threads.execute(() -> verifyBatch(batch));
      } catch (RejectedExecutionException e) {
        return flights.subList(from, flights.size());
      }
    }
    return List.of();
  }

  /** Batches that no thread has begun with. */
  int waitingBatches() {
    return threads.getQueue().size();
  }

  private void verifyBatch(List<Flight> batch) {
    for (Flight flight : batch) {
      flight.verdict = verdict(flight);
    }
    verified.accept(batch);
  }

  private ScriptVerdict verdict(Flight flight) {
    Resolution.Resolved resolved = flight.resolved;
    if (resolved == null) {
      throw new IllegalStateException("verified before resolved");
    }
    try {
      return verifier.verify(flight.transfer, resolved.spentOutputs());
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      // A bug in a check must never let a transfer through, nor stop the others.
      LOG.error("Checking the signatures of {} failed", flight.transfer, e);
      return new ScriptVerdict.Invalid(0, ScriptError.UNKNOWN_ERROR);
    }
  }

  void close() {
    threads.shutdownNow();
  }
}
