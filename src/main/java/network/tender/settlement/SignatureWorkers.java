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
  /** Small enough that a lone batch does not delay the first of its transfers noticeably. */
  private static final int MAX_BATCH = 32;

  private static final Logger LOG = LoggerFactory.getLogger(SignatureWorkers.class);

  private final TransferVerifier verifier;
  private final ThreadPoolExecutor threads;
  private final int threadCount;
  private final Consumer<List<Flight>> verified;

  /**
   * Starts the threads.
   *
   * @param maxBatches most batches that wait; more are refused
   * @param verified gets each batch back, on the worker's thread, with verdicts filled in
   */
  SignatureWorkers(
      TransferVerifier verifier, int threadCount, int maxBatches, Consumer<List<Flight>> verified) {
    this.verifier = verifier;
    this.threadCount = threadCount;
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
              Thread thread = new Thread(task, "tender-signatures-" + number.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Checks flights that are resolved; those that could not be queued are returned. */
  List<Flight> verify(List<Flight> flights) {
    int size = Math.min(MAX_BATCH, (flights.size() + threadCount - 1) / threadCount);
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
      return new ScriptVerdict.Invalid(0, ScriptError.UNSUPPORTED_SCRIPT);
    }
  }

  void close() {
    threads.shutdownNow();
  }
}
